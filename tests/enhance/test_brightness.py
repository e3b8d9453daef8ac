# SPDX-License-Identifier: Apache-2.0
import kornia.enhance
import numpy as np
import torch
from PIL import Image, ImageEnhance

from foveal.enhance import (
    AdjustBrightness,
    AdjustBrightnessAccumulative,
    adjust_brightness,
    adjust_brightness_accumulative,
)
from tests.enhance.case import AdjustmentCase


class TestAdjustBrightness(AdjustmentCase):
    operation = staticmethod(adjust_brightness)
    module_form = AdjustBrightness
    peer = staticmethod(kornia.enhance.adjust_brightness)
    low, high = -0.25, 1.25
    options = (
        {"factor": [0.25, -0.25]},
        {"factor": 0.3},
        {"factor": -0.3, "clip_output": False},
        {"factor": [[0.1, 0.2, 0.3], [-0.1, -0.2, -0.3]]},
        {"factor": [[0.1], [0.2]]},
    )


class TestAdjustBrightnessAccumulative(TestAdjustBrightness):
    operation = staticmethod(adjust_brightness_accumulative)
    module_form = AdjustBrightnessAccumulative
    peer = staticmethod(kornia.enhance.adjust_brightness_accumulative)


def test_factors_along_leading_dimensions() -> None:
    image = torch.rand(2, 4, 3, 5, 6)
    factor = torch.tensor([[0.0, 1.0, 2.0, 3.0], [4.0, 5.0, 6.0, 7.0]])
    found = adjust_brightness(image, factor, clip_output=False)
    torch.testing.assert_close(found, image + factor.view(2, 4, 1, 1, 1))
    torch.testing.assert_close(adjust_brightness(image[0, 0, 0], 0.5), (image[0, 0, 0] + 0.5).clamp(0, 1))


def test_bytes_are_pillows() -> None:
    image = torch.randint(0, 256, (3, 20, 30), dtype=torch.uint8)
    picture = Image.fromarray(image.permute(1, 2, 0).numpy())
    for factor in (0.0, 0.5, 1.0, 1.7):
        expected = torch.from_numpy(np.array(ImageEnhance.Brightness(picture).enhance(factor))).permute(2, 0, 1)
        found = adjust_brightness_accumulative(image, factor)
        assert (found.int() - expected.int()).abs().max() <= 1
