# SPDX-License-Identifier: Apache-2.0
"""CPU kernel of non-maxima suppression of boxes: each kept box is held against all lesser ones in one vector loop."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from foveal.kernels._kernel import kernel
from foveal.kernels.cpu._array import as_array
from foveal.kernels.cpu._compile import compile_kernel

f32 = np.float32

PERIOD = 64
"""After so many kept boxes those that were dropped are taken out of the rows."""


def _accepts(boxes: Tensor, scores: Tensor, iou_threshold: Any) -> bool:
    return (
        boxes.dtype is torch.float32
        and boxes.ndim == 2
        and boxes.shape[1] == 4
        and isinstance(scores, Tensor)
        and scores.shape == boxes.shape[:1]
        and type(iou_threshold) in (int, float)
    )


def _examples() -> Iterator[tuple[Any, ...]]:
    yield torch.zeros(2, 4), torch.zeros(2), 0.5


@kernel(accepts=_accepts, examples=_examples)
def nms(boxes: Tensor, scores: Tensor, iou_threshold: float) -> Tensor:
    """Indices of the boxes that overlap no better one."""
    order = scores.detach().argsort(descending=True, stable=True)
    count = len(order)
    sides = np.empty((5, count), np.float32)
    sides[:4] = as_array(boxes)[order.numpy()].T
    sides[4] = (sides[2] - sides[0]) * (sides[3] - sides[1])
    places, kept = np.arange(count), np.empty(count, np.int64)
    found = _suppress(sides, places, f32(iou_threshold), kept, np.empty(count, np.float32))
    return order[torch.from_numpy(kept[:found])]


@compile_kernel
def _suppress(sides, places, threshold, kept, alive):
    """Write the places of the kept boxes, and return how many there are; `sides` and `places` are used up."""
    found, start, end = 0, 0, sides.shape[1]
    while start < end:
        alive[start:end] = 1
        until, i = found + PERIOD, start
        while i < end and found < until:
            if alive[i] > 0:
                kept[found] = places[i]
                found += 1
                rest = sides[:, i + 1 : end]
                _drop(sides[:, i], rest[0], rest[1], rest[2], rest[3], rest[4], threshold, alive[i + 1 : end])
            i += 1
        start, end = 0, _compact(sides, places, alive, i, end)
    return found


@compile_kernel
def _drop(box, left, top, right, bottom, areas, threshold, alive):
    x1, y1, x2, y2, area = box[0], box[1], box[2], box[3], box[4]
    for j in range(alive.shape[0]):
        width = (x2 if x2 < right[j] else right[j]) - (x1 if x1 > left[j] else left[j])
        height = (y2 if y2 < bottom[j] else bottom[j]) - (y1 if y1 > top[j] else top[j])
        width = width if width > f32(0) else f32(0)
        height = height if height > f32(0) else f32(0)
        shared = width * height
        alive[j] = f32(0) if shared > threshold * (area + areas[j] - shared) else alive[j]


@compile_kernel
def _compact(sides, places, alive, start, end):
    """Move what is alive from `start` on to the front, and return how much that is."""
    count = 0
    for j in range(start, end):
        if alive[j] > 0:
            places[count] = places[j]
            for side in range(5):
                sides[side, count] = sides[side, j]
            count += 1
    return count
