# SPDX-License-Identifier: Apache-2.0
"""Separable filters: rows of the image are summed down the columns into a scratch row, and this along itself.

The scratch row stays in the first-level cache, so that an image is read once and the result written once. The adjoint
of A = H V (H along the rows, V down the columns; the two commute) is V' H': the same loop with the rows and weights
turned round, where pixels beyond the border are added to those that they were copied from.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from torch import Tensor

from foveal.kernels.cpu._array import empty
from foveal.kernels.cpu._compile import BARE, compile_kernel
from foveal.kernels.cpu._parallel import parallel_for
from foveal.kernels.cpu._vector import prefetch
from foveal.kernels.cpu.filters._combine import combine
from foveal.kernels.cpu.filters._lanes import FEW
from foveal.kernels.cpu.filters._layout import Array, Axis, adjoint_axis, forward_axis, planes
from foveal.kernels.cpu.filters._stencil import fits, stencil, stencil_adjoint

f32 = np.float32

# Rows that are fetched before they are needed, and floats of a cache line.
AHEAD = 6
LINE = 16

# Floats of a memory page. Where the scratch row lies in it made a blur of small images up to 1.7 times slower: its
# pixels therefore begin with a page, as those of large images do.
PAGE = 1024

# A core adds some 30 weighted pixels a nanosecond, so that a pixel is half of what `parallel_for` counts on.
EASE = 2

# Up to this side all products at once beat two passes.
DENSE = 5


def separable(
    image: Tensor, across: Array, down: Array, border_type: str, padding: str = "same", own: float = 0.0
) -> Tensor:
    """Filter images (B, C, H, W) of floats or bytes.

    Args:
        image: contiguous or not.
        across: the taps along x, (1 or B, kW).
        down: the taps along y, (1 or B, kH).
        border_type: what lies outside.
        padding: "same" or "valid".
        own: this many times the image is added to the result.
    """
    if _is_dense(image, across, down, padding):
        return stencil(image, _window(across, down, own), border_type)
    height, width = image.shape[2:]
    rows = forward_axis(height, down.shape[1], border_type, padding)
    columns = forward_axis(width, across.shape[1], border_type, padding)
    result = empty(*image.shape[:2], rows.size, columns.size, dtype=image.dtype)
    offsets = np.arange(across.shape[1], dtype=np.int64)
    _run(_forward, image, result, rows, across, down, width, columns, offsets, own)
    return result


def separable_adjoint(
    gradient: Tensor,
    sizes: Sequence[int],
    across: Array,
    down: Array,
    border_type: str,
    padding: str = "same",
    own: float = 0.0,
) -> Tensor:
    """Return the gradient to images of the given sizes (H, W) from that to the result of `separable`."""
    if _is_dense(gradient, across, down, padding):
        return stencil_adjoint(gradient, _window(across, down, own), border_type)
    height, width = sizes
    rows = adjoint_axis(height, down.shape[1], border_type, padding)
    columns = forward_axis(width, across.shape[1], border_type, padding)
    result = empty(*gradient.shape[:2], height, width)
    taps = across.shape[1]
    offsets = np.arange(taps - 1, -1, -1, dtype=np.int64)
    _run(_backward, gradient, result, rows, across, down, gradient.shape[3], columns, offsets, own)
    return result


def _is_dense(image: Tensor, across: Array, down: Array, padding: str) -> bool:
    return down.shape[1] <= DENSE and fits(image, (down.shape[1], across.shape[1]), padding)


def _window(across: Array, down: Array, own: float) -> Array:
    """Return all products of the taps, and in the middle `own` more."""
    weights = down[:, :, None] * across[:, None]
    middle = down.shape[1] // 2
    weights[:, middle, middle] += own
    return weights


def _run(
    loop: Any,
    source: Tensor,
    result: Tensor,
    rows: Axis,
    across: Array,
    down: Array,
    width: int,
    columns: Axis,
    offsets: Array,
    own: float,
) -> None:
    pixels, plane_step, row_step = planes(source)
    batch, channels, height = result.shape[:3]
    across, down = (taps if len(taps) == batch else taps.repeat(batch, axis=0) for taps in (across, down))
    parallel_for(
        loop, batch * channels * height, pixels, plane_step, row_step, width, result.numpy().reshape(-1), height,
        result.shape[3], channels, rows.starts, rows.rows, rows.taps, columns.around, columns.reach,
        across, down, offsets, f32(own),
        work=result.numel() // EASE,
    )  # fmt: skip


@compile_kernel(**BARE)
def add_rows(source, first, row_step, begin, end, rows, taps, weights, row_offsets, row_weights, target, place, width):
    """Sum the rows that go into one row of the result."""
    count = end - begin
    # While this row is summed, the one that a later row will need first comes near.
    ahead = first + (rows[end - 1] + AHEAD) * row_step if end > begin else first
    if ahead + width <= source.shape[0]:
        for x in range(0, width, LINE):
            prefetch(source, ahead + x)
    for e in range(count):
        row_offsets[e] = first + rows[begin + e] * row_step
        row_weights[e] = weights[taps[begin + e]]
    combine(source, row_offsets, row_weights, count, target, 0, f32(0), target, place, width)


@compile_kernel(inline="always")
def most_entries(starts):
    """Return how many rows go into one at most."""
    most = 0
    for row in range(starts.shape[0] - 1):
        most = max(most, starts[row + 1] - starts[row])
    return most


@compile_kernel
def _forward(
    start, stop, source, plane_step, row_step, width, result, height, out_width, channels, starts, rows, taps,
    around, reach, across, down, offsets, own,
):  # fmt: skip
    row_offsets, row_weights = np.empty(most_entries(starts), np.int64), np.empty(most_entries(starts), f32)
    row = np.empty(around.shape[0] + PAGE, f32)
    begin = (PAGE - reach - (row.ctypes.data // 4) % PAGE) % PAGE
    _forward_rows(
        start, stop, source, plane_step, row_step, width, result, height, out_width, channels, starts, rows, taps,
        around, reach, across, down, offsets, own, row_offsets, row_weights, row[begin : begin + around.shape[0]],
    )  # fmt: skip


@compile_kernel(**BARE)
def _forward_rows(
    start, stop, source, plane_step, row_step, width, result, height, out_width, channels, starts, rows, taps,
    around, reach, across, down, offsets, own, row_offsets, row_weights, row,
):  # fmt: skip
    for number in range(start, stop):
        plane = number // height
        y = number - plane * height
        first = plane * plane_step
        image = plane // channels
        add_rows(
            source, first, row_step, starts[y], starts[y + 1], rows, taps, down[image], row_offsets, row_weights,
            row, reach, width,
        )  # fmt: skip
        for x in range(reach):
            row[x] = row[reach + around[x]] if around[x] >= 0 else f32(0)
        for x in range(reach + width, around.shape[0]):
            row[x] = row[reach + around[x]] if around[x] >= 0 else f32(0)
        combine(
            row, offsets, across[image], offsets.shape[0], source, first + y * row_step, own,
            result, number * out_width, out_width,
        )  # fmt: skip


@compile_kernel
def _backward(
    start, stop, source, plane_step, row_step, width, result, height, out_width, channels, starts, rows, taps,
    around, reach, across, down, offsets, own,
):  # fmt: skip
    row_offsets, row_weights = np.empty(most_entries(starts), np.int64), np.empty(most_entries(starts), f32)
    edge = max(reach, around.shape[0] - reach - out_width)
    edge += FEW - edge % FEW
    row = np.zeros(width + 2 * offsets.shape[0] + 2 * edge, f32)
    _backward_rows(
        start, stop, source, plane_step, row_step, width, result, height, out_width, channels, starts, rows, taps,
        around, reach, across, down, offsets, own, row_offsets, row_weights, row, np.empty(edge, f32), edge,
    )  # fmt: skip


@compile_kernel(**BARE)
def _backward_rows(
    start, stop, source, plane_step, row_step, width, result, height, out_width, channels, starts, rows, taps,
    around, reach, across, down, offsets, own, row_offsets, row_weights, row, margin, edge,
):  # fmt: skip
    count = offsets.shape[0]
    behind = around.shape[0] - reach - out_width
    # The border of zeros copies nothing; with two taps there is one behind the image only.
    folds = around[around.shape[0] - 1] >= 0
    for number in range(start, stop):
        plane = number // height
        y = number - plane * height
        first = plane * plane_step
        image = plane // channels
        add_rows(
            source, first, row_step, starts[y], starts[y + 1], rows, taps, down[image], row_offsets, row_weights,
            row, count - 1, width,
        )  # fmt: skip
        place = number * out_width
        combine(
            row[reach:], offsets, across[image], count, source, first + y * row_step, own, result, place, out_width,
        )  # fmt: skip
        if folds and reach > 0:
            combine(row, offsets, across[image], count, row, 0, f32(0), margin, 0, edge)
            for x in range(reach):
                result[place + around[x]] += margin[x]
        if folds and behind > 0:
            combine(row[reach + out_width :], offsets, across[image], count, row, 0, f32(0), margin, 0, edge)
            for x in range(behind):
                result[place + around[reach + out_width + x]] += margin[x]
