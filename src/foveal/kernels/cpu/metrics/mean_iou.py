# SPDX-License-Identifier: Apache-2.0
"""CPU kernels of the intersection over union.

Of labels, by their confusion matrix. Of boxes, in one pass over the table of pairs. With the intersection I, the union
U and the gradient g of a pair the adjoint is g (U + I) / U^2 to I and -g I / U^2 to either area, added up for the boxes
of one set at a time; corners of both boxes at one place share what goes to the intersection.
"""

import itertools
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
Array = np.ndarray[Any, Any]
# A pair takes a nanosecond; with 50 boxes in either set, one thread is done before a second one wakes.
EFFORT = 2


def _accepts(pred: Tensor, target: Any, num_classes: Any, eps: Any, ignore_index: Any) -> bool:
    return accepts(pred, target, num_classes, ignore_index) and type(eps) in (int, float) and eps >= 0


def _examples() -> Iterator[tuple[Any, ...]]:
    # As many pairs as cells, and more.
    for dtype, samples in itertools.product((torch.int64, torch.uint8), (4, 8)):
        labels = torch.zeros(1, samples, dtype=dtype, device="cpu")
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


def _coordinates(boxes: Tensor, box_format: str) -> tuple[Array, Array]:
    """Return corners, coordinate by coordinate, so that the loop over boxes is one of vectors, and areas."""
    found = as_array(torch.cat(corners(boxes.detach(), box_format), dim=1).T)
    areas = np.empty(found.shape[1], f32)
    _areas(found, areas)
    return found, areas


def _adjoint_boxes(
    needs: tuple[bool, ...],
    gradients: tuple[Tensor, ...],
    outputs: tuple[Tensor, ...],
    boxes_1: Tensor,
    boxes_2: Tensor,
    box_format: str,
) -> tuple[Tensor | None, ...]:
    (gradient,) = gradients
    first, second = (_coordinates(boxes, box_format) for boxes in (boxes_1, boxes_2))
    results: list[Tensor | None] = [None, None, None]
    for place, one, other, table in ((0, first, second, gradient), (1, second, first, gradient.T)):
        if needs[place]:
            low, high = _pull_boxes(one[0], *other, as_array(table)).split(2, dim=1)
            if box_format == "xywh":
                low = low + high
            elif box_format == "cxcywh":
                low, high = low + high, (high - low) / 2
            results[place] = torch.cat([low, high], dim=1)
    return tuple(results)


def _pull_boxes(boxes: Array, others: Array, areas: Array, gradient: Array) -> Tensor:
    """Return the gradient to corners."""
    result = empty(boxes.shape[1], 4)
    parallel_for(_pull, boxes.shape[1], boxes, others, areas, gradient, result.numpy(), work=gradient.size * EFFORT)
    return result


@kernel(accepts=_accepts_boxes, adjoint=_adjoint_boxes, examples=_examples_boxes, keep_outputs=False)
def mean_iou_bbox(boxes_1: Tensor, boxes_2: Tensor, box_format: str) -> Tensor:
    """Compare every pair of boxes."""
    (first, _), (second, areas) = (_coordinates(boxes, box_format) for boxes in (boxes_1, boxes_2))
    result = empty(first.shape[1], second.shape[1])
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


@compile_kernel(inline="always")
def _part(ahead, behind):
    """Return what a corner has of the gradient to the larger of two numbers."""
    part = f32(1.0) if ahead > behind else f32(0.0)
    return f32(0.5) if ahead == behind else part


@compile_kernel
def _pull_one(x1, y1, x2, y2, boxes, areas, gradient, result):
    left, top, right, bottom = boxes[0], boxes[1], boxes[2], boxes[3]
    width, height = x2 - x1, y2 - y1
    area = _side(x1, x2) * _side(y1, y2)
    by_x1, by_y1, by_x2, by_y2, by_area = f32(0.0), f32(0.0), f32(0.0), f32(0.0), f32(0.0)
    for j in range(gradient.shape[0]):
        across = -maximum(-right[j], -x2) - maximum(left[j], x1)
        down = -maximum(-bottom[j], -y2) - maximum(top[j], y1)
        wide, high = _side(f32(0.0), across), _side(f32(0.0), down)
        both = wide * high
        either = area + areas[j] - both
        empty = either == f32(0.0)
        scale = gradient[j] / (f32(1.0) if empty else either)
        scale = f32(0.0) if empty else scale
        share = both / (f32(1.0) if empty else either)
        by_area -= scale * share
        by_both = scale * (f32(1.0) + share)
        by_width = by_both * high if across >= f32(0.0) else f32(0.0)
        by_height = by_both * wide if down >= f32(0.0) else f32(0.0)
        by_x1 -= by_width * _part(x1, left[j])
        by_y1 -= by_height * _part(y1, top[j])
        by_x2 += by_width * _part(right[j], x2)
        by_y2 += by_height * _part(bottom[j], y2)
    by_width = by_area * _side(y1, y2) if width >= f32(0.0) else f32(0.0)
    by_height = by_area * _side(x1, x2) if height >= f32(0.0) else f32(0.0)
    result[0], result[1] = by_x1 - by_width, by_y1 - by_height
    result[2], result[3] = by_x2 + by_width, by_y2 + by_height


@compile_kernel
def _pull(start, stop, boxes, others, areas, gradient, result):
    for i in range(start, stop):
        _pull_one(boxes[0, i], boxes[1, i], boxes[2, i], boxes[3, i], others, areas, gradient[i], result[i])
