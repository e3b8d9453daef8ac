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
from foveal.kernels.cpu._rows import copy, set_all
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
    weights = np.broadcast_to(weights, (batch, *weights.shape[1:]))
    chosen = (weights != 0) | (not sparse)
    # Of each row of a kernel the taps that count, before the others.
    order = np.argsort(~chosen, axis=2, kind="stable")
    counts = chosen.sum(axis=2)
    parallel_for(
        loop, batch * channels * height, pixels, plane_step, row_step, source.shape[3], result.numpy().reshape(-1),
        height, width, channels, rows[2:8], columns.around, columns.reach, order, counts,
        np.ascontiguousarray(np.take_along_axis(weights, order, axis=2)), rows.most,
        work=result.numel() * int(counts.sum(axis=1).max()) // 32,
    )  # fmt: skip


@compile_kernel(**BARE)
def gather(
    source, first, row_step, width, begin, end, axis, order, counts, weights, ring, stride, lead, tags, offsets,
    row_weights, around,
):  # fmt: skip
    """Bring the rows that go into one row of the result into the ring, and list their taps.

    `axis` are the tables of an `Axis`. Of row k of a kernel, the taps `order[k, :counts[k]]` have the weights at the
    same places of `weights`.
    """
    _, rows, taps, places, slots, _ = axis
    count = 0
    for e in range(begin, end):
        slot, tap = slots[e], taps[e]
        base = slot * stride
        if tags[slot] != places[e]:
            tags[slot] = places[e]
            row = ring[base + lead : base + lead + width]
            origin = first + rows[e] * row_step
            copy(source[origin : origin + width], row)
            if around.shape[0] > 0:
                for x in range(lead):
                    ring[base + x] = row[around[x]] if around[x] >= 0 else f32(0)
                for x in range(lead + width, around.shape[0]):
                    ring[base + x] = row[around[x]] if around[x] >= 0 else f32(0)
        for j in range(counts[tap]):
            offsets[count] = base + order[tap, j]
            row_weights[count] = weights[tap, j]
            count += 1
    return count


@compile_kernel
def _forward(
    start, stop, source, plane_step, row_step, width, result, height, out_width, channels, axis, around, reach, order,
    counts, weights, most,
):  # fmt: skip
    depth, stride, count = axis[5], around.shape[0], most * weights.shape[2]
    _forward_rows(
        start, stop, source, plane_step, row_step, width, result, height, out_width, channels, axis, around, reach,
        order, counts, weights, np.empty(depth * stride, f32), stride, np.empty(depth, np.int64),
        np.empty(count, np.int64), np.empty(count, f32),
    )  # fmt: skip


@compile_kernel(**BARE)
def _forward_rows(
    start, stop, source, plane_step, row_step, width, result, height, out_width, channels, axis, around, reach, order,
    counts, weights, ring, stride, tags, offsets, row_weights,
):  # fmt: skip
    before, starts = -1, axis[0]
    for number in range(start, stop):
        plane = number // height
        y, image = number - plane * height, plane // channels
        if plane != before:
            before = plane
            set_all(tags, NOWHERE)
        count = gather(
            source, plane * plane_step, row_step, width, starts[y], starts[y + 1], axis, order[image], counts[image],
            weights[image], ring, stride, reach, tags, offsets, row_weights, around,
        )  # fmt: skip
        combine(ring, offsets, row_weights, count, ring, 0, f32(0), result, number * out_width, out_width)


@compile_kernel
def _backward(
    start, stop, source, plane_step, row_step, width, result, height, out_width, channels, axis, around, reach, order,
    counts, weights, most,
):  # fmt: skip
    depth, count = axis[5], most * weights.shape[2]
    edge = max(reach, around.shape[0] - reach - out_width)
    edge += FEW - edge % FEW
    stride = width + 2 * weights.shape[2] + 2 * edge
    _backward_rows(
        start, stop, source, plane_step, row_step, width, result, height, out_width, channels, axis, around, reach,
        order, counts, weights, np.zeros(depth * stride, f32), stride, np.empty(depth, np.int64),
        np.empty(count, np.int64), np.empty(count, f32), np.empty(edge, f32), edge,
    )  # fmt: skip


@compile_kernel(**BARE)
def _backward_rows(
    start, stop, source, plane_step, row_step, width, result, height, out_width, channels, axis, around, reach, order,
    counts, weights, ring, stride, tags, offsets, row_weights, margin, edge,
):  # fmt: skip
    before, starts = -1, axis[0]
    behind = around.shape[0] - reach - out_width
    # The border of zeros copies nothing; with two taps there is one behind the image only.
    folds = around[around.shape[0] - 1] >= 0
    for number in range(start, stop):
        plane = number // height
        y, image = number - plane * height, plane // channels
        if plane != before:
            before = plane
            set_all(tags, NOWHERE)
        count = gather(
            source, plane * plane_step, row_step, width, starts[y], starts[y + 1], axis, order[image], counts[image],
            weights[image], ring, stride, weights.shape[2] - 1, tags, offsets, row_weights, around[:0],
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
