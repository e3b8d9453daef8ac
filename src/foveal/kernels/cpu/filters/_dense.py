# SPDX-License-Identifier: Apache-2.0
"""Filters by any kernel: a row of the result as the weighted sum of shifts of surrounded rows.

The rows that a kernel covers lie in a ring of surrounded rows in the second-level cache, each copied once. The adjoint
is the same loop over rows of the gradient with zeros around them and the kernel turned; pixels beyond the border are
added to those that they were copied from.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from torch import Tensor

from foveal.kernels.cpu._array import empty
from foveal.kernels.cpu._compile import BARE, compile_kernel
from foveal.kernels.cpu._parallel import parallel_for
from foveal.kernels.cpu.filters._combine import combine
from foveal.kernels.cpu.filters._lanes import FEW
from foveal.kernels.cpu.filters._layout import Array, Axis, adjoint_axis, forward_axis, planes
from foveal.kernels.cpu.filters._stencil import fits, stencil, stencil_adjoint

f32 = np.float32

# The tag of an empty slot of the ring.
NOWHERE = -(1 << 40)


def dense(image: Tensor, weights: Array, border_type: str, padding: str = "same", *, sparse: bool = False) -> Tensor:
    """Correlate images (B, C, H, W) with kernels (1 or B, kH, kW); if `sparse`, leave out their taps of zero."""
    if not sparse and fits(image, weights.shape[1:], padding):
        return stencil(image, weights, border_type)
    height, width = image.shape[2:]
    rows = forward_axis(height, weights.shape[1], border_type, padding)
    columns = forward_axis(width, weights.shape[2], border_type, padding)
    result = empty(*image.shape[:2], rows.size, columns.size)
    _run(_forward, image, result, rows, columns, weights, sparse)
    return result


def dense_adjoint(
    gradient: Tensor,
    sizes: Sequence[int],
    weights: Array,
    border_type: str,
    padding: str = "same",
    *,
    sparse: bool = False,
) -> Tensor:
    """Return the gradient to images of the given sizes (H, W) from that to the result of `dense`."""
    if not sparse and fits(gradient, weights.shape[1:], padding):
        return stencil_adjoint(gradient, weights, border_type)
    height, width = sizes
    rows = adjoint_axis(height, weights.shape[1], border_type, padding)
    columns = forward_axis(width, weights.shape[2], border_type, padding)
    result = empty(*gradient.shape[:2], height, width)
    _run(_backward, gradient, result, rows, columns, weights[:, :, ::-1], sparse)
    return result


def _run(loop: Any, source: Tensor, result: Tensor, rows: Axis, columns: Axis, weights: Array, sparse: bool) -> None:
    pixels, plane_step, row_step = planes(source)
    batch, channels, height, width = result.shape
    taps = int((weights != 0).sum(axis=(1, 2)).max()) if sparse else weights.shape[1] * weights.shape[2]
    all_weights = np.ascontiguousarray(np.broadcast_to(weights, (batch, *weights.shape[1:])))
    parallel_for(
        loop, batch * channels * height, pixels, plane_step, row_step, source.shape[3], result.numpy().reshape(-1),
        height, width, channels, rows.starts, rows.rows, rows.taps, rows.places, columns.around, columns.reach,
        all_weights, sparse, work=result.numel() * taps // 32,
    )  # fmt: skip


@compile_kernel(inline="always")
def spread(starts, places, height):
    """Return how many rows of the ring the rows of the result reach at most, and the most of their entries."""
    reach, most = 1, 1
    for row in range(height):
        begin, end = starts[row], starts[row + 1]
        if end > begin:
            low, high = places[begin], places[begin]
            for e in range(begin, end):
                low, high = min(low, places[e]), max(high, places[e])
            reach, most = max(reach, high - low + 1), max(most, end - begin)
    return reach, most


@compile_kernel(**BARE)
def gather(
    source, first, row_step, width, begin, end, rows, taps, places, weights, ring, stride, lead, tags,
    offsets, row_weights, around, sparse,
):  # fmt: skip
    """Bring the rows that go into one row of the result into the ring, and list their taps."""
    slots, across = tags.shape[0], weights.shape[1]
    count = 0
    for e in range(begin, end):
        slot = places[e] % slots
        base = slot * stride
        if tags[slot] != places[e]:
            tags[slot] = places[e]
            row = ring[base + lead : base + lead + width]
            origin = first + rows[e] * row_step
            original = source[origin : origin + width]
            for x in range(width):
                row[x] = original[x]
            if around.shape[0] > 0:
                for x in range(lead):
                    ring[base + x] = row[around[x]] if around[x] >= 0 else f32(0)
                for x in range(lead + width, around.shape[0]):
                    ring[base + x] = row[around[x]] if around[x] >= 0 else f32(0)
        for j in range(across):
            offsets[count] = base + j
            row_weights[count] = weights[taps[e], j]
            if not sparse or row_weights[count] != 0:
                count += 1
    return count


@compile_kernel
def _forward(
    start, stop, source, plane_step, row_step, width, result, height, out_width, channels, starts, rows, taps, places,
    around, reach, weights, sparse,
):  # fmt: skip
    slots, most = spread(starts, places, height)
    count = most * weights.shape[2]
    stride = around.shape[0]
    _forward_rows(
        start, stop, source, plane_step, row_step, width, result, height, out_width, channels, starts, rows, taps,
        places, around, reach, weights, sparse, np.empty(slots * stride, f32), stride,
        np.full(slots, NOWHERE, np.int64), np.empty(count, np.int64), np.empty(count, f32),
    )  # fmt: skip


@compile_kernel(**BARE)
def _forward_rows(
    start, stop, source, plane_step, row_step, width, result, height, out_width, channels, starts, rows, taps, places,
    around, reach, weights, sparse, ring, stride, tags, offsets, row_weights,
):  # fmt: skip
    before = -1
    for number in range(start, stop):
        plane = number // height
        y = number - plane * height
        if plane != before:
            before = plane
            for slot in range(tags.shape[0]):
                tags[slot] = NOWHERE
        count = gather(
            source, plane * plane_step, row_step, width, starts[y], starts[y + 1], rows, taps, places,
            weights[plane // channels], ring, stride, reach, tags, offsets, row_weights, around, sparse,
        )  # fmt: skip
        combine(ring, offsets, row_weights, count, ring, 0, f32(0), result, number * out_width, out_width)


@compile_kernel
def _backward(
    start, stop, source, plane_step, row_step, width, result, height, out_width, channels, starts, rows, taps, places,
    around, reach, weights, sparse,
):  # fmt: skip
    slots, most = spread(starts, places, height)
    count = most * weights.shape[2]
    edge = max(reach, around.shape[0] - reach - out_width)
    edge += FEW - edge % FEW
    stride = width + 2 * weights.shape[2] + 2 * edge
    _backward_rows(
        start, stop, source, plane_step, row_step, width, result, height, out_width, channels, starts, rows, taps,
        places, around, reach, weights, sparse, np.zeros(slots * stride, f32), stride,
        np.full(slots, NOWHERE, np.int64), np.empty(count, np.int64), np.empty(count, f32), np.empty(edge, f32), edge,
    )  # fmt: skip


@compile_kernel(**BARE)
def _backward_rows(
    start, stop, source, plane_step, row_step, width, result, height, out_width, channels, starts, rows, taps, places,
    around, reach, weights, sparse, ring, stride, tags, offsets, row_weights, margin, edge,
):  # fmt: skip
    before = -1
    behind = around.shape[0] - reach - out_width
    # The border of zeros copies nothing; with two taps there is one behind the image only.
    folds = around[around.shape[0] - 1] >= 0
    for number in range(start, stop):
        plane = number // height
        y = number - plane * height
        if plane != before:
            before = plane
            for slot in range(tags.shape[0]):
                tags[slot] = NOWHERE
        count = gather(
            source, plane * plane_step, row_step, width, starts[y], starts[y + 1], rows, taps, places,
            weights[plane // channels], ring, stride, weights.shape[2] - 1, tags, offsets, row_weights,
            around[:0], sparse,
        )  # fmt: skip
        place = number * out_width
        combine(ring[reach:], offsets, row_weights, count, ring, 0, f32(0), result, place, out_width)
        if folds and reach > 0:
            combine(ring, offsets, row_weights, count, ring, 0, f32(0), margin, 0, edge)
            for x in range(reach):
                result[place + around[x]] += margin[x]
        if folds and behind > 0:
            combine(ring[reach + out_width :], offsets, row_weights, count, ring, 0, f32(0), margin, 0, edge)
            for x in range(behind):
                result[place + around[reach + out_width + x]] += margin[x]
