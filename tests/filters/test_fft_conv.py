# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator

import kornia.filters as kornia
import pytest
import torch

from foveal.filters import fft_conv, filter2d
from foveal.filters.fft_conv import fast_length
from tests.contract import Make, Sample, call
from tests.filters.case import BORDERS
from tests.filters.test_filter2d import TestFilter2d as Case


class TestFftConv(Case):
    operation = staticmethod(fft_conv)
    peer = staticmethod(kornia.fft_conv)
    # Every pixel carries the rounding of sums over the whole image.
    tolerance = {**Case.tolerance, torch.float32: 5e-5}

    def samples(self, make: Make) -> Iterator[Sample]:
        yield from super().samples(make)
        yield call(make.uniform(1, 2, 6, 7), make.normal(1, 4, 3), behaviour="conv")

    def large(self, make: Make) -> Iterator[Sample]:
        yield from super().large(make)
        # More taps than the kernel takes.
        yield call(make.uniform(1, 2, 61, 59), make.normal(1, 23, 23) / 20)


@pytest.mark.parametrize("border_type", BORDERS)
@pytest.mark.parametrize("behaviour", ["corr", "conv"])
def test_as_filter2d(border_type: str, behaviour: str) -> None:
    image, kernel = torch.rand(2, 2, 30, 31), torch.randn(2, 6, 9)
    expected = filter2d(image, kernel, border_type, behaviour=behaviour)
    found = fft_conv.reference(image, kernel, border_type, behaviour=behaviour)
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4)


def test_fast_lengths() -> None:
    assert [fast_length(n) for n in (1, 7, 11, 47, 64, 97)] == [1, 8, 12, 48, 64, 100]
