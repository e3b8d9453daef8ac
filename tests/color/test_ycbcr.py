# SPDX-License-Identifier: Apache-2.0
import cv2
import kornia.color
import pytest
import torch

from foveal.color import RgbToYcbcr, YcbcrToRgb, rgb_to_y, rgb_to_ycbcr, ycbcr_to_rgb
from tests.color.case import ColourCase, byte_images, check_bytes, check_large, check_round_trip, opencv


class TestRgbToYcbcr(ColourCase):
    operation = staticmethod(rgb_to_ycbcr)
    module_form = RgbToYcbcr
    peer = staticmethod(kornia.color.rgb_to_ycbcr)


class TestYcbcrToRgb(ColourCase):
    operation = staticmethod(ycbcr_to_rgb)
    module_form = YcbcrToRgb
    peer = staticmethod(kornia.color.ycbcr_to_rgb)


class TestRgbToY(ColourCase):
    operation = staticmethod(rgb_to_y)
    peer = staticmethod(kornia.color.rgb_to_y)


def test_round_trip() -> None:
    check_round_trip(rgb_to_ycbcr, ycbcr_to_rgb)


def test_large_images() -> None:
    check_large(rgb_to_ycbcr)
    check_large(ycbcr_to_rgb)


def test_equals_opencv_with_chroma_exchanged() -> None:
    for image in byte_images():
        there = opencv(image, cv2.COLOR_RGB2YCrCb)[[0, 2, 1]]
        check_bytes(rgb_to_ycbcr, image, there)
        check_bytes(ycbcr_to_rgb, there, opencv(there[[0, 2, 1]], cv2.COLOR_YCrCb2RGB))
        floats = image / 255
        expected = opencv(floats, cv2.COLOR_RGB2YCrCb)[[0, 2, 1]]
        torch.testing.assert_close(rgb_to_ycbcr(floats), expected, rtol=0, atol=1e-6)


def test_grey_is_in_the_middle() -> None:
    image = torch.tensor([0, 128, 255], dtype=torch.uint8).expand(3, 1, 3)
    assert rgb_to_ycbcr(image)[1:].eq(128).all()
    torch.testing.assert_close(rgb_to_ycbcr(image / 255)[1:], torch.full((2, 1, 3), 0.5))


@pytest.mark.parametrize("width", [720, 721])
def test_large_images_whose_result_is_written_past_the_caches(width: int) -> None:
    """Rows of whole vectors are streamed, others are not."""
    image = torch.rand(3, 1000, width, generator=torch.Generator().manual_seed(0))
    image[1, 500, 300] = torch.nan
    torch.testing.assert_close(rgb_to_ycbcr(image), rgb_to_ycbcr.reference(image), equal_nan=True)
