# SPDX-License-Identifier: Apache-2.0
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import kornia.geometry.bbox as kornia
import pytest
import torch
from torch import Tensor

from foveal.geometry.bbox import nms
from tests.contract import Contract, Make, Sample, call


def scene(make: Make, count: int, extent: float = 40.0) -> tuple[Tensor, Tensor]:
    """Boxes whose coordinates and overlaps no precision rounds across a threshold, and scores without ties."""
    corner = make.integers(0, int(extent), count, 2)
    sides = make.integers(1, 16, count, 2)
    scores = torch.randperm(count, generator=torch.Generator().manual_seed(count)).to(make.device, make.dtype)
    return torch.cat([corner, corner + sides], dim=1).to(make.dtype), scores


class TestNms(Contract):
    operation: ClassVar[Callable[..., Any]] = staticmethod(nms)
    differentiable = False
    fixed_shape = False

    def samples(self, make: Make) -> Iterator[Sample]:
        for count, threshold in ((60, 0.35), (60, 0.0), (17, 1.0), (1, 0.5), (0, 0.5)):
            yield call(*scene(make, count), threshold)

    def large(self, make: Make) -> Iterator[Sample]:
        yield call(*scene(make, 250), 0.31)

    def oracle(self, *args: Any, **kwargs: Any) -> Any:
        return kornia.nms(*args)

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        yield (
            ValueError,
            r"boxes must have shape \(N, 4\), got \(2, 5\)",
            call(make.uniform(2, 5), make.uniform(2), 0.5),
        )
        yield ValueError, r"scores must have shape \(2\), got \(3,\)", call(make.uniform(2, 4), make.uniform(3), 0.5)
        yield TypeError, "iou_threshold must be a number", call(make.uniform(2, 4), make.uniform(2), "0.5")


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.int64, torch.int16, torch.float16])
@pytest.mark.parametrize("count", [5, 100])
def test_equal_scores_keep_the_first(dtype: torch.dtype, count: int) -> None:
    boxes = torch.tensor([[0, 0, 4, 4]], dtype=dtype).repeat(count, 1)
    assert nms(boxes, torch.ones(count), 0.5).tolist() == [0]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_boxes_without_area_are_kept(dtype: torch.dtype) -> None:
    boxes = torch.tensor([[1, 1, 1, 5], [1, 1, 1, 5], [0, 0, 2, 2], [5, 5, 5, 5]], dtype=dtype)
    assert nms(boxes, torch.arange(4, 0, -1), 0.5).tolist() == [0, 1, 2, 3]


def test_large_boxes_of_half_precision_do_not_overflow() -> None:
    boxes = torch.tensor([[0.0, 0.0, 1000.0, 1000.0], [0.0, 0.0, 900.0, 1000.0]], dtype=torch.float16)
    assert nms(boxes, torch.tensor([1.0, 0.5]), 0.5).tolist() == [0]
    assert nms(boxes, torch.tensor([1.0, 0.5]), 0.95).tolist() == [0, 1]
