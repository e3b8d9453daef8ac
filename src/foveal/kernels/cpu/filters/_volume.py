# SPDX-License-Identifier: Apache-2.0
"""Filters of volumes by any kernel: a row of the result as the weighted sum of shifts of rows of the surrounded volume.

The volume is copied once, with its border. The adjoint is the same loop over the gradient with zeros around it and the
kernel turned; what it gives to the border is added to the voxels that this was copied from.
"""

from collections.abc import Sequence

import numpy as np
from torch import Tensor

from foveal.kernels.cpu._array import as_array, empty
from foveal.kernels.cpu._border import sources
from foveal.kernels.cpu._compile import BARE, compile_kernel
from foveal.kernels.cpu._parallel import parallel_for
from foveal.kernels.cpu._rows import copy, set_all
from foveal.kernels.cpu.filters._combine import combine, dot
from foveal.kernels.cpu.filters._fold import fold
from foveal.kernels.cpu.filters._layout import Array

f32, f64 = np.float32, np.float64


def filter_volume(volume: Tensor, weights: Array, border_type: str, *, sparse: bool = False) -> Tensor:
    """Correlate volumes (B, C, D, H, W) with kernels (1 or B, kD, kH, kW); if `sparse`, leave out taps of zero."""
    sides = weights.shape[1:]
    margins = [((side - 1) // 2, side // 2) for side in sides]
    return _correlate(_surrounded(volume, margins, border_type), volume.shape[:2], volume.shape[2:], weights, sparse)


def filter_volume_adjoint(gradient: Tensor, weights: Array, border_type: str, *, sparse: bool = False) -> Tensor:
    """Return the gradient to volumes from that to the result of `filter_volume`."""
    sizes, sides = gradient.shape[2:], weights.shape[1:]
    turned = weights[:, ::-1, ::-1, ::-1]
    if border_type == "constant":
        margins = [(side // 2, (side - 1) // 2) for side in sides]
        return _correlate(_surrounded(gradient, margins, border_type), gradient.shape[:2], sizes, turned, sparse)
    padded = _surrounded(gradient, [(side - 1, side - 1) for side in sides], "constant")
    wide = [size + side - 1 for size, side in zip(sizes, sides, strict=True)]
    return fold(_correlate(padded, gradient.shape[:2], wide, turned, sparse), sizes, sides, border_type)


def volume_taps_adjoint(volume: Tensor, gradient: Tensor, sides: tuple[int, ...], border_type: str) -> Array:
    """Return the gradient to the kernel of each volume, (B, kD, kH, kW), from that to the result of `filter_volume`."""
    padded = _surrounded(volume, [((side - 1) // 2, side // 2) for side in sides], border_type)
    batch, channels, depth, height, width = volume.shape
    shifts = _shifts(np.ones(sides, bool), padded.shape)
    # Sums of their own for each slice, added up in one order, whatever the number of threads.
    totals = np.zeros((batch * channels * depth, len(shifts)), f64)
    parallel_for(
        _dots, len(totals), padded.reshape(-1), as_array(gradient).reshape(-1), depth, height, width,
        *padded.shape[1:], shifts, totals, work=volume.numel() * len(shifts) // 32,
    )  # fmt: skip
    return totals.reshape(batch, -1, len(shifts)).sum(axis=1).reshape(-1, *sides)


def _surrounded(volume: Tensor, margins: Sequence[tuple[int, int]], border_type: str) -> Array:
    """Return volumes, (B C, D, H, W), with so many voxels before and after each axis."""
    tables = [sources(n, *around, border_type) for n, around in zip(volume.shape[2:], margins, strict=True)]
    values = as_array(volume).reshape(-1, *volume.shape[2:])
    padded = np.empty((len(values), *map(len, tables)), f32)
    parallel_for(
        _surround, padded.shape[0] * padded.shape[1] * padded.shape[2], values, *tables, margins[2][0], padded,
        work=padded.size,
    )  # fmt: skip
    return padded


def _shifts(chosen: Array, shape: tuple[int, ...]) -> Array:
    """Return how many voxels of a flat array of volumes lie before each of the chosen taps."""
    z, y, x = np.nonzero(chosen)
    return ((z * shape[2] + y) * shape[3] + x).astype(np.int64)


def _correlate(padded: Array, lead: Sequence[int], sizes: Sequence[int], weights: Array, sparse: bool) -> Tensor:
    """Correlate surrounded volumes (B C, D, H, W), and return volumes (*lead, *sizes)."""
    batch = weights.shape[0]
    chosen = (weights != 0) | (not sparse)
    counts = chosen.sum(axis=(1, 2, 3))
    most = int(counts.max())
    shifts, taps = np.zeros((batch, most), np.int64), np.zeros((batch, most), f32)
    for number, count in enumerate(counts):
        shifts[number, :count] = _shifts(chosen[number], padded.shape)
        taps[number, :count] = weights[number][chosen[number]]
    result = empty(*lead, *sizes)
    rows = len(padded) * sizes[0] * sizes[1]
    parallel_for(
        _sum_rows, rows, padded.reshape(-1), *sizes, *padded.shape[1:], len(padded) // batch, shifts, taps,
        counts, result.numpy().reshape(-1), work=result.numel() * most // 32,
    )  # fmt: skip
    return result


@compile_kernel
def _surround(start, stop, values, planes, rows, columns, lead, padded):
    depth, height = padded.shape[1:3]
    for number in range(start, stop):
        index, y = number // height, number % height
        volume, z = index // depth, index % depth
        target, plane, source = padded[volume, z, y], planes[z], rows[y]
        if plane < 0 or source < 0:
            set_all(target, f32(0))
            continue
        row = values[volume, plane, source]
        copy(row, target[lead : lead + row.shape[0]])
        for x in range(lead):
            target[x] = row[columns[x]] if columns[x] >= 0 else f32(0)
        for x in range(lead + row.shape[0], columns.shape[0]):
            target[x] = row[columns[x]] if columns[x] >= 0 else f32(0)


@compile_kernel(**BARE)
def _sum_rows(
    start, stop, padded, depth, height, width, across_depth, across_height, stride, channels, shifts, weights, counts,
    result,
):  # fmt: skip
    for number in range(start, stop):
        index, y = number // height, number % height
        volume, z = index // depth, index % depth
        taps = volume // channels
        place = ((volume * across_depth + z) * across_height + y) * stride
        combine(
            padded[place:], shifts[taps], weights[taps], counts[taps], padded, 0, f32(0), result, number * width, width,
        )  # fmt: skip


@compile_kernel(**BARE)
def _dots(
    start, stop, padded, gradient, depth, height, width, across_depth, across_height, stride, shifts, totals
):  # fmt: skip
    for index in range(start, stop):
        volume, z = index // depth, index % depth
        for y in range(height):
            place = ((volume * across_depth + z) * across_height + y) * stride
            for tap in range(shifts.shape[0]):
                total = dot(padded, place + shifts[tap], gradient, (index * height + y) * width, width)
                totals[index, tap] += f64(total)
