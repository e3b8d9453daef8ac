# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator

import kornia.enhance
import numpy as np
import torch
from PIL import Image, ImageEnhance

from foveal.enhance import sharpness
from tests.contract import Make, Sample, call
from tests.enhance.case import AdjustmentCase


class TestSharpness(AdjustmentCase):
    operation = staticmethod(sharpness)
    peer = staticmethod(kornia.enhance.sharpness)
    image_name = "input"
    low, high = -0.5, 1.5
    options = (
        {"factor": [1.75, 0.25]},
        {"factor": 0.3},
        {"factor": 3.0},
        {"factor": -1.5},
        {"factor": 1.0},
        {"factor": 0.0},
    )

    def samples(self, make: Make) -> Iterator[Sample]:
        for options in self.options:
            yield call(self.images(make, 2, 3, 4, 5), **self.filled(make, options))
        for shape in ((3, 7, 5), (2, 2, 1, 3, 3), (5, 4), (1, 2, 3, 9)):
            yield call(self.images(make, *shape), 1.5)
        yield call(self.images(make, 1, 2, 3, 4, 5), make.tensor([0.5, 1.5]))

    def special(self, make: Make) -> Iterator[Sample]:
        for value in (0.0, 0.5, 1.0):
            yield call(make.tensor(torch.full((1, 2, 4, 4), value)), 2.0)
        yield call(make.tensor(torch.zeros(0, 3, 4, 4)), 2.0)

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        yield from super().invalid(make)
        yield ValueError, "input must have at least 3x3 pixels", call(make.uniform(2, 3, 2, 4), 1.0)
        yield ValueError, r"one value an image, got shape \(2, 3\)", call(make.uniform(2, 3, 4, 4), make.uniform(2, 3))


def test_bytes_are_pillows() -> None:
    image = torch.randint(0, 256, (3, 20, 30), dtype=torch.uint8)
    picture = Image.fromarray(image.permute(1, 2, 0).numpy())
    for factor in (0.0, 0.5, 1.0, 1.7):
        expected = torch.from_numpy(np.array(ImageEnhance.Sharpness(picture).enhance(factor))).permute(2, 0, 1)
        for function in (sharpness, sharpness.reference):
            # Pillow rounds the smoothed image to bytes first.
            assert (function(image, factor).int() - expected.int()).abs().max() <= 1
