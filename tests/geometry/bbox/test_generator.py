# SPDX-License-Identifier: Apache-2.0
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import kornia.geometry.bbox as kornia
import pytest
import torch

from foveal.geometry.bbox import bbox_generator, bbox_generator3d, infer_bbox_shape, infer_bbox_shape3d
from tests.contract import Contract, Make, Sample, call


class TestBboxGenerator(Contract):
    operation: ClassVar[Callable[..., Any]] = staticmethod(bbox_generator)
    count: ClassVar[int] = 4

    def samples(self, make: Make) -> Iterator[Sample]:
        for shape in ((3,), (), (0,)):
            yield call(*(make.uniform(*shape, high=8) for _ in range(self.count)))

    def oracle(self, *args: Any, **kwargs: Any) -> Any:
        return getattr(kornia, self.operation.__name__)(*args)

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        numbers = [make.uniform(2) for _ in range(self.count)]
        yield TypeError, "y_start must be a torch.Tensor, got int", call(numbers[0], 1, *numbers[2:])
        yield (
            TypeError,
            "height must have the dtype of x_start",
            call(*(n.long() if place == (3 if self.count == 4 else 4) else n for place, n in enumerate(numbers))),
        )
        yield (
            ValueError,
            r"y_start must have shape \(B,\) or \(\), as x_start, got \(3,\)",
            call(numbers[0], make.uniform(3), *numbers[2:]),
        )


class TestBboxGenerator3d(TestBboxGenerator):
    operation = staticmethod(bbox_generator3d)
    count = 6


@pytest.mark.parametrize("dtype", [torch.int64, torch.float64])
def test_shapes_are_read_back(dtype: torch.dtype) -> None:
    start, size = torch.tensor([[0, 3, 4], [7, 1, 2]], dtype=dtype), torch.tensor([[1, 4, 5], [2, 3, 9]], dtype=dtype)
    heights, widths = infer_bbox_shape(bbox_generator(*start[:, :2].unbind(1), *size[:, :2].unbind(1)))
    assert torch.equal(torch.stack([widths, heights], dim=1), size[:, :2])
    shapes = infer_bbox_shape3d(bbox_generator3d(*start.unbind(1), *size.unbind(1)))
    assert torch.equal(torch.stack(shapes[::-1], dim=1), size)
