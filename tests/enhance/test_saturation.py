# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator

import kornia.enhance
import numpy as np
import pytest
import torch
from PIL import Image, ImageEnhance

from foveal.color import hsv_to_rgb, rgb_to_hsv
from foveal.enhance import (
    AdjustSaturation,
    AdjustSaturationWithGraySubtraction,
    adjust_saturation,
    adjust_saturation_raw,
    adjust_saturation_with_gray_subtraction,
)
from tests.contract import Make, Sample, call
from tests.enhance.case import AdjustmentCase


class TestAdjustSaturation(AdjustmentCase):
    operation = staticmethod(adjust_saturation)
    module_form = AdjustSaturation
    peer = staticmethod(kornia.enhance.adjust_saturation)
    options = (
        {"factor": [1.75, 0.25]},
        {"factor": 1.3},
        {"factor": 3.0},
        {"factor": -0.5},
        {"factor": 0.0},
        {"factor": 1.0},
    )


class TestAdjustSaturationRaw(TestAdjustSaturation):
    operation = staticmethod(adjust_saturation_raw)
    module_form = None
    peer = staticmethod(kornia.enhance.adjust_saturation_raw)
    unit_options = False


class TestAdjustSaturationWithGraySubtraction(TestAdjustSaturation):
    operation = staticmethod(adjust_saturation_with_gray_subtraction)
    module_form = AdjustSaturationWithGraySubtraction
    peer = staticmethod(kornia.enhance.adjust_saturation_with_gray_subtraction)

    def samples(self, make: Make) -> Iterator[Sample]:
        yield from super().samples(make)
        yield call(make.uniform(2, 1, 4, 5), 1.5)


def test_saturation_by_way_of_hsv() -> None:
    image = torch.rand(2, 3, 40, 50, dtype=torch.float64)
    for factor in (torch.tensor([0.7, 1.5]), torch.tensor([4.0, -1.0])):
        expected = hsv_to_rgb(adjust_saturation_raw(rgb_to_hsv(image), factor))
        torch.testing.assert_close(adjust_saturation(image, factor), expected, rtol=0, atol=1e-7)


def test_grey_stays_and_its_gradient_is_that_of_its_neighbours() -> None:
    grey = torch.linspace(0, 1, 200).expand(3, 2, 200).clone().requires_grad_()
    for function in (adjust_saturation, adjust_saturation.reference):
        found = function(grey, 1.5)
        assert found.equal(grey)
        (gradient,) = torch.autograd.grad(found.sum(), grey)
        torch.testing.assert_close(gradient, torch.ones_like(grey))


def test_bytes_are_pillows() -> None:
    image = torch.randint(0, 256, (3, 20, 30), dtype=torch.uint8)
    picture = Image.fromarray(image.permute(1, 2, 0).numpy())
    for factor in (0.0, 0.5, 1.0, 1.7):
        expected = torch.from_numpy(np.array(ImageEnhance.Color(picture).enhance(factor))).permute(2, 0, 1)
        # Pillow rounds the grey to bytes first.
        assert (adjust_saturation_with_gray_subtraction(image, factor).int() - expected.int()).abs().max() <= 2


def test_neither_colour_nor_grey() -> None:
    with pytest.raises(ValueError, match="image must have 3 channels or 1"):
        adjust_saturation_with_gray_subtraction(torch.rand(2, 4, 4), 1.0)


def test_saturation_bytes_of_hsv() -> None:
    bytes = torch.tensor([10, 100, 200], dtype=torch.uint8).view(3, 1, 1)
    for function in (adjust_saturation_raw, adjust_saturation_raw.reference):
        assert function(bytes, 1.5).flatten().tolist() == [10, 150, 200]
        assert function(bytes, 5.0).flatten().tolist() == [10, 255, 200]
