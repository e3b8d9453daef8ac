# SPDX-License-Identifier: Apache-2.0
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import kornia.geometry.bbox as kornia
import numpy as np
import pytest
import torch
from torch import Tensor

from foveal.geometry.bbox import bbox_generator, bbox_generator3d, bbox_to_mask, bbox_to_mask3d
from tests.contract import Contract, Make, Sample, call


class TestBboxToMask(Contract):
    operation: ClassVar[Callable[..., Any]] = staticmethod(bbox_to_mask)
    differentiable = False

    def boxes(self, make: Make, count: int) -> Tensor:
        return bbox_generator(*(make.integers(-2, 6, count).to(make.dtype) / 2 for _ in range(4)))

    def samples(self, make: Make) -> Iterator[Sample]:
        for count, width, height in ((4, 5, 3), (1, 1, 1), (0, 3, 2)):
            yield call(self.boxes(make, count), width, height)

    def large(self, make: Make) -> Iterator[Sample]:
        yield call(self.boxes(make, 5) * 30, 131, 97)

    def oracle(self, *args: Any, **kwargs: Any) -> Any:
        boxes, width, height = args
        y, x = np.mgrid[:height, :width]
        b = boxes.numpy()[:, :, :, None, None]
        covered = (x >= b[:, 0, 0]) & (x <= b[:, 2, 0]) & (y >= b[:, 0, 1]) & (y <= b[:, 2, 1])
        return covered.astype(np.float64)

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        yield ValueError, r"boxes must have shape \(B, 4, 2\), got \(4, 2\)", call(make.uniform(4, 2), 3, 3)
        yield ValueError, "width must be at least 0, got -1", call(make.uniform(1, 4, 2), -1, 3)
        yield TypeError, "height must be an integer, got float", call(make.uniform(1, 4, 2), 3, 2.0)


class TestBboxToMask3d(TestBboxToMask):
    operation = staticmethod(bbox_to_mask3d)

    def samples(self, make: Make) -> Iterator[Sample]:
        for count, size in ((4, (3, 2, 4)), (1, (1, 1, 1)), (0, (1, 3, 2))):
            sides = [make.integers(2, 8, count).to(make.dtype) / 2 for _ in range(3)]
            yield call(
                bbox_generator3d(*(make.integers(-2, 5, count).to(make.dtype) / 2 for _ in range(3)), *sides), size
            )

    def large(self, make: Make) -> Iterator[Sample]:
        return iter(())

    def oracle(self, *args: Any, **kwargs: Any) -> Any:
        return kornia.bbox_to_mask3d(*args)

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        yield ValueError, r"boxes must have shape \(B, 8, 3\), got \(4, 2\)", call(make.uniform(4, 2), (3, 3, 3))
        yield ValueError, "size must be 3 integers of at least 0, got", call(make.uniform(1, 8, 3), (1, 2))


@pytest.mark.parametrize("dtype", [torch.uint8, torch.int32, torch.float16])
def test_masks_have_the_dtype_of_the_boxes(dtype: torch.dtype) -> None:
    boxes = torch.tensor([[[2, 0], [4, 0], [4, 1], [2, 1]]], dtype=dtype)
    mask = bbox_to_mask(boxes, 300, 2)
    assert mask.dtype is dtype
    torch.testing.assert_close(mask.double(), kornia.bbox_to_mask(boxes.double(), 300, 2))


def test_masks_have_no_gradient() -> None:
    boxes = torch.rand(2, 4, 2, requires_grad=True)
    assert not bbox_to_mask(boxes, 3, 3).requires_grad
    assert not bbox_to_mask.reference(boxes, 3, 3).requires_grad


def test_wide_masks_of_half_precision_are_exact() -> None:
    boxes = torch.tensor([[[2050, 0], [2052, 0], [2052, 0], [2050, 0]]], dtype=torch.float16)
    assert bbox_to_mask(boxes, 2060, 1).nonzero()[:, 2].tolist() == [2050, 2051, 2052]
