# SPDX-License-Identifier: Apache-2.0
import cv2
import kornia.color
import torch

from foveal.color import RgbToXyz, XyzToRgb, rgb_to_xyz, xyz_to_rgb
from tests.color.case import ColourCase, byte_images, check_bytes, check_round_trip, opencv


class TestRgbToXyz(ColourCase):
    operation = staticmethod(rgb_to_xyz)
    module_form = RgbToXyz
    peer = staticmethod(kornia.color.rgb_to_xyz)


class TestXyzToRgb(ColourCase):
    operation = staticmethod(xyz_to_rgb)
    module_form = XyzToRgb
    peer = staticmethod(kornia.color.xyz_to_rgb)


def test_round_trip() -> None:
    check_round_trip(rgb_to_xyz, xyz_to_rgb)


def test_equals_opencv() -> None:
    for image in byte_images():
        there = opencv(image, cv2.COLOR_RGB2XYZ)
        check_bytes(rgb_to_xyz, image, there)
        check_bytes(xyz_to_rgb, there, opencv(there, cv2.COLOR_XYZ2RGB))
        floats = image / 255
        torch.testing.assert_close(rgb_to_xyz(floats), opencv(floats, cv2.COLOR_RGB2XYZ), rtol=0, atol=1e-6)
