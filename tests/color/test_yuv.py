# SPDX-License-Identifier: Apache-2.0
import cv2
import kornia.color

from foveal.color import RgbToYuv, YuvToRgb, rgb_to_yuv, yuv_to_rgb
from tests.color.case import ColourCase, byte_images, check_bytes, check_round_trip, opencv


class TestRgbToYuv(ColourCase):
    operation = staticmethod(rgb_to_yuv)
    module_form = RgbToYuv
    peer = staticmethod(kornia.color.rgb_to_yuv)


class TestYuvToRgb(ColourCase):
    operation = staticmethod(yuv_to_rgb)
    module_form = YuvToRgb
    peer = staticmethod(kornia.color.yuv_to_rgb)
    low, high = (0, -0.436, -0.615), (1, 0.436, 0.615)


def test_round_trip() -> None:
    check_round_trip(rgb_to_yuv, yuv_to_rgb)


def test_equals_opencv() -> None:
    for image in byte_images():
        there = opencv(image, cv2.COLOR_RGB2YUV)
        check_bytes(rgb_to_yuv, image, there)
        # OpenCV's inverse has three digits only, which costs up to one more level.
        check_bytes(yuv_to_rgb, there, opencv(there, cv2.COLOR_YUV2RGB), levels=2)
