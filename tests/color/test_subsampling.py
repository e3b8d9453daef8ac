# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator

import kornia.color
import pytest
import torch

from foveal.color import (
    RgbToYuv420,
    RgbToYuv422,
    Yuv420ToRgb,
    Yuv422ToRgb,
    rgb_to_yuv,
    rgb_to_yuv420,
    rgb_to_yuv422,
    yuv420_to_rgb,
    yuv422_to_rgb,
)
from tests.color.case import ColourCase
from tests.contract import Make, Sample, call

SHAPES = ((2, 3, 4, 6), (3, 2, 8), (1, 3, 2, 2), (2, 2, 3, 2, 4), (0, 3, 2, 2))


class TestRgbToYuv420(ColourCase):
    operation = staticmethod(rgb_to_yuv420)
    module_form = RgbToYuv420
    peer = staticmethod(kornia.color.rgb_to_yuv420)

    def samples(self, make: Make) -> Iterator[Sample]:
        for shape in SHAPES:
            yield call(make.uniform(*shape))

    def large(self, make: Make) -> Iterator[Sample]:
        yield call(make.uniform(3, 3, 66, 130))

    def special(self, make: Make) -> Iterator[Sample]:
        yield call(make.tensor(torch.zeros(3, 2, 2)))

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        yield from super().invalid(make)
        yield ValueError, r"image must have an even height and width, got \(3, 4\)", call(make.uniform(3, 3, 4))


class TestRgbToYuv422(TestRgbToYuv420):
    operation = staticmethod(rgb_to_yuv422)
    module_form = RgbToYuv422
    peer = staticmethod(kornia.color.rgb_to_yuv422)

    def samples(self, make: Make) -> Iterator[Sample]:
        yield from super().samples(make)
        yield call(make.uniform(3, 3, 4))

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        yield from ColourCase.invalid(self, make)
        yield ValueError, r"image must have an even width, got \(4, 3\)", call(make.uniform(3, 4, 3))


class TestYuv420ToRgb(TestRgbToYuv420):
    operation = staticmethod(yuv420_to_rgb)
    module_form = Yuv420ToRgb
    peer = staticmethod(kornia.color.yuv420_to_rgb)
    rows = 2

    def samples(self, make: Make) -> Iterator[Sample]:
        for *batch, _, height, width in SHAPES:
            luma = make.uniform(*batch, 1, height, width)
            yield call(luma, make.uniform(*batch, 2, height // self.rows, width // 2, low=-0.4, high=0.4))

    def large(self, make: Make) -> Iterator[Sample]:
        yield call(make.uniform(3, 1, 66, 130), make.uniform(3, 2, 66 // self.rows, 65, low=-0.4, high=0.4))

    def special(self, make: Make) -> Iterator[Sample]:
        yield call(make.tensor(torch.zeros(1, 2, 2)), make.tensor(torch.zeros(2, 2 // self.rows, 1)))

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        luma = make.uniform(1, 2, 4)
        yield TypeError, "imagey must be a torch.Tensor, got list", call([1.0], luma)
        yield ValueError, r"imageuv must have shape \(\*, 2, H, W\), got \(1, 2, 4\)", call(luma, luma)
        yield ValueError, "imagey must have an even", call(make.uniform(1, 2, 3), make.uniform(2, 1, 2))
        wanted = rf"imageuv must have shape \(2, {2 // self.rows}, 2\), got \(2, 4, 4\)"
        yield ValueError, wanted, call(luma, make.uniform(2, 4, 4))


class TestYuv422ToRgb(TestYuv420ToRgb):
    operation = staticmethod(yuv422_to_rgb)
    module_form = Yuv422ToRgb
    peer = staticmethod(kornia.color.yuv422_to_rgb)
    rows = 1


@pytest.mark.parametrize(
    ("there", "back", "rows"), [(rgb_to_yuv420, yuv420_to_rgb, 2), (rgb_to_yuv422, yuv422_to_rgb, 1)]
)
def test_blocks_of_one_colour_come_back(there: object, back: object, rows: int) -> None:
    image = torch.rand(2, 3, 4, 5).repeat_interleave(rows, -2).repeat_interleave(2, -1)
    torch.testing.assert_close(back(*there(image)), image)
    bytes = (image * 255).to(torch.uint8)
    # Chroma rounded to bytes, times the largest weight of the inverse.
    assert (back(*there(bytes)).int() - bytes.int()).abs().max() <= 2


def test_bytes_are_those_of_full_chroma() -> None:
    # Colours whose chroma fits into bytes.
    image = torch.randint(64, 192, (3, 4, 6), dtype=torch.uint8)
    luma, chroma = rgb_to_yuv422(image)
    full = rgb_to_yuv(image)
    assert torch.equal(luma, full[:1])
    assert chroma.dtype is torch.uint8
    mean = full[1:].float().unflatten(-1, (-1, 2)).mean(-1)
    assert (chroma - mean).abs().max() <= 1
