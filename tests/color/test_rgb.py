# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator

import kornia.color
import torch

from foveal.color import (
    BgrToRgb,
    Rgb255ToRgb,
    RgbToBgr,
    RgbToRgb255,
    bgr_to_rgb,
    rgb255_to_rgb,
    rgb_to_bgr,
    rgb_to_rgb255,
)
from tests.color.case import ColourCase
from tests.contract import Make, Sample, call


class TestRgbToBgr(ColourCase):
    operation = staticmethod(rgb_to_bgr)
    module_form = RgbToBgr
    peer = staticmethod(kornia.color.rgb_to_bgr)

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        yield TypeError, "image must be a torch.Tensor, got list", call([1.0])
        yield ValueError, r"image must have shape \(\*, 3, H, W\), got \(2, 4, 5\)", call(make.uniform(2, 4, 5))


class TestBgrToRgb(TestRgbToBgr):
    operation = staticmethod(bgr_to_rgb)
    module_form = BgrToRgb
    peer = staticmethod(kornia.color.bgr_to_rgb)


class TestRgbToRgb255(ColourCase):
    operation = staticmethod(rgb_to_rgb255)
    module_form = RgbToRgb255
    peer = staticmethod(kornia.color.rgb_to_rgb255)
    low, high = (-0.2, 0, 0), (1, 1.2, 1)
    takes_bytes = False


class TestRgb255ToRgb(ColourCase):
    operation = staticmethod(rgb255_to_rgb)
    module_form = Rgb255ToRgb
    peer = staticmethod(kornia.color.rgb255_to_rgb)
    high = (255, 255, 300)


def test_order_of_any_dtype() -> None:
    image = torch.randint(0, 256, (2, 3, 4, 5))
    for dtype in (torch.uint8, torch.int64, torch.bool):
        assert torch.equal(rgb_to_bgr(image.to(dtype)), image.to(dtype)[:, [2, 1, 0]])
        assert torch.equal(bgr_to_rgb(rgb_to_bgr(image.to(dtype))), image.to(dtype))


def test_bytes_become_floats() -> None:
    bytes = torch.tensor([0, 51, 255], dtype=torch.uint8).view(3, 1, 1)
    assert rgb255_to_rgb(bytes).dtype is torch.float32
    torch.testing.assert_close(rgb255_to_rgb(bytes).flatten(), torch.tensor([0.0, 0.2, 1.0]))
