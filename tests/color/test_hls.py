# SPDX-License-Identifier: Apache-2.0
import cv2
import kornia.color
import torch

from foveal.color import HlsToRgb, RgbToHls, hls_to_rgb, rgb_to_hls
from tests.color.case import ColourCase, byte_images, check_bytes, check_large, check_round_trip, opencv


class TestRgbToHls(ColourCase):
    operation = staticmethod(rgb_to_hls)
    module_form = RgbToHls
    peer = staticmethod(kornia.color.rgb_to_hls)
    # Next to white the gradients go to 1e2 and cancel: what is left has an ulp of those.
    tolerance = {**ColourCase.tolerance, torch.float32: 3e-5}


class TestHlsToRgb(ColourCase):
    operation = staticmethod(hls_to_rgb)
    module_form = HlsToRgb
    peer = staticmethod(kornia.color.hls_to_rgb)
    low, high = (0, 0, 0), (6.2831853, 1, 1)


def test_round_trip() -> None:
    check_round_trip(rgb_to_hls, hls_to_rgb)


def test_large_images() -> None:
    check_large(rgb_to_hls)
    check_large(hls_to_rgb, high=(6.2831853, 1, 1))


def test_hue_in_degrees_is_opencvs() -> None:
    for image in byte_images():
        floats = image / 255
        expected = opencv(floats, cv2.COLOR_RGB2HLS)
        expected[0] = expected[0].deg2rad()
        turn = rgb_to_hls(floats) - expected
        turn[0] = torch.remainder(turn[0] + torch.pi, 2 * torch.pi) - torch.pi
        # OpenCV adds FLT_EPSILON to what divides the hue.
        assert turn.abs().max() < 2e-4
        torch.testing.assert_close(hls_to_rgb(rgb_to_hls(floats)), floats, rtol=0, atol=1e-5)


def test_bytes_equal_opencvs() -> None:
    for image in byte_images():
        there = opencv(image, cv2.COLOR_RGB2HLS)
        check_bytes(rgb_to_hls, image, there, period=(180, 1000, 1000))
        check_bytes(hls_to_rgb, there, opencv(there, cv2.COLOR_HLS2RGB))


def test_hue_is_below_a_full_turn() -> None:
    # The hue of (1, 0, tiny) lies a rounding error below 2 pi.
    reds = torch.stack([torch.ones(64), torch.zeros(64), torch.logspace(-12, -5, 64)]).view(3, 1, 64)
    for image in (reds, reds.double()):
        hue = rgb_to_hls(image)[0]
        assert (hue >= 0).all()
        assert (hue < 2 * torch.pi).all()


def test_grey_has_no_gradient_but_its_lightnesss() -> None:
    image = torch.tensor([0.0, 0.5, 1.0]).expand(3, 1, 3).clone().requires_grad_()
    result = rgb_to_hls(image)
    assert result[[0, 2]].eq(0).all()
    (gradient,) = torch.autograd.grad(result[[0, 2]].sum(), image)
    assert gradient.eq(0).all()
    (gradient,) = torch.autograd.grad(rgb_to_hls(image)[1].sum(), image)
    torch.testing.assert_close(gradient, torch.full_like(image, 1 / 3))


def test_any_turn_of_the_hue() -> None:
    image = rgb_to_hls(torch.rand(3, 8, 8, dtype=torch.float64))
    for turns in (-2, 1, 5):
        turned = image + torch.tensor([2 * torch.pi * turns, 0, 0], dtype=torch.float64).view(3, 1, 1)
        torch.testing.assert_close(hls_to_rgb(turned), hls_to_rgb(image))
