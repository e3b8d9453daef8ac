# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator
from typing import Any

import kornia
import torch

from foveal.geometry.depth import depth_from_disparity
from tests.contract import Contract, Make, Sample, call


class TestDepthFromDisparity(Contract):
    operation = staticmethod(depth_from_disparity)

    def oracle(self, *args: Any, **options: Any) -> Any:
        return kornia.geometry.depth.depth_from_disparity(*args, **options)

    def samples(self, make: Make) -> Iterator[Sample]:
        disparity = make.uniform(2, 1, 3, 4, low=1, high=5)
        yield call(disparity, 0.5, 10.0)
        yield call(disparity, make.tensor([0.5]), make.tensor(10.0))
        yield call(disparity, make.tensor([0.5, 0.6]), focal=8.0)
        yield call(disparity[0, 0], 0.5, make.tensor([3.0]))
        yield call(disparity[:0], 0.5, 3.0)

    def special(self, make: Make) -> Iterator[Sample]:
        yield call(make.tensor([[0.0, -1.0]]), 0.5, 10.0)

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        disparity = make.uniform(2, 3, 4)
        yield ValueError, r"disparity must have shape \(\*, H, W\)", call(disparity[0, 0], 0.5, 10.0)
        yield TypeError, "baseline must be a number or a tensor, got str", call(disparity, "1", 10.0)
        yield ValueError, "focal must hold one value or one per sample", call(disparity, 0.5, make.uniform(3))

    def test_infinity_is_far(self) -> None:
        assert depth_from_disparity(torch.zeros(1, 1), 0.5, 100.0).item() == torch.tensor(5e9).item()
        half = torch.zeros(1, 1, dtype=torch.float16)
        assert depth_from_disparity(half, 0.5, 100.0).item() == torch.finfo(torch.float16).max
