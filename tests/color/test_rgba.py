# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator

import kornia.color
import pytest
import torch
from torch import Tensor

from foveal.color import (
    BgrToRgba,
    RgbaToBgr,
    RgbaToRgb,
    RgbToRgba,
    bgr_to_rgba,
    rgb_to_rgba,
    rgba_to_bgr,
    rgba_to_rgb,
)
from tests.color.case import ColourCase
from tests.contract import Make, Sample, call


class TestRgbToRgba(ColourCase):
    operation = staticmethod(rgb_to_rgba)
    module_form = RgbToRgba
    peer = staticmethod(kornia.color.rgb_to_rgba)

    def samples(self, make: Make) -> Iterator[Sample]:
        for sample in super().samples(make):
            yield call(*sample.args, 0.25)
        yield call(make.uniform(2, 3, 4, 5), make.uniform(2, 1, 4, 5))

    def large(self, make: Make) -> Iterator[Sample]:
        yield call(make.uniform(2, 3, 33, 35), 0.5)

    def special(self, make: Make) -> Iterator[Sample]:
        yield call(make.tensor(torch.zeros(3, 1, 1)), 0.0)

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        image = make.uniform(3, 2, 2)
        yield TypeError, "image must be a torch.Tensor, got list", call([1.0], 1.0)
        yield ValueError, r"image must have shape \(\*, 3, H, W\), got \(2, 4, 5\)", call(make.uniform(2, 4, 5), 1.0)
        yield TypeError, "alpha_val must be a number or a torch.Tensor, got str", call(image, "opaque")
        yield ValueError, r"alpha_val must have shape \(1, 2, 2\), got \(1, 1\)", call(image, make.uniform(1, 1))


class TestBgrToRgba(TestRgbToRgba):
    operation = staticmethod(bgr_to_rgba)
    module_form = BgrToRgba
    peer = staticmethod(kornia.color.bgr_to_rgba)


class TestRgbaToRgb(ColourCase):
    operation = staticmethod(rgba_to_rgb)
    module_form = RgbaToRgb
    peer = staticmethod(kornia.color.rgba_to_rgb)

    def colours(self, make: Make, *shape: int) -> Tensor:
        return make.uniform(*shape[:-3], 4, *shape[-2:])

    def samples(self, make: Make) -> Iterator[Sample]:
        yield from super().samples(make)
        if self.operation is rgba_to_rgb:
            yield call(make.uniform(2, 4, 3, 5), (0.0, 0.5, 1.0))
            yield call(make.uniform(2, 4, 3, 5), make.uniform(3, 1, 1))
            yield call(make.uniform(2, 4, 3, 5), make.uniform(2, 3, 3, 5))

    def special(self, make: Make) -> Iterator[Sample]:
        yield call(make.tensor(torch.zeros(4, 1, 1)))
        yield call(make.tensor(torch.ones(4, 1, 1)))

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        yield TypeError, "image must be a torch.Tensor, got list", call([1.0])
        yield TypeError, "must have a floating-point dtype or be uint8", call(make.integers(0, 2, 4, 2, 2))
        yield ValueError, r"image must have shape \(\*, 4, H, W\), got \(3, 4, 5\)", call(make.uniform(3, 4, 5))
        if self.operation is rgba_to_rgb:
            bad = call(make.uniform(4, 2, 2), (0.0, 1.0))
            yield ValueError, r"background_color must have shape \(3\), got \(2,\)", bad


class TestRgbaToBgr(TestRgbaToRgb):
    operation = staticmethod(rgba_to_bgr)
    module_form = RgbaToBgr
    peer = staticmethod(kornia.color.rgba_to_bgr)


@pytest.mark.parametrize("operation", [rgba_to_rgb, rgba_to_bgr])
def test_bytes_are_rounded_composites(operation: object) -> None:
    image = torch.randint(0, 256, (4, 16, 16), dtype=torch.uint8)
    expected = operation(image.double() / 255) * 255
    assert (operation(image) - expected).abs().max() <= 0.5001


def test_opaque_and_transparent() -> None:
    image = torch.rand(3, 4, 4)
    torch.testing.assert_close(rgba_to_rgb(rgb_to_rgba(image, 1.0)), image)
    assert rgba_to_rgb(rgb_to_rgba(image, 0.0)).eq(1).all()
    background = torch.tensor([0.1, 0.2, 0.3])
    torch.testing.assert_close(
        rgba_to_rgb(rgb_to_rgba(image, 0.0), background), background.view(3, 1, 1).expand(3, 4, 4)
    )


def test_alpha_of_bytes_is_in_bytes() -> None:
    image = torch.randint(0, 256, (3, 4, 4), dtype=torch.uint8)
    assert rgb_to_rgba(image, 255)[3].eq(255).all()
    assert torch.equal(rgba_to_rgb(rgb_to_rgba(image, 255)), image)


def test_modules_hold_alpha() -> None:
    image, alpha = torch.rand(3, 2, 2), torch.rand(1, 2, 2)
    for form, operation in ((RgbToRgba, rgb_to_rgba), (BgrToRgba, bgr_to_rgba)):
        assert repr(form(0.25)) == f"{form.__name__}(alpha_val=0.25)"
        assert torch.equal(form(alpha)(image), operation(image, alpha))
