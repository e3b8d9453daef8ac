# SPDX-License-Identifier: Apache-2.0
import cv2
import kornia.color
import skimage.color
import torch

from foveal.color import LabToRgb, RgbToLab, lab_to_rgb, rgb_to_lab
from foveal.color.xyz import RGB_TO_XYZ
from tests.color.case import ColourCase, byte_images, check_bytes, check_round_trip, cube, opencv


class TestRgbToLab(ColourCase):
    operation = staticmethod(rgb_to_lab)
    module_form = RgbToLab
    peer = staticmethod(kornia.color.rgb_to_lab)
    # a* and b* are 500 and 200 times a difference of numbers near 1, L* goes to 100: an ulp of those is 3e-5.
    tolerance = {**ColourCase.tolerance, torch.float32: 1e-4}


class TestLabToRgb(ColourCase):
    operation = staticmethod(lab_to_rgb)
    module_form = LabToRgb
    peer = staticmethod(kornia.color.lab_to_rgb)
    low, high = (0, -80, -100), (100, 90, 90)


def test_round_trip() -> None:
    check_round_trip(rgb_to_lab, lab_to_rgb)


def test_equals_opencv() -> None:
    for image in byte_images():
        there = opencv(image, cv2.COLOR_RGB2Lab)
        # OpenCV takes bytes from a table that is up to 2.3 levels off; foveal rounds the exact value.
        check_bytes(rgb_to_lab, image, there, levels=2, outliers=1e-3)
        check_bytes(lab_to_rgb, there, opencv(there, cv2.COLOR_Lab2RGB), levels=2, outliers=1e-3)
        floats = image / 255
        # OpenCV takes its gamma and its cube root from splines, and the white of sRGB for the white point.
        torch.testing.assert_close(rgb_to_lab(floats), opencv(floats, cv2.COLOR_RGB2Lab), rtol=0, atol=0.5)


def test_equals_scikit_image() -> None:
    image = cube(9).double()
    expected = torch.from_numpy(skimage.color.rgb2lab(image.permute(1, 2, 0).numpy())).permute(2, 0, 1)
    # scikit-image's matrix differs in the fifth digit.
    torch.testing.assert_close(rgb_to_lab(image), expected, rtol=0, atol=0.02)


def test_white_and_black() -> None:
    image = torch.tensor([0.0, 1.0], dtype=torch.float64).expand(3, 1, 2)
    expected = torch.tensor([[0.0, 100.0], [0.0, 0.0], [0.0, 0.0]], dtype=torch.float64)
    torch.testing.assert_close(rgb_to_lab(image)[:, 0], expected, rtol=0, atol=0.008)


def test_gradient_at_black_is_that_of_the_straight_part() -> None:
    for dtype in (torch.float32, torch.float64):
        image = torch.zeros(3, 1, 1, dtype=dtype, requires_grad=True)
        (gradient,) = torch.autograd.grad(rgb_to_lab(image)[0].sum(), image)
        slope = 116 * 7.787 / 12.92
        expected = slope * torch.tensor(RGB_TO_XYZ[1], dtype=dtype)
        torch.testing.assert_close(gradient.flatten(), expected)


def test_bytes_are_the_exact_values_rounded() -> None:
    scale, offset = torch.tensor([2.55, 1, 1]), torch.tensor([0, 128, 128])
    for image in byte_images():
        exact = rgb_to_lab(image.double() / 255) * scale.view(3, 1, 1) + offset.view(3, 1, 1)
        assert (rgb_to_lab(image) - exact).abs().max() < 0.501
