# SPDX-License-Identifier: Apache-2.0
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import kornia.geometry.bbox as kornia
import pytest
import torch

from foveal.geometry.bbox import (
    bbox_generator,
    bbox_generator3d,
    infer_bbox_shape,
    infer_bbox_shape3d,
    validate_bbox,
    validate_bbox3d,
)
from tests.contract import Contract, Make, Sample, call


class TestInferBboxShape(Contract):
    operation: ClassVar[Callable[..., Any]] = staticmethod(infer_bbox_shape)

    def samples(self, make: Make) -> Iterator[Sample]:
        for count in (3, 1, 0):
            yield call(bbox_generator(*(make.uniform(count, high=8) for _ in range(4))))

    def oracle(self, *args: Any, **kwargs: Any) -> Any:
        return getattr(kornia, self.operation.__name__)(*args)

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        yield ValueError, r"boxes must have shape \(N, 4, 2\), got \(1, 2, 4, 2\)", call(make.uniform(1, 2, 4, 2))
        yield TypeError, "boxes must be a torch.Tensor, got list", call([1.0])


class TestInferBboxShape3d(TestInferBboxShape):
    operation = staticmethod(infer_bbox_shape3d)

    def samples(self, make: Make) -> Iterator[Sample]:
        for count in (3, 1, 0):
            yield call(bbox_generator3d(*(make.uniform(count, high=8) for _ in range(6))))

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        yield ValueError, r"boxes must have shape \(N, 8, 3\), got \(4, 2\)", call(make.uniform(4, 2))
        yield TypeError, "boxes must be a torch.Tensor, got list", call([1.0])


def flat(scale: float = 1.0) -> torch.Tensor:
    start, size = torch.arange(6.0).view(2, 3) * scale, torch.arange(2.0, 8.0).view(2, 3) * scale
    return bbox_generator(*start[:, :2].unbind(1), *size[:, :2].unbind(1))


def solid() -> torch.Tensor:
    start, size = torch.arange(6.0).view(2, 3), torch.arange(2.0, 8.0).view(2, 3)
    return bbox_generator3d(*start.unbind(1), *size.unbind(1))


@pytest.mark.parametrize("boxes", [flat(), flat()[None], flat()[:0], flat() @ torch.tensor([[0.6, 0.8], [-0.8, 0.6]])])
def test_boxes_are_valid(boxes: torch.Tensor) -> None:
    assert validate_bbox(boxes) is True is kornia.validate_bbox(boxes)


@pytest.mark.parametrize(
    "boxes", [flat()[0], flat()[:, [0, 1, 3, 2]], flat() * torch.nan, flat() + torch.inf, torch.zeros(2, 4, 3)]
)
def test_other_vertices_are_not(boxes: torch.Tensor) -> None:
    assert validate_bbox(boxes) is False is kornia.validate_bbox(boxes)


def test_boxes_of_volumes() -> None:
    assert validate_bbox3d(solid())
    assert validate_bbox3d(solid()[None])
    skewed = solid()
    skewed[0, 6, 0] += 1
    for boxes in (skewed, solid()[0], solid() * torch.nan, solid()[:, :, :2]):
        assert not validate_bbox3d(boxes)


def test_only_tensors_are_looked_at() -> None:
    with pytest.raises(TypeError, match=r"boxes must be a torch\.Tensor, got list"):
        validate_bbox([1.0])  # pyright: ignore[reportArgumentType]
    with pytest.raises(TypeError, match=r"boxes must be a torch\.Tensor, got list"):
        validate_bbox3d([1.0])  # pyright: ignore[reportArgumentType]
