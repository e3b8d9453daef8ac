# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator

import cv2
import kornia.color
import numpy as np
import pytest
import torch
from torch import Tensor

from foveal.color import (
    CFA,
    RawToRgb,
    RawToRgb2x2Downscaled,
    RgbToRaw,
    raw_to_rgb,
    raw_to_rgb_2x2_downscaled,
    rgb_to_raw,
)
from tests.color.case import photograph
from tests.contract import Contract, Make, Sample, call


class TestRawToRgb(Contract):
    operation = staticmethod(raw_to_rgb)
    module_form = RawToRgb
    channels = 1

    def oracle(self, image: Tensor, cfa: CFA) -> Tensor:
        return getattr(kornia.color, self.operation.__name__)(image, kornia.color.CFA[cfa.name])

    def samples(self, make: Make) -> Iterator[Sample]:
        for cfa in CFA:
            yield call(make.uniform(2, self.channels, 4, 6), cfa)
        yield call(make.uniform(self.channels, 2, 2), CFA.GR)
        yield call(make.uniform(0, self.channels, 2, 4), CFA.BG)

    def large(self, make: Make) -> Iterator[Sample]:
        yield call(make.uniform(3, self.channels, 66, 70), CFA.GB)

    def special(self, make: Make) -> Iterator[Sample]:
        yield call(make.tensor(torch.zeros(self.channels, 2, 2)), CFA.RG)

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        image = make.uniform(self.channels, 2, 2)
        yield TypeError, "image must be a torch.Tensor, got list", call([1.0], CFA.BG)
        yield TypeError, "cfa must be a CFA, got str", call(image, "BG")
        wanted = rf"image must have shape \(\*, {self.channels}, H, W\), got \(5, 2, 2\)"
        yield ValueError, wanted, call(make.uniform(5, 2, 2), CFA.BG)
        if self.channels == 1:
            odd = call(make.uniform(1, 3, 2), CFA.BG)
            yield ValueError, r"image must have an even height and width, got \(3, 2\)", odd


class TestRawToRgb2x2Downscaled(TestRawToRgb):
    operation = staticmethod(raw_to_rgb_2x2_downscaled)
    module_form = RawToRgb2x2Downscaled


class TestRgbToRaw(TestRawToRgb):
    operation = staticmethod(rgb_to_raw)
    module_form = RgbToRaw
    channels = 3


@pytest.mark.parametrize("cfa", CFA)
def test_seen_colours_stay(cfa: CFA) -> None:
    raw = torch.rand(2, 1, 8, 10)
    assert torch.equal(rgb_to_raw(raw_to_rgb(raw, cfa), cfa), raw)
    rgb = raw_to_rgb_2x2_downscaled(raw, cfa)
    assert torch.equal(
        raw_to_rgb_2x2_downscaled(rgb_to_raw(rgb.repeat_interleave(2, -1).repeat_interleave(2, -2), cfa), cfa), rgb
    )


@pytest.mark.parametrize("cfa", CFA)
def test_bytes_equal_opencvs_inside(cfa: CFA) -> None:
    raw = rgb_to_raw(photograph()[:, :, :450], cfa)
    expected = cv2.cvtColor(np.ascontiguousarray(raw[0].numpy()), getattr(cv2, f"COLOR_Bayer{cfa.name}2RGB"))
    difference = raw_to_rgb(raw, cfa).int() - torch.from_numpy(expected).permute(2, 0, 1).int()
    # OpenCV repeats the second outermost pixels at the border, foveal (as Kornia) interpolates there too.
    assert difference[:, 1:-1, 1:-1].abs().max() <= 1


def test_a_plane_of_one_colour() -> None:
    rgb = torch.tensor([0.2, 0.5, 0.7]).view(3, 1, 1).expand(3, 6, 8)
    for cfa in CFA:
        torch.testing.assert_close(raw_to_rgb(rgb_to_raw(rgb, cfa), cfa), rgb)


def test_bytes_of_the_downscaled() -> None:
    raw = torch.randint(0, 256, (1, 8, 8), dtype=torch.uint8)
    expected = raw_to_rgb_2x2_downscaled(raw.float(), CFA.BG)
    result = raw_to_rgb_2x2_downscaled(raw, CFA.BG)
    assert result.dtype is torch.uint8
    assert (result - expected).abs().max() <= 0.5


@pytest.mark.parametrize("cfa", CFA)
def test_mosaic_of_bytes_and_odd_sizes(cfa: CFA) -> None:
    image = torch.randint(0, 256, (2, 3, 131, 257), dtype=torch.uint8)
    for pixels in (image, image.float()):
        expected = kornia.color.rgb_to_raw(pixels, kornia.color.CFA[cfa.name])
        assert torch.equal(rgb_to_raw(pixels, cfa), expected)
