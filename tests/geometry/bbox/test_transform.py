# SPDX-License-Identifier: Apache-2.0
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import kornia.geometry.bbox as kornia
import pytest
import torch

from foveal.geometry.bbox import bbox_generator, transform_bbox
from tests.contract import Contract, Make, Sample, call

FLIP = [[-1.0, 0.0, 9.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
TURN = [[0.0, -1.0, 10.0], [1.0, 0.0, 0.5], [0.0, 0.0, 1.0]]
TILT = [[0.9, 0.2, 1.0], [-0.1, 1.1, 0.5], [0.01, 0.02, 1.0]]


class TestTransformBbox(Contract):
    operation: ClassVar[Callable[..., Any]] = staticmethod(transform_bbox)

    def samples(self, make: Make) -> Iterator[Sample]:
        boxes = make.tensor([[1.0, 2.0, 3.0, 6.0], [0.5, 0.25, 4.0, 5.0]])
        yield call(make.tensor([TILT]), boxes, restore_coordinates=False)
        for mode in ("xyxy", "xywh"):
            yield call(make.tensor([FLIP, TURN]), boxes, mode)
            yield call(make.tensor([TURN]), torch.stack([boxes, boxes + 1]), mode, False)
            yield call(make.tensor([FLIP]), boxes[:0], mode)
        yield call(make.tensor([TILT, TURN]), torch.stack([boxes, boxes + 1, boxes + 2], dim=1), "xyxy")
        yield call(make.tensor([TURN]), bbox_generator(*boxes.unbind(1))[None])
        yield call(make.tensor([TURN]), bbox_generator(*boxes.unbind(1))[None], "xywh")

    def oracle(self, *args: Any, **kwargs: Any) -> Any:
        matrix, boxes, *options = args
        if boxes.ndim == 4:  # polygons have no mode
            options = []
        return kornia.transform_bbox(matrix, boxes, *options, **kwargs) if boxes.numel() else boxes

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        matrix, boxes = make.tensor([FLIP]), make.uniform(2, 4)
        yield ValueError, "mode must be one of 'xyxy', 'xywh', got 'yolo'", call(matrix, boxes, "yolo")
        yield TypeError, "trans_mat must have a floating-point dtype", call(matrix.long(), boxes)
        yield ValueError, r"trans_mat must have shape \(B, 3, 3\)", call(matrix[0], boxes)
        yield ValueError, "trans_mat must hold 1 or 2 matrices, got 3", call(matrix.repeat(3, 1, 1), boxes)
        yield ValueError, r"boxes must have shape \(N, 4\), got \(2, 3\)", call(matrix, boxes[:, :3])
        yield ValueError, r"boxes must have shape \(B, N, 4, 2\)", call(matrix, make.uniform(1, 2, 4, 3))


@pytest.mark.parametrize("matrix", [FLIP, TURN])
@pytest.mark.parametrize("size", [3.0, 0.25, 0.0])
def test_moved_sides_are_never_negative_and_keep_their_length(matrix: list[list[float]], size: float) -> None:
    moved = transform_bbox(torch.tensor([matrix]), torch.tensor([[0.5, 0.25, size, 2 * size]]), "xywh")
    assert sorted(moved[0, 2:].tolist()) == [size, 2 * size]


def test_integers_become_floats() -> None:
    moved = transform_bbox(torch.tensor([FLIP]), torch.tensor([[1, 2, 3, 4]]))
    torch.testing.assert_close(moved, torch.tensor([[6.0, 2.0, 8.0, 4.0]]))
