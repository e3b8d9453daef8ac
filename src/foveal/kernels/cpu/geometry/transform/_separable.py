# SPDX-License-Identifier: Apache-2.0
"""Images through a linear operator along each axis: row by row, first down the columns, then along the row."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from foveal.kernels.cpu._array import as_array, empty, is_streamed
from foveal.kernels.cpu._compile import BARE, compile_kernel
from foveal.kernels.cpu._gather import HAS_PERMUTATION
from foveal.kernels.cpu._parallel import parallel_for
from foveal.kernels.cpu._vector import load, steps, stream
from foveal.kernels.cpu.filters._lanes import FEW
from foveal.kernels.cpu.geometry.transform._axis import DOUBLED, HALVED, Plan
from foveal.kernels.cpu.geometry.transform._halves import (
    mix_columns_apart,
    mix_pairs,
    mix_rows_apart,
    mix_two_rows_apart,
    spread_row,
)
from foveal.kernels.cpu.geometry.transform._mixes import (
    SLACK,
    WIDE,
    mix_band,
    mix_columns,
    mix_rows,
    mix_windows,
)
from foveal.kernels.cpu.geometry.transform._strides import turn

f32 = np.float32

# Results of so many bytes are written past the caches: the last level would not keep them for the next reader.
STREAMED = 32 << 20


def apply_axes(image: Tensor, rows: Plan, columns: Plan) -> Tensor:
    """Return images (*, H, W) of float32 or uint8 through an operator along each axis."""
    height, width = len(rows.starts), len(columns.starts)
    result = empty(*image.shape[:-2], height, width, dtype=image.dtype)
    pixels, stride = _planes(image)
    target = result.numpy().reshape(-1, height, width)
    lines, across = len(target) * height, image.shape[-1]
    shared = (pixels, stride, across, target, rows[:3])
    work = max(target.size, image.numel())
    if image.dtype is torch.float32 and width >= FEW and _is_spread(rows) and _is_spread(columns):
        taps = np.outer([rows.even, rows.odd], [columns.even, columns.odd]).ravel()
        common = (pixels, stride, target, taps, is_streamed(target))
        parallel_for(spread_rows, lines // 2, *common, work=work)
    elif width < FEW or (columns.kind == DOUBLED and width >= 2 * FEW):
        loop = stream_rows if target.nbytes >= STREAMED and is_streamed(target) else transform_rows
        parallel_for(loop, lines, *shared, *_columns(columns), work=work)
    elif columns.kind == HALVED and len(columns.weights[0]) == 2 and (columns.first, columns.last) == (0, width):
        taps = np.concatenate([columns.even, columns.odd])
        parallel_for(pair_rows, lines, *shared, taps, columns.shift, work=work)
    elif columns.kind == HALVED and across % 2 == 0 and across >= 2 * FEW:
        pairs = len(target) * -(-height // 2)
        parallel_for(halve_rows, pairs, *shared, _alike(rows), *_columns(columns), work=work)
    elif columns.groups is not None and HAS_PERMUTATION:
        groups = tuple(np.ravel(part) for part in columns.groups)
        parallel_for(choose_rows, lines, *shared, groups, work=work)
    else:
        bands = len(target) * -(-height // FEW)
        parallel_for(transform_bands, bands, *shared, columns[:3], work=work)
    return result


def _columns(table: Plan) -> tuple[Any, ...]:
    """Return a table, what its columns have in common, and their taps."""
    return table[:3], table[3:8], table.even, table.odd


def _alike(rows: Plan) -> tuple[int, int]:
    """Return the run of rows, two pixels apart, that share taps of which two rows at once can be computed."""
    if rows.kind == HALVED and len(rows.even) == len(rows.odd) and len(rows.even) in (2, 3):
        return rows.first, rows.last
    return 0, 0


def _is_spread(table: Plan) -> bool:
    """Say whether every two pixels are one and the same, each times a weight: the transpose of a sum of pairs."""
    shared = (table.kind, table.first, 2 * table.last, table.shift, table.odd_shift, len(table.even), len(table.odd))
    return shared == (DOUBLED, 0, len(table.starts), 0, 0, 1, 1)


def _planes(image: Tensor) -> tuple[np.ndarray[Any, Any], int]:
    """Return images as an array (planes, pixels) and the pixels from row to row.

    Of a gradient that is one and the same value, as of a sum or a mean, a single row stands for all.
    """
    if image.dtype is torch.float32 and not any(image.stride()):
        return np.full((1, image.shape[-1]), as_array(image[(0,) * image.ndim])[()], np.float32), 0
    return as_array(image).reshape(-1, image.shape[-2] * image.shape[-1]), image.shape[-1]


@compile_kernel
def transform_rows(begin, end, image, stride, width, result, rows, columns, common, even, odd):
    """Compute rows of the result."""
    mixed = np.zeros(width + 2 * SLACK, f32)
    each_row(begin, end, image, stride, width, result, rows, columns, common, even, odd, mixed)


@compile_kernel
def halve_rows(begin, end, image, stride, width, result, rows, alike, columns, common, even, odd):
    """Compute pairs of rows of the result, whose columns are two pixels apart."""
    mixed = np.zeros((2, width + 4 * SLACK), f32)
    halve_each_pair(begin, end, image, stride, width, result, rows, alike, columns, common, even, odd, mixed)


@compile_kernel(**BARE)
def halve_each_pair(begin, end, image, stride, width, result, rows, alike, columns, common, even, odd, mixed):
    """Compute pairs of rows of the result, whose columns are two pixels apart; the last row may be alone."""
    height = result.shape[1]
    pairs = (height + 1) // 2
    for index in range(begin, end):
        plane = index // pairs
        row = 2 * (index - plane * pairs)
        source = image[plane % image.shape[0]]
        lines = min(2, height - row)
        if alike[0] <= row and row + 1 < alike[1] and width >= WIDE:
            mix_two_rows_apart(source, stride, width, row, rows, mixed[0], mixed[1])
        else:
            for line in range(lines):
                mix_rows_apart(source, stride, width, row + line, rows, mixed[line])
        for line in range(lines):
            mix_columns_apart(mixed[line], columns, common, even, odd, result[plane, row + line])


@compile_kernel(**BARE)
def spread_rows(begin, end, image, stride, result, taps, streamed):
    """Compute pairs of rows of the result, each from one row."""
    pairs = result.shape[1] // 2
    for index in range(begin, end):
        plane = index // pairs
        row = index - plane * pairs
        upper, lower = result[plane, 2 * row], result[plane, 2 * row + 1]
        spread_row(image[plane % image.shape[0]], row * stride, taps, upper, lower, streamed)


@compile_kernel
def choose_rows(begin, end, image, stride, width, result, rows, groups):
    """Compute rows of the result, each sixteen pixels from a window."""
    mixed = np.zeros(width + 2 * SLACK, f32)
    choose_each_row(begin, end, image, stride, width, result, rows, groups, mixed)


@compile_kernel(**BARE)
def choose_each_row(begin, end, image, stride, width, result, rows, groups, mixed):
    """Compute rows of the result, each sixteen pixels from a window."""
    height = result.shape[1]
    for index in range(begin, end):
        plane = index // height
        row = index - plane * height
        source = image[plane % image.shape[0]]
        mix_rows(source, stride, width, row, rows, mixed)
        mix_windows(mixed, groups, result[plane, row])


@compile_kernel(**BARE)
def pair_rows(begin, end, image, stride, width, result, rows, taps, shift):
    """Compute rows of the result, whose pixels are weighted sums of two columns of their own."""
    height = result.shape[1]
    for index in range(begin, end):
        plane = index // height
        row = index - plane * height
        source = image[plane % image.shape[0]]
        mix_pairs(source, stride, width, row, rows, taps, shift, result[plane, row])


@compile_kernel
def stream_rows(begin, end, image, stride, width, result, rows, columns, common, even, odd):
    """Compute rows of the result and write them past the caches."""
    mixed = np.zeros(width + 2 * SLACK, f32)
    line = np.empty(result.shape[2], f32)
    stream_each_row(begin, end, image, stride, width, result, rows, columns, common, even, odd, mixed, line)


@compile_kernel(**BARE)
def each_row(begin, end, image, stride, width, result, rows, columns, common, even, odd, mixed):
    """Compute rows of the result."""
    height = result.shape[1]
    for index in range(begin, end):
        plane = index // height
        row = index - plane * height
        source = image[plane % image.shape[0]]
        mix_rows(source, stride, width, row, rows, mixed)
        mix_columns(mixed, columns, common, even, odd, result[plane, row])


@compile_kernel(**BARE)
def stream_each_row(begin, end, image, stride, width, result, rows, columns, common, even, odd, mixed, line):
    """Compute rows of the result and write them past the caches."""
    height = result.shape[1]
    for index in range(begin, end):
        plane = index // height
        row = index - plane * height
        source = image[plane % image.shape[0]]
        mix_rows(source, stride, width, row, rows, mixed)
        mix_columns(mixed, columns, common, even, odd, line)
        target = result[plane, row]
        for step in range(steps(line)):
            stream(target, step * FEW, load(line, step * FEW))


@compile_kernel
def transform_bands(begin, end, image, stride, width, result, rows, columns):
    """Compute bands of sixteen rows: along the rows, vectors hold one pixel of each."""
    pitch = (width + FEW - 1) // FEW * FEW
    mixed = np.zeros(FEW * pitch + 2 * SLACK, f32)
    turned = np.empty(FEW * pitch, f32)
    blocks = np.empty(2 * FEW * FEW, f32)
    each_band(begin, end, image, stride, width, result, rows, columns, mixed, turned, blocks, pitch)


@compile_kernel(**BARE)
def each_band(begin, end, image, stride, width, result, rows, columns, mixed, turned, blocks, pitch):
    """Compute bands of sixteen rows."""
    height = result.shape[1]
    bands = (height + FEW - 1) // FEW
    for index in range(begin, end):
        plane = index // bands
        top = (index - plane * bands) * FEW
        lines = min(FEW, height - top)
        for line in range(lines):
            mix_rows(image[plane % image.shape[0]], stride, width, top + line, rows, mixed[line * pitch :])
        for place in range(0, pitch, FEW):
            turn(mixed, SLACK + place, pitch, turned, FEW * place)
        mix_band(turned, columns, blocks, result[plane, top : top + lines])
