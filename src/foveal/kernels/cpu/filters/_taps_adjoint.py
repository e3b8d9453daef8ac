# SPDX-License-Identifier: Apache-2.0
"""Gradients to the taps of linear filters: products of the gradient with shifts of the surrounded image, summed.

A product is summed over one row in float32, over rows in float64. Strips of rows have sums of their own, which are
added up at the end in one order, whatever the number of threads.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from torch import Tensor

from foveal.kernels.cpu._compile import BARE, compile_kernel
from foveal.kernels.cpu._parallel import parallel_for
from foveal.kernels.cpu._rows import set_all
from foveal.kernels.cpu.filters._combine import combine, dot
from foveal.kernels.cpu.filters._dense import NOWHERE, gather
from foveal.kernels.cpu.filters._layout import Array, adjoint_axis, forward_axis, planes
from foveal.kernels.cpu.filters._separable import add_rows, most_entries

f32, f64 = np.float32, np.float64

# Rows of a strip.
STRIP = 32


def dense_taps_adjoint(image: Tensor, gradient: Tensor, taps: tuple[int, int], border_type: str, padding: str) -> Array:
    """Return the gradient to the kernel of each image, (B, kH, kW), from that to the result of `dense`."""
    rows = forward_axis(image.shape[2], taps[0], border_type, padding)
    columns = forward_axis(image.shape[3], taps[1], border_type, padding)
    arguments = (rows[2:8], columns.around, columns.reach, taps[0], taps[1], rows.most)
    return _sums(_dense, image, gradient, gradient.shape[2], taps[0] * taps[1], *arguments).reshape(-1, *taps)


def across_adjoint(image: Tensor, gradient: Tensor, down: Array, taps: int, border_type: str, padding: str) -> Array:
    """Return the gradient to the taps along x of each image, (B, kW), from that to the result of `separable`."""
    rows = forward_axis(image.shape[2], down.shape[1], border_type, padding)
    columns = forward_axis(image.shape[3], taps, border_type, padding)
    weights = np.ascontiguousarray(np.broadcast_to(down, (image.shape[0], down.shape[1])))
    arguments = (rows.starts, rows.rows, rows.taps, columns.around, columns.reach, weights, image.shape[1])
    return _sums(_across, image, gradient, gradient.shape[2], taps, *arguments)


def down_adjoint(image: Tensor, gradient: Tensor, across: Array, taps: int, border_type: str, padding: str) -> Array:
    """Return the gradient to the taps down y of each image, (B, kH), from that to the result of `separable`."""
    rows = adjoint_axis(image.shape[2], taps, border_type, padding)
    columns = forward_axis(image.shape[3], across.shape[1], border_type, padding)
    weights = np.ascontiguousarray(np.broadcast_to(across, (image.shape[0], across.shape[1])))
    offsets = np.arange(across.shape[1], dtype=np.int64)
    arguments = (
        rows.starts, rows.rows, rows.taps, columns.around, columns.reach, weights, offsets, image.shape[1]
    )  # fmt: skip
    return _sums(_down, image, gradient, image.shape[2], taps, *arguments)


def _sums(loop: Callable[..., None], image: Tensor, gradient: Tensor, height: int, taps: int, *arguments: Any) -> Array:
    batch, channels = image.shape[:2]
    strips = -(-height // STRIP)
    totals = np.zeros((batch * channels * strips, taps), f64)
    parallel_for(
        loop, len(totals), *planes(image), image.shape[3], *planes(gradient), gradient.shape[3], height, totals,
        *arguments, work=image.numel() * taps // 32,
    )  # fmt: skip
    return totals.reshape(batch, -1, taps).sum(axis=1)


@compile_kernel(inline="always")
def _strip(strip, height):
    """Return plane, first row and the one behind the last row of a strip."""
    strips = (height + STRIP - 1) // STRIP
    plane = strip // strips
    first = (strip - plane * strips) * STRIP
    return plane, first, min(first + STRIP, height)


@compile_kernel
def _dense(
    start, stop, image, plane_step, row_step, width, gradient, gradient_plane, gradient_row, out_width, height, totals,
    axis, around, reach, down, across, most,
):  # fmt: skip
    depth, stride = axis[5], around.shape[0]
    ring, tags = np.empty(depth * stride, f32), np.empty(depth, np.int64)
    offsets, numbers = np.empty(most * across, np.int64), np.empty(most * across, f32)
    order, counts = np.empty((down, across), np.int64), np.full(down, across, np.int64)
    order[:] = np.arange(across)
    _dense_strips(
        start, stop, image, plane_step, row_step, width, gradient, gradient_plane, gradient_row, out_width, height,
        totals, axis, around, reach, across, order, counts, ring, stride, tags, offsets, numbers,
        np.zeros((down, across), f32),
    )  # fmt: skip


@compile_kernel(**BARE)
def _dense_strips(
    start, stop, image, plane_step, row_step, width, gradient, gradient_plane, gradient_row, out_width, height, totals,
    axis, around, reach, across, order, counts, ring, stride, tags, offsets, numbers, unweighted,
):  # fmt: skip
    starts, taps = axis[0], axis[2]
    for strip in range(start, stop):
        plane, first, last = _strip(strip, height)
        total = totals[strip]
        set_all(tags, NOWHERE)
        for y in range(first, last):
            begin = starts[y]
            count = gather(
                image, plane * plane_step, row_step, width, begin, starts[y + 1], axis, order, counts, unweighted,
                ring, stride, reach, tags, offsets, numbers, around,
            )  # fmt: skip
            place = plane * gradient_plane + y * gradient_row
            for tap in range(count):
                row = tap // across
                number = taps[begin + row] * across + tap - row * across
                total[number] += f64(dot(ring, offsets[tap], gradient, place, out_width))


@compile_kernel
def _across(
    start, stop, image, plane_step, row_step, width, gradient, gradient_plane, gradient_row, out_width, height, totals,
    starts, rows, taps, around, reach, down, channels,
):  # fmt: skip
    most = most_entries(starts)
    row, row_offsets, row_weights = np.empty(around.shape[0], f32), np.empty(most, np.int64), np.empty(most, f32)
    for strip in range(start, stop):
        plane, first, last = _strip(strip, height)
        for y in range(first, last):
            add_rows(
                image, plane * plane_step, row_step, starts[y], starts[y + 1], rows, taps, down[plane // channels],
                row_offsets, row_weights, row, reach, width,
            )  # fmt: skip
            _surround(row, reach, width, around)
            place = plane * gradient_plane + y * gradient_row
            for tap in range(totals.shape[1]):
                totals[strip, tap] += f64(dot(row, tap, gradient, place, out_width))


@compile_kernel
def _down(
    start, stop, image, plane_step, row_step, width, gradient, gradient_plane, gradient_row, out_width, height, totals,
    starts, rows, taps, around, reach, across, offsets, channels,
):  # fmt: skip
    row, filtered = np.empty(around.shape[0], f32), np.empty(out_width, f32)
    for strip in range(start, stop):
        plane, first, last = _strip(strip, height)
        for y in range(first, last):
            origin = plane * plane_step + y * row_step
            row[reach : reach + width] = image[origin : origin + width]
            _surround(row, reach, width, around)
            weights = across[plane // channels]
            combine(row, offsets, weights, offsets.shape[0], row, 0, f32(0), filtered, 0, out_width)
            for e in range(starts[y], starts[y + 1]):
                place = plane * gradient_plane + rows[e] * gradient_row
                totals[strip, taps[e]] += f64(dot(filtered, 0, gradient, place, out_width))


@compile_kernel(inline="always")
def _surround(row, reach, width, around):
    for x in range(reach):
        row[x] = row[reach + around[x]] if around[x] >= 0 else f32(0)
    for x in range(reach + width, around.shape[0]):
        row[x] = row[reach + around[x]] if around[x] >= 0 else f32(0)
