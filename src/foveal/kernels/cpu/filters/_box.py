# SPDX-License-Identifier: Apache-2.0
"""Sums over large windows, at a cost that hardly grows with them.

Down: rows are cut into blocks of h, the window's height. A window that begins at row i of a block is the sum of the
block's rows from i on (one pass upwards) and of the next block's rows before i (one pass downwards): two additions per
pixel. Along: sums of 2, 4, 8, ... pixels by doubling, and those that make up w added: 2 log2(w) additions at most.
Nothing is ever subtracted, so that no rounding, and no infinity, outlives its window. The adjoint is the same sum over
the gradient with zeros around it, where pixels beyond the border are added to those that they were copied from.
"""

from typing import Any

import numpy as np
from torch import Tensor

from foveal.kernels.cpu._array import as_array, empty
from foveal.kernels.cpu._border import sources
from foveal.kernels.cpu._compile import BARE, compile_kernel
from foveal.kernels.cpu._parallel import parallel_for
from foveal.kernels.cpu._planes import to_byte
from foveal.kernels.cpu._rows import copy
from foveal.kernels.cpu.filters._fold import fold

f32 = np.float32

LARGE = 28
"""Windows whose sides add up to no more are cheaper tap by tap."""


def box(image: Tensor, sides: tuple[int, int], border_type: str) -> Tensor:
    """Return the mean over the window (y, x) of each pixel of images (B, C, H, W) of floats or bytes."""
    around = [
        sources(size, (side - 1) // 2, side // 2, border_type)
        for size, side in zip(image.shape[2:], sides, strict=True)
    ]
    return _run(image, sides, *around, (sides[1] - 1) // 2)


def box_adjoint(gradient: Tensor, sides: tuple[int, int], border_type: str) -> Tensor:
    """Return the gradient to images from that to the result of `box`."""
    sizes = gradient.shape[2:]
    if border_type == "constant":
        around = [sources(n, k // 2, (k - 1) // 2, border_type) for n, k in zip(sizes, sides, strict=True)]
        return _run(gradient, sides, *around, sides[1] // 2)
    around = [sources(n, k - 1, k - 1, "constant") for n, k in zip(sizes, sides, strict=True)]
    return fold(_run(gradient, sides, *around, sides[1] - 1), sizes, sides, border_type)


def _run(image: Tensor, sides: tuple[int, int], rows: Any, columns: Any, lead: int) -> Tensor:
    height, width = len(rows) - sides[0] + 1, len(columns) - sides[1] + 1
    result = empty(*image.shape[:2], height, width, dtype=image.dtype)
    planes = as_array(image).reshape(-1, *image.shape[2:])
    parallel_for(
        _box, len(planes) * height, planes, result.numpy().reshape(-1, height, width), rows, columns, lead, *sides,
        f32(1 / (sides[0] * sides[1])), work=result.numel(),
    )  # fmt: skip
    return result


@compile_kernel(**BARE)
def _read(plane, row, result):
    """Write a row of the surrounded image, without what surrounds it on the left and right."""
    if row < 0:
        for x in range(result.shape[0]):
            result[x] = f32(0)
        return
    source = plane[row]
    for x in range(result.shape[0]):
        result[x] = f32(source[x])


@compile_kernel(**BARE)
def _add_row(plane, row, total, result):
    """Write the sum of a row and `total`."""
    if row < 0:
        for x in range(result.shape[0]):
            result[x] = total[x]
        return
    source = plane[row]
    for x in range(result.shape[0]):
        result[x] = total[x] + f32(source[x])


@compile_kernel(**BARE)
def add_up(first, second, result):
    """Write the sum of two rows."""
    for x in range(result.shape[0]):
        result[x] = first[x] + second[x]


@compile_kernel(**BARE)
def _scale_to(total, scale, result):
    if result.itemsize == 1:
        for x in range(result.shape[0]):
            result[x] = to_byte(total[x] * scale)
    else:
        for x in range(result.shape[0]):
            result[x] = total[x] * scale


@compile_kernel(**BARE)
def along(row, side, scratch, total):
    """Write the sum of `side` pixels of a surrounded row from each one on; `row` and `scratch` are overwritten."""
    size = total.shape[0]
    done, width, length = 0, 1, size + side - 1
    current, other = row, scratch
    while True:
        if side & width:
            if done == 0:
                for x in range(size):
                    total[x] = current[x]
            else:
                part = current[done : done + size]
                for x in range(size):
                    total[x] += part[x]
            done += width
        if 2 * width > side:
            return
        length -= width
        add_up(current[0:length], current[width : width + length], other[0:length])
        current, other = other, current
        width *= 2


@compile_kernel
def _box(start, stop, planes, results, rows, columns, lead, height, width, scale):
    across = planes.shape[2]
    sums, prefix = np.empty((height, across), f32), np.empty(across, f32)
    surrounded, scratch = np.empty(columns.shape[0], f32), np.empty(columns.shape[0], f32)
    _box_rows(
        start, stop, planes, results, rows, columns, lead, height, width, scale, sums, prefix, surrounded, scratch,
        np.empty(results.shape[2], f32),
    )  # fmt: skip


@compile_kernel(**BARE)
def _box_rows(
    start, stop, planes, results, rows, columns, lead, height, width, scale, sums, prefix, surrounded, scratch, total
):  # fmt: skip
    size, across = results.shape[1], planes.shape[2]
    inside = surrounded[lead : lead + across]
    while start < stop:
        index = start // size
        first = start - index * size
        last = min(size, first + stop - start)
        start += last - first
        plane = planes[index]
        for y in range(first, last, height):
            _read(plane, rows[y + height - 1], sums[height - 1])
            for i in range(height - 2, -1, -1):
                _add_row(plane, rows[y + i], sums[i + 1], sums[i])
            for i in range(min(height, last - y)):
                if i == 0:
                    copy(sums[0], inside)
                else:
                    if i == 1:
                        _read(plane, rows[y + height], prefix)
                    else:
                        _add_row(plane, rows[y + height + i - 1], prefix, prefix)
                    add_up(sums[i], prefix, inside)
                for x in range(lead):
                    surrounded[x] = inside[columns[x]] if columns[x] >= 0 else f32(0)
                for x in range(lead + across, columns.shape[0]):
                    surrounded[x] = inside[columns[x]] if columns[x] >= 0 else f32(0)
                along(surrounded, width, scratch, total)
                _scale_to(total, scale, results[index, y + i])
