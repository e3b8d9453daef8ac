# SPDX-License-Identifier: Apache-2.0
"""Images through a linear operator along each axis: row by row, first down the columns, then along the row."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from foveal.kernels.cpu._array import as_array, empty, is_streamed
from foveal.kernels.cpu._compile import BARE, compile_kernel
from foveal.kernels.cpu._parallel import parallel_for
from foveal.kernels.cpu._vector import load, steps, stream
from foveal.kernels.cpu.filters._lanes import FEW
from foveal.kernels.cpu.geometry.transform._axis import GENERAL, Plan
from foveal.kernels.cpu.geometry.transform._mixes import SLACK, fetch_rows, mix_band, mix_columns, mix_rows
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
    tables = (rows[:3], columns[:3])
    work = max(target.size, image.numel())
    if columns.kind == GENERAL and width >= FEW:
        bands = -(-height // FEW)
        parallel_for(transform_bands, len(target) * bands, pixels, stride, image.shape[-1], target, *tables, work=work)
        return result
    loop = stream_rows if target.nbytes >= STREAMED and is_streamed(target) else transform_rows
    parallel_for(
        loop,
        len(target) * height,
        pixels,
        stride,
        image.shape[-1],
        target,
        *tables,
        columns[3:8],
        columns.even,
        columns.odd,
        work=work,
    )
    return result


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
        fetch_rows(source, stride, width, row, rows)
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
        fetch_rows(source, stride, width, row, rows)
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
