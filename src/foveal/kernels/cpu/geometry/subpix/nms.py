# SPDX-License-Identifier: Apache-2.0
"""CPU kernels of non-maxima suppression: one pass, row by row; a map counts as a volume of depth one."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from foveal.kernels._kernel import kernel
from foveal.kernels.cpu._array import as_array, empty
from foveal.kernels.cpu._compile import compile_kernel
from foveal.kernels.cpu._parallel import parallel_for

f32 = np.float32


def _accepts2d(input: Tensor, kernel_size: Any, mask_only: bool) -> bool:
    return _accepts(input, kernel_size, 2)


def _accepts3d(input: Tensor, kernel_size: Any, mask_only: bool) -> bool:
    return _accepts(input, kernel_size, 3)


def _accepts(input: Tensor, kernel_size: Any, axes: int) -> bool:
    return (
        input.dtype is torch.float32
        and input.ndim == 2 + axes
        and input.numel() > 0
        and isinstance(kernel_size, tuple)
        and len(kernel_size) == axes
        and all(type(side) is int and side > 0 for side in kernel_size)
        and max(kernel_size) > 1
    )


def _accepts_minmax(input: Tensor) -> bool:
    return _accepts(input, (3, 3, 3), 3)


def _examples2d() -> Iterator[tuple[Any, ...]]:
    for mask_only in (False, True):
        yield torch.zeros(1, 1, 4, 4), (3, 3), mask_only


def _examples3d() -> Iterator[tuple[Any, ...]]:
    for mask_only in (False, True):
        yield torch.zeros(1, 1, 4, 4, 4), (3, 3, 3), mask_only


def _examples_minmax() -> Iterator[tuple[Any, ...]]:
    yield (torch.zeros(1, 1, 4, 4, 4),)


def _adjoint(
    needs: tuple[bool, ...],
    gradients: tuple[Tensor, ...],
    outputs: tuple[Tensor, ...],
    input: Tensor,
    kernel_size: tuple[int, ...],
    mask_only: bool,
) -> tuple[Tensor | None, ...]:
    return torch.where(strict_maxima(input, kernel_size), gradients[0], 0), None, None


@kernel(accepts=_accepts2d, adjoint=_adjoint, examples=_examples2d, keep_outputs=False)
def nms2d(input: Tensor, kernel_size: tuple[int, int], mask_only: bool) -> Tensor:
    """Strict maxima of maps."""
    return strict_maxima(input, kernel_size) if mask_only else _keep_maxima(input, kernel_size)


@kernel(accepts=_accepts3d, adjoint=_adjoint, examples=_examples3d, keep_outputs=False)
def nms3d(input: Tensor, kernel_size: tuple[int, int, int], mask_only: bool) -> Tensor:
    """Strict maxima of volumes."""
    return strict_maxima(input, kernel_size) if mask_only else _keep_maxima(input, kernel_size)


@kernel(accepts=_accepts_minmax, examples=_examples_minmax)
def nms3d_minmax(input: Tensor) -> tuple[Tensor, Tensor]:
    """Strict maxima and minima of volumes."""
    return strict_maxima(input, (3, 3, 3)), strict_maxima(input, (3, 3, 3), sign=-1)


def strict_maxima(input: Tensor, window: tuple[int, ...], sign: int = 1) -> Tensor:
    """Return where `sign` times the input has its strict maxima."""
    result = torch.zeros(input.shape, dtype=torch.bool, device="cpu")
    _over_blocks(_mask_blocks, input, window, result, f32(sign))
    return result


def _keep_maxima(input: Tensor, window: tuple[int, ...]) -> Tensor:
    result = empty(*input.shape).zero_()
    _over_blocks(_keep_blocks, input, window, result)
    return result


def _over_blocks(function: Any, input: Tensor, window: tuple[int, ...], result: Tensor, *arguments: Any) -> None:
    planes, rows, columns = (1, *input.shape[2:])[-3:]
    depth, height, width = (1, *window)[-3:]
    inner_planes, inner_rows = planes - depth + 1, rows - height + 1
    if inner_planes <= 0 or inner_rows <= 0 or columns < width:
        return
    source, target = (as_array(t).reshape(-1, planes, rows * columns) for t in (input, result))
    # Blocks of rows are taken as one long row, for its loops to be worth their start; at a block's left and right end
    # windows then reach into the next row, and these results are cleared.
    blocks = -(-inner_rows // max(BLOCK // columns, 1))
    parallel_for(
        function, len(source) * inner_planes * blocks, source, columns, inner_planes, inner_rows, blocks,
        depth, height, width, target, *arguments, work=source.size,
    )  # fmt: skip


# Values in a block: with its scratch rows it stays in the first-level cache.
BLOCK = 2048


@compile_kernel(inline="always")
def _larger(a, b):
    return a if a > b else b


@compile_kernel
def _raise(values, sign, largest):
    """Raise `largest` to `sign * values`, where NaN, which no value exceeds, counts as infinity."""
    for j in range(largest.shape[0]):
        value = values[j] * sign
        value = value if value == value else f32(np.inf)
        largest[j] = _larger(largest[j], value)


@compile_kernel
def _larger_of_both(a, b, result):
    for j in range(result.shape[0]):
        result[j] = _larger(a[j], b[j])


@compile_kernel
def _larger_of_three(largest, centre, result):
    """Merge what windows of width three hold of other rows and, apart from its middle, of their own row."""
    left, middle, right, before, after = largest, largest[1:], largest[2:], centre, centre[2:]
    for j in range(result.shape[0]):
        others = _larger(_larger(left[j], middle[j]), right[j])
        result[j] = _larger(_larger(before[j], after[j]), others)


@compile_kernel
def _running_maximum(values, side, first, second):
    """Return the maxima of the windows values[j : j + side], by doubling; `first` and `second` are scratch."""
    reach = 1
    while reach < side:
        step = min(reach, side - reach)
        count = values.shape[0] - step
        result = first[:count]
        _larger_of_both(values[:count], values[step:], result)
        values, first, second = result, second, first
        reach += step
    return values


@compile_kernel
def _others(planes, n, plane, begin, size, columns, depth, height, width, sign, scratch):
    """Return the largest of the other values in each window of a block, from the window that starts it."""
    centre, largest = scratch[0, :size], scratch[1, :size]
    centre[:] = -np.inf
    largest[:] = -np.inf
    front, middle, before = plane - (depth - 1) // 2, (height - 1) // 2, (width - 1) // 2
    for z in range(front, front + depth):
        for y in range(height):
            start = begin + (y - middle) * columns
            _raise(planes[n, z, start : start + size], sign, centre if z == plane and y == middle else largest)
    if width == 3:
        others = scratch[2, : size - 2]
        _larger_of_three(largest, centre, others)
        return others
    others = _running_maximum(largest, width, scratch[2], scratch[3])
    for start, side in ((0, before), (before + 1, width // 2)):
        if side > 0:
            part = _running_maximum(centre, side, scratch[4], scratch[5])[start : start + others.shape[0]]
            _larger_of_both(others, part, others)
    return others


@compile_kernel
def _place(index, inner_planes, inner_rows, blocks, depth, height):
    """Return the volume and the plane of a block, its first row and the one after its last."""
    n, plane = index // (inner_planes * blocks), index // blocks % inner_planes + (depth - 1) // 2
    block, top = index % blocks, (height - 1) // 2
    return n, plane, top + inner_rows * block // blocks, top + inner_rows * (block + 1) // blocks


@compile_kernel
def _clear_sides(block, columns, width):
    before, after = (width - 1) // 2, width // 2
    for start in range(0, block.shape[0], columns):
        block[start : start + before] = 0
        block[start + columns - after : start + columns] = 0


@compile_kernel
def _mask_blocks(start, stop, planes, columns, inner_planes, inner_rows, blocks, depth, height, width, result, sign):
    scratch = np.empty((6, -(-inner_rows // blocks) * columns), dtype=np.float32)
    before = (width - 1) // 2
    for index in range(start, stop):
        n, plane, top, bottom = _place(index, inner_planes, inner_rows, blocks, depth, height)
        begin, end = top * columns, bottom * columns
        others = _others(planes, n, plane, begin, end - begin, columns, depth, height, width, sign, scratch)
        centre, inside = planes[n, plane, begin + before : end], result[n, plane, begin + before : end]
        for j in range(others.shape[0]):
            inside[j] = centre[j] * sign > others[j]
        _clear_sides(result[n, plane, begin:end], columns, width)


@compile_kernel
def _keep_blocks(start, stop, planes, columns, inner_planes, inner_rows, blocks, depth, height, width, result):
    scratch = np.empty((6, -(-inner_rows // blocks) * columns), dtype=np.float32)
    before = (width - 1) // 2
    for index in range(start, stop):
        n, plane, top, bottom = _place(index, inner_planes, inner_rows, blocks, depth, height)
        begin, end = top * columns, bottom * columns
        others = _others(planes, n, plane, begin, end - begin, columns, depth, height, width, f32(1), scratch)
        centre, inside = planes[n, plane, begin + before : end], result[n, plane, begin + before : end]
        for j in range(others.shape[0]):
            inside[j] = centre[j] if centre[j] > others[j] else f32(0)
        _clear_sides(result[n, plane, begin:end], columns, width)
