# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator

import kornia.enhance
import numpy as np
import torch
from PIL import Image, ImageOps

from foveal.enhance import solarize
from tests.contract import Make, Sample, call
from tests.enhance.case import AdjustmentCase


class TestSolarize(AdjustmentCase):
    operation = staticmethod(solarize)
    peer = staticmethod(kornia.enhance.solarize)
    image_name = "input"
    low, high = -0.25, 1.25
    options = (
        {"thresholds": [0.25, 0.75], "additions": [0.2, -0.3]},
        {"thresholds": 0.4},
        {"thresholds": 0.4, "additions": 0.2},
        {},
    )

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        yield from super().invalid(make)
        yield ValueError, r"additions must be in \[-0.5, 0.5\], got 0.75", call(make.uniform(2, 3, 4, 4), 0.5, 0.75)


def test_bytes_are_pillows() -> None:
    image = torch.arange(256, dtype=torch.uint8).expand(3, 16, 256).contiguous()
    picture = Image.fromarray(image.permute(1, 2, 0).numpy())
    for threshold in (0, 100, 128, 255):
        expected = torch.from_numpy(np.array(ImageOps.solarize(picture, threshold))).permute(2, 0, 1)
        for function in (solarize, solarize.reference):
            # Half a level below it, so that the threshold itself counts as above.
            assert function(image, (threshold - 0.5) / 255).equal(expected)


def test_values_at_the_threshold_are_inverted() -> None:
    image = torch.tensor([[0.25, 0.5, 0.75, torch.nan] * 5])
    for function in (solarize, solarize.reference):
        found = function(image, 0.5)[0, :4]
        torch.testing.assert_close(found, torch.tensor([0.25, 0.5, 0.25, torch.nan]), equal_nan=True)
        assert function(torch.tensor([[0.125]]), 0.125) == 0.875
