# SPDX-License-Identifier: Apache-2.0
"""The largest pixel of each square window inside an image, and the gradient, which goes to the first of these.

Ties and NaN as in `torch.nn.functional.max_pool2d`: NaN is larger than any number, and the last one of a window wins.
"""

from typing import Any

import numpy as np
from torch import Tensor

from foveal.kernels.cpu._array import as_array, empty
from foveal.kernels.cpu._compile import BARE, compile_kernel
from foveal.kernels.cpu._parallel import parallel_for
from foveal.kernels.cpu._rows import copy

f32 = np.float32


def window_max(maps: Tensor, side: int) -> Tensor:
    """Return the largest pixel of each window of maps (B, C, H, W), from each pixel on where it lies inside."""
    height, width = (size - side + 1 for size in maps.shape[2:])
    result = empty(*maps.shape[:2], height, width)
    target = result.numpy().reshape(-1, height, width)
    parallel_for(_window_max, len(target) * height, _planes(maps), side, target, work=maps.numel())
    return result


def window_max_adjoint(maps: Tensor, gradient: Tensor, side: int) -> Tensor:
    """Return the gradient to maps from that to the result of `window_max`."""
    result = empty(*maps.shape)
    target = _planes(result)
    parallel_for(
        _spread, len(target) * target.shape[1], _planes(maps), _planes(gradient), side, target,
        work=maps.numel() * side * side,
    )  # fmt: skip
    return result


def _planes(maps: Tensor) -> np.ndarray[Any, Any]:
    return as_array(maps).reshape(-1, *maps.shape[2:])


@compile_kernel(inline="always")
def _larger(a, b):
    return a if (a > b) | (a != a) else b


@compile_kernel(**BARE)
def _widen(row, other, total):
    """Write the larger pixels of two rows."""
    for x in range(total.shape[0]):
        total[x] = _larger(other[x], row[x])


@compile_kernel
def _window_max(start, stop, planes, side, result):
    height, width = result.shape[1:]
    _window_max_rows(start, stop, planes, side, result, height, width, np.empty(planes.shape[2], f32))


@compile_kernel(**BARE)
def _window_max_rows(start, stop, planes, side, result, height, width, down):
    for number in range(start, stop):
        plane, y = planes[number // height], number % height
        copy(plane[y], down)
        for i in range(1, side):
            _widen(down, plane[y + i], down)
        row = result[number // height, y]
        copy(down[:width], row)
        for j in range(1, side):
            _widen(row, down[j : j + width], row)


@compile_kernel(**BARE)
def _choose(pixels, place, best, chosen):
    """Note the place of pixels that are the largest so far."""
    for x in range(best.shape[0]):
        wins = (pixels[x] > best[x]) | (pixels[x] != pixels[x])
        best[x] = pixels[x] if wins else best[x]
        chosen[x] = place if wins else chosen[x]


@compile_kernel(**BARE)
def _add_chosen(gradient, place, chosen, total):
    """Add the gradient of windows whose largest pixel is at a place."""
    for x in range(total.shape[0]):
        total[x] += gradient[x] if chosen[x] == place else f32(0)


@compile_kernel
def _spread(start, stop, planes, gradients, side, result):
    width = gradients.shape[2]
    _spread_rows(start, stop, planes, gradients, side, result, np.empty(width, f32), np.empty(width, np.int32))


@compile_kernel(**BARE)
def _spread_rows(start, stop, planes, gradients, side, result, best, chosen):
    height, rows, width = result.shape[1], gradients.shape[1], gradients.shape[2]
    while start < stop:
        index = start // height
        first = start - index * height
        last = min(height, first + stop - start)
        start += last - first
        for y in range(first, last):
            row = result[index, y]
            for x in range(row.shape[0]):
                row[x] = f32(0)
        # Windows that begin above reach into the first rows.
        for y in range(max(first - side + 1, 0), min(last, rows)):
            for x in range(width):
                chosen[x] = np.int32(0)
            copy(planes[index, y, :width], best)
            for place in range(1, side * side):
                i, j = place // side, place % side
                _choose(planes[index, y + i, j : j + width], np.int32(place), best, chosen)
            for place in range(side * side):
                i, j = place // side, place % side
                if first <= y + i < last:
                    _add_chosen(gradients[index, y], np.int32(place), chosen, result[index, y + i, j : j + width])
