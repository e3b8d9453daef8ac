# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator

import cv2
import kornia.color
import skimage.color
import torch

from foveal.color import LuvToRgb, RgbToLuv, luv_to_rgb, rgb_to_luv
from foveal.color.xyz import RGB_TO_XYZ
from tests.color.case import ColourCase, byte_images, check_bytes, check_round_trip, cube, opencv
from tests.contract import Make, Sample, call


class TestRgbToLuv(ColourCase):
    operation = staticmethod(rgb_to_luv)
    module_form = RgbToLuv
    peer = staticmethod(kornia.color.rgb_to_luv)
    # u* and v* are 1300 times a difference of numbers below 1, an ulp of which is 4e-5; in the gradients such terms
    # cancel.
    tolerance = {**ColourCase.tolerance, torch.float32: 3e-4}


class TestLuvToRgb(ColourCase):
    operation = staticmethod(luv_to_rgb)
    module_form = LuvToRgb
    peer = staticmethod(kornia.color.luv_to_rgb)
    low, high = (20, -80, -100), (100, 150, 90)
    tolerance = TestRgbToLuv.tolerance

    def special(self, make: Make) -> Iterator[Sample]:
        # Black is the only colour without lightness.
        yield call(make.tensor([(0, 0, 0), (1e-6, 0, 0), (50, 0, 0), (100, 0, 0), (8, 1, -1)]).T.view(3, 1, -1))


def test_round_trip() -> None:
    check_round_trip(rgb_to_luv, luv_to_rgb)


def test_equals_opencv() -> None:
    for image in byte_images():
        there = opencv(image, cv2.COLOR_RGB2Luv)
        # OpenCV takes bytes from a table that is up to 1.1 levels off; foveal rounds the exact value.
        check_bytes(rgb_to_luv, image, there)
        check_bytes(luv_to_rgb, there, opencv(there, cv2.COLOR_Luv2RGB), levels=2, outliers=1e-3)
        floats = image / 255
        # OpenCV takes its gamma and its cube root from splines, and the white of sRGB for the white point.
        torch.testing.assert_close(rgb_to_luv(floats), opencv(floats, cv2.COLOR_RGB2Luv), rtol=0, atol=0.03)


def test_equals_scikit_image() -> None:
    image = cube(9).double()
    expected = torch.from_numpy(skimage.color.rgb2luv(image.permute(1, 2, 0).numpy())).permute(2, 0, 1)
    # scikit-image's matrix differs in the fifth digit.
    torch.testing.assert_close(rgb_to_luv(image), expected, rtol=0, atol=0.02)


def test_white_and_black() -> None:
    image = torch.tensor([0.0, 1.0], dtype=torch.float64).expand(3, 1, 2)
    expected = torch.tensor([[0.0, 100.0], [0.0, 0.0], [0.0, 0.0]], dtype=torch.float64)
    torch.testing.assert_close(rgb_to_luv(image)[:, 0], expected, rtol=0, atol=0.008)


def test_gradient_at_black_is_that_of_the_straight_part() -> None:
    for dtype in (torch.float32, torch.float64):
        image = torch.zeros(3, 1, 1, dtype=dtype, requires_grad=True)
        (gradient,) = torch.autograd.grad(rgb_to_luv(image)[0].sum(), image)
        slope = 903.3 / 12.92
        expected = slope * torch.tensor(RGB_TO_XYZ[1], dtype=dtype)
        torch.testing.assert_close(gradient.flatten(), expected)


def test_bytes_are_the_exact_values_rounded() -> None:
    scale, offset = torch.tensor([2.55, 255 / 354, 255 / 262]), torch.tensor([0, 134 * 255 / 354, 140 * 255 / 262])
    for image in byte_images():
        exact = rgb_to_luv(image.double() / 255) * scale.view(3, 1, 1) + offset.view(3, 1, 1)
        assert (rgb_to_luv(image) - exact).abs().max() < 0.501
