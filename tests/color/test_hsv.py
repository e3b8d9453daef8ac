# SPDX-License-Identifier: Apache-2.0
import cv2
import kornia.color
import torch

from foveal.color import HsvToRgb, RgbToHsv, hsv_to_rgb, rgb_to_hsv
from tests.color.case import ColourCase, byte_images, check_bytes, check_large, check_round_trip, opencv


class TestRgbToHsv(ColourCase):
    operation = staticmethod(rgb_to_hsv)
    module_form = RgbToHsv
    peer = staticmethod(kornia.color.rgb_to_hsv)


class TestHsvToRgb(ColourCase):
    operation = staticmethod(hsv_to_rgb)
    module_form = HsvToRgb
    peer = staticmethod(kornia.color.hsv_to_rgb)
    low, high = (0, 0, 0), (6.2831853, 1, 1)


def test_round_trip() -> None:
    check_round_trip(rgb_to_hsv, hsv_to_rgb)


def test_large_images() -> None:
    check_large(rgb_to_hsv)
    check_large(hsv_to_rgb, high=(6.2831853, 1, 1))


def test_hue_in_degrees_is_opencvs() -> None:
    for image in byte_images():
        floats = image / 255
        expected = opencv(floats, cv2.COLOR_RGB2HSV)
        expected[0] = expected[0].deg2rad()
        turn = rgb_to_hsv(floats) - expected
        turn[0] = torch.remainder(turn[0] + torch.pi, 2 * torch.pi) - torch.pi
        # OpenCV adds FLT_EPSILON to what divides the hue.
        assert turn.abs().max() < 2e-4
        torch.testing.assert_close(hsv_to_rgb(rgb_to_hsv(floats)), floats, rtol=0, atol=1e-5)


def test_bytes_equal_opencvs() -> None:
    for image in byte_images():
        there = opencv(image, cv2.COLOR_RGB2HSV)
        check_bytes(rgb_to_hsv, image, there, period=(180, 1000, 1000))
        check_bytes(hsv_to_rgb, there, opencv(there, cv2.COLOR_HSV2RGB))


def test_hue_is_below_a_full_turn() -> None:
    # The hue of (1, 0, tiny) lies a rounding error below 2 pi.
    reds = torch.stack([torch.ones(64), torch.zeros(64), torch.logspace(-12, -5, 64)]).view(3, 1, 64)
    for image in (reds, reds.double()):
        hue = rgb_to_hsv(image)[0]
        assert (hue >= 0).all()
        assert (hue < 2 * torch.pi).all()


def test_grey_has_no_gradient_but_its_values() -> None:
    image = torch.tensor([0.0, 0.5, 1.0]).expand(3, 1, 3).clone().requires_grad_()
    result = rgb_to_hsv(image)
    assert result[[0, 1]].eq(0).all()
    (gradient,) = torch.autograd.grad(result[[0, 1]].sum(), image)
    assert gradient.eq(0).all()
    (gradient,) = torch.autograd.grad(rgb_to_hsv(image)[2].sum(), image)
    torch.testing.assert_close(gradient, torch.full_like(image, 1 / 3))


def test_any_turn_of_the_hue() -> None:
    image = rgb_to_hsv(torch.rand(3, 8, 8, dtype=torch.float64))
    for turns in (-2, 1, 5):
        turned = image + torch.tensor([2 * torch.pi * turns, 0, 0], dtype=torch.float64).view(3, 1, 1)
        torch.testing.assert_close(hsv_to_rgb(turned), hsv_to_rgb(image))
