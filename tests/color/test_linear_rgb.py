# SPDX-License-Identifier: Apache-2.0
import kornia.color
import torch

from foveal.color import LinearRgbToRgb, RgbToLinearRgb, linear_rgb_to_rgb, rgb_to_linear_rgb
from tests.color.case import ColourCase, byte_images, check_bytes, check_round_trip


class TestRgbToLinearRgb(ColourCase):
    operation = staticmethod(rgb_to_linear_rgb)
    module_form = RgbToLinearRgb
    peer = staticmethod(kornia.color.rgb_to_linear_rgb)
    low, high = (-0.2, 0, 0), (1, 1, 1.5)


class TestLinearRgbToRgb(ColourCase):
    operation = staticmethod(linear_rgb_to_rgb)
    module_form = LinearRgbToRgb
    peer = staticmethod(kornia.color.linear_rgb_to_rgb)
    low, high = (-0.2, 0, 0), (1, 1, 1.5)


def test_round_trip() -> None:
    check_round_trip(rgb_to_linear_rgb, linear_rgb_to_rgb)


def test_middle_grey() -> None:
    # 18 % of the light is the stored value 0.4614.
    light = torch.full((3, 1, 1), 0.18, dtype=torch.float64)
    torch.testing.assert_close(linear_rgb_to_rgb(light), torch.full_like(light, 0.46135612950044164))


def test_bytes_are_the_exact_values_rounded() -> None:
    for operation in (rgb_to_linear_rgb, linear_rgb_to_rgb):
        for image in byte_images():
            exact = (operation(image.double() / 255) * 255 + 0.5).floor().to(torch.uint8)
            check_bytes(operation, image, exact)
