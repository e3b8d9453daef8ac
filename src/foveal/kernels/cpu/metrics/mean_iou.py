# SPDX-License-Identifier: Apache-2.0
"""CPU kernels of the intersection over union.

Of labels, by their confusion matrix. Of boxes, in one pass over the table of pairs; its adjoint is the reference's.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from foveal.kernels._kernel import kernel
from foveal.kernels.cpu._array import as_array, empty
from foveal.kernels.cpu._compile import compile_kernel
from foveal.kernels.cpu._maximum import maximum
from foveal.kernels.cpu._parallel import parallel_for
from foveal.kernels.cpu.metrics._confusion import accepts, confusion_counts
from foveal.metrics.mean_iou import corners, iou_of_counts

f32 = np.float32
# A pair takes a nanosecond, as 16 elements of what `parallel_for` counts on.
EFFORT = 8


def _accepts(pred: Tensor, target: Any, num_classes: Any, eps: Any, ignore_index: Any) -> bool:
    return accepts(pred, target, num_classes, ignore_index) and type(eps) in (int, float)


def _examples() -> Iterator[tuple[Any, ...]]:
    for dtype in (torch.int64, torch.uint8):
        labels = torch.zeros(1, 4, dtype=dtype, device="cpu")
        yield labels, labels, 2, 1e-6, None


@kernel(accepts=_accepts, examples=_examples)
def mean_iou(pred: Tensor, target: Tensor, num_classes: int, eps: float, ignore_index: int | None) -> Tensor:
    """Count pairs of labels."""
    return iou_of_counts(confusion_counts(pred, target, num_classes, ignore_index), eps)


def _accepts_boxes(boxes_1: Tensor, boxes_2: Any, box_format: Any) -> bool:
    return (
        isinstance(boxes_2, Tensor)
        and boxes_1.dtype is boxes_2.dtype is torch.float32
        and boxes_1.ndim == boxes_2.ndim == 2
        and boxes_1.shape[1] == boxes_2.shape[1] == 4
        and boxes_1.numel() > 0
        and boxes_2.numel() > 0
        and box_format in ("xyxy", "xywh", "cxcywh")
    )


def _examples_boxes() -> Iterator[tuple[Any, ...]]:
    yield torch.ones(2, 4, device="cpu"), torch.ones(2, 4, device="cpu"), "xywh"


@kernel(accepts=_accepts_boxes, examples=_examples_boxes)
def mean_iou_bbox(boxes_1: Tensor, boxes_2: Tensor, box_format: str) -> Tensor:
    """Compare every pair of boxes."""
    # Coordinates of all second boxes one after the other: the loop over them is one of vectors.
    first, second = (as_array(torch.cat(corners(boxes.detach(), box_format), dim=1).T) for boxes in (boxes_1, boxes_2))
    result = empty(first.shape[1], second.shape[1])
    areas = np.empty(second.shape[1], np.float32)
    _areas(second, areas)
    parallel_for(_compare, first.shape[1], first, second, areas, result.numpy(), work=result.numel() * EFFORT)
    return result


@compile_kernel(inline="always")
def _side(low, high):
    # A comparison in this order keeps NaN.
    side = high - low
    return f32(0.0) if side < f32(0.0) else side


@compile_kernel(inline="always")
def _overlap(low_1, high_1, low_2, high_2):
    return _side(maximum(low_1, low_2), -maximum(-high_1, -high_2))


@compile_kernel
def _areas(boxes, areas):
    left, top, right, bottom = boxes[0], boxes[1], boxes[2], boxes[3]
    for j in range(areas.shape[0]):
        areas[j] = _side(left[j], right[j]) * _side(top[j], bottom[j])


@compile_kernel
def _compare_one(x1, y1, x2, y2, boxes, areas, result):
    left, top, right, bottom = boxes[0], boxes[1], boxes[2], boxes[3]
    area = _side(x1, x2) * _side(y1, y2)
    for j in range(result.shape[0]):
        both = _overlap(left[j], right[j], x1, x2) * _overlap(top[j], bottom[j], y1, y2)
        either = area + areas[j] - both
        result[j] = f32(0.0) if either == f32(0.0) else both / either


@compile_kernel
def _compare(start, stop, first, second, areas, result):
    for i in range(start, stop):
        _compare_one(first[0, i], first[1, i], first[2, i], first[3, i], second, areas, result[i])
