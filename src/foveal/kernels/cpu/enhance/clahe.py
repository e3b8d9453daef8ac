# SPDX-License-Identifier: Apache-2.0
"""CPU kernel of CLAHE: a pass over rows of tiles makes their tables, a pass over rows of pixels blends them.

The first pass leaves the levels of the padded image as bytes, and tables of bytes. In the second, a row falls into runs
of pixels between the same four tiles: their levels are looked up in the four tables, into four rows of bytes, and one
loop over the row blends those with weights of the columns and of the row. Levels have no gradient.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from foveal.enhance.clahe import Tiling
from foveal.kernels._kernel import kernel
from foveal.kernels.cpu._array import as_array, empty
from foveal.kernels.cpu._border import sources
from foveal.kernels.cpu._compile import compile_kernel
from foveal.kernels.cpu._parallel import parallel_for
from foveal.kernels.cpu._planes import PIXELWISE
from foveal.kernels.cpu.enhance._levels import TABLES, count_rows, write_levels
from foveal.kernels.cpu.enhance._lookup import CHUNK, look_up_four

f32 = np.float32

# A core takes some 2 pixels per nanosecond in each pass, twice what `parallel_for` counts on.
EASE = 2


def _accepts(input: Tensor, clip_limit: Any, grid_size: Any, slow_and_differentiable: bool) -> bool:
    return (
        (input.dtype is torch.uint8 or (input.dtype is torch.float32 and not slow_and_differentiable))
        and input.ndim >= 2
        and input.numel() > 0
        and isinstance(clip_limit, int | float)
        and isinstance(grid_size, tuple | list)
        and len(grid_size) == 2
        and all(isinstance(side, int) for side in grid_size)
        and 0 < grid_size[0] <= input.shape[-2]
        and 0 < grid_size[1] <= input.shape[-1]
    )


def _examples() -> Iterator[tuple[Any, ...]]:
    yield torch.zeros(1, 8, 8), 2.0, (2, 2), False
    yield torch.zeros(1, 8, 8, dtype=torch.uint8), 2.0, (2, 2), False


# Levels are whole numbers: nothing flows back.
@kernel(accepts=_accepts, examples=_examples, without_gradient=(0,))
def equalize_clahe(
    input: Tensor, clip_limit: float, grid_size: tuple[int, int], slow_and_differentiable: bool
) -> Tensor:
    """Equalize planes by tiles."""
    tiling = Tiling.of(input, (grid_size[0], grid_size[1]))
    planes = as_array(input).reshape(-1, *input.shape[-2:])
    number, height, width = planes.shape
    result = empty(*input.shape, dtype=input.dtype)
    target = result.numpy().reshape(planes.shape)
    (rows, columns), tile = tiling.grid, tiling.tile
    pixels, stride = tile[0] * tile[1], tile[1] * columns
    levels = empty(number * rows * tile[0] * stride + CHUNK, dtype=torch.uint8).numpy()
    tables = np.empty((number, rows, columns, 256), np.uint8)
    limit = max(int(clip_limit * pixels / 256), 1) if clip_limit > 0 else pixels
    is_float = input.dtype is torch.float32
    parallel_for(
        _make_tables_of_floats if is_float else _make_tables_of_bytes, number * rows, planes, levels,
        sources(height, 0, tiling.margin[0], "reflect"), sources(width, 0, tiling.margin[1], "reflect"),
        tile[1], np.int64(limit), f32(255 / pixels), tables, work=planes.size // EASE,
    )  # fmt: skip
    parallel_for(
        _blend_floats if is_float else _blend_bytes, number * height, levels, stride, rows * tile[0], tables,
        *_neighbours(height, rows, tile[0], tiling.centred),
        *_neighbours(width, columns, tile[1], tiling.centred), _runs(width, columns, tile[1], tiling.centred),
        target, work=planes.size // EASE,
    )  # fmt: skip
    return result


def _neighbours(size: int, tiles: int, length: int, centred: bool) -> tuple[np.ndarray[Any, Any], ...]:
    """Return the tile before and the tile behind each pixel, and how far it is from the first."""
    place = (np.arange(size, dtype=f32) + f32(0.5 if centred else 0)) * (f32(1) / f32(length)) - f32(0.5)
    first = np.floor(place)
    index = first.astype(np.int64)
    return index.clip(0, tiles - 1), (index + 1).clip(0, tiles - 1), place - first


def _runs(size: int, tiles: int, length: int, centred: bool) -> np.ndarray[Any, Any]:
    """Return the first pixel of each run with the same tiles before and behind, and the end of the last one."""
    before, behind, _ = _neighbours(size, tiles, length, centred)
    changes = np.flatnonzero((np.diff(before) != 0) | (np.diff(behind) != 0)) + 1
    return np.concatenate([[0], changes, [size]]).astype(np.int64)


@compile_kernel
def _make_tables_of_floats(start, stop, planes, levels, above, left, side, limit, scale, tables):
    rows, width, stride = tables.shape[1], planes.shape[2], left.shape[0]
    tile_rows = above.shape[0] // rows
    counts, total = np.empty((TABLES, 256), np.uint32), np.empty(256, np.int32)
    for unit in range(start, stop):
        plane = unit // rows
        row = unit - plane * rows
        for i in range(row * tile_rows, (row + 1) * tile_rows):
            begin = (plane * above.shape[0] + i) * stride
            write_levels(planes[plane, above[i]], levels[begin : begin + width])
            for j in range(width, stride):
                levels[begin + j] = levels[begin + left[j]]
        begin = (plane * above.shape[0] + row * tile_rows) * stride
        _make_row(
            levels[begin : begin + tile_rows * stride], stride, side, limit, scale, counts, total, tables[plane, row]
        )


@compile_kernel
def _make_tables_of_bytes(start, stop, planes, levels, above, left, side, limit, scale, tables):
    rows, width, stride = tables.shape[1], planes.shape[2], left.shape[0]
    tile_rows = above.shape[0] // rows
    counts, total = np.empty((TABLES, 256), np.uint32), np.empty(256, np.int32)
    for unit in range(start, stop):
        plane = unit // rows
        row = unit - plane * rows
        for i in range(row * tile_rows, (row + 1) * tile_rows):
            begin = (plane * above.shape[0] + i) * stride
            levels[begin : begin + width] = planes[plane, above[i]]
            for j in range(width, stride):
                levels[begin + j] = levels[begin + left[j]]
        begin = (plane * above.shape[0] + row * tile_rows) * stride
        _make_row(
            levels[begin : begin + tile_rows * stride], stride, side, limit, scale, counts, total, tables[plane, row]
        )


@compile_kernel
def _make_row(levels, stride, side, limit, scale, counts, total, tables):
    """Make the tables of a row of tiles."""
    rows = levels.shape[0] // stride
    for column in range(tables.shape[0]):
        counts[:] = 0
        count_rows(levels[column * side :], stride, rows, side, counts)
        _make_table(counts, limit, scale, total, tables[column])


@compile_kernel
def _clip(counts, limit, total):
    """Write the sums of the tables, clipped, and return what was clipped off."""
    first, second, third, fourth = counts[0], counts[1], counts[2], counts[3]
    excess = np.int32(0)
    for level in range(256):
        whole = np.int32(first[level] + second[level] + third[level] + fourth[level])
        kept = whole if whole < limit else limit
        total[level] = kept
        excess = np.int32(excess + np.int32(whole - kept))
    return excess


@compile_kernel
def _accumulate(total):
    """Replace each quarter by its running sums, and return what the quarters before each one hold."""
    first, second, third, fourth = total[0:64], total[64:128], total[128:192], total[192:256]
    a, b, c, d = np.int32(0), np.int32(0), np.int32(0), np.int32(0)
    for j in range(64):
        a = np.int32(a + first[j])
        b = np.int32(b + second[j])
        c = np.int32(c + third[j])
        d = np.int32(d + fourth[j])
        first[j] = a
        second[j] = b
        third[j] = c
        fourth[j] = d
    return a, np.int32(a + b), np.int32(a + b + c)


@compile_kernel(fastmath={"nsz"})
def _write_table(total, begin, before, batch, pace, rest, scale, table):
    """Add the batch and the spread rest of what was clipped off, scale, and round to even."""
    for j in range(64):
        level = np.int32(begin + np.int32(j))
        # How many of the spread ones stand up to here: one at each multiple of the step, `rest` at the most.
        ones = np.int32(np.int32((f32(level) + f32(0.5)) * pace) + np.int32(1))
        ones = ones if ones < rest else rest
        batches = np.int32(np.int32(level + np.int32(1)) * batch)
        value = f32(np.int32(np.int32(before + total[j]) + np.int32(batches + ones))) * scale
        # In float32, adding 3 * 2^22 rounds to a whole number, halves to even ones.
        value = (value + f32(12582912.0)) - f32(12582912.0)
        value = value if value < f32(255.0) else f32(255.0)
        table[j] = np.uint8(np.int32(value))


@compile_kernel
def _make_table(counts, limit, scale, total, table):
    excess = _clip(counts, np.int32(limit), total)
    batch = np.int32(excess // 256)
    rest = np.int32(excess - batch * 256)
    pace = f32(1.0) / f32(max(256 // max(rest, 1), 1))
    second, third, fourth = _accumulate(total)
    _write_table(total[0:64], np.int32(0), np.int32(0), batch, pace, rest, scale, table[0:64])
    _write_table(total[64:128], np.int32(64), second, batch, pace, rest, scale, table[64:128])
    _write_table(total[128:192], np.int32(128), third, batch, pace, rest, scale, table[128:192])
    _write_table(total[192:256], np.int32(192), fourth, batch, pace, rest, scale, table[192:256])


@compile_kernel(fastmath=PIXELWISE)
def _write_floats(a, b, c, d, across, down, result):
    for j in range(result.shape[0]):
        x = across[j]
        upper = f32(a[j]) * (f32(1.0) - x) + f32(b[j]) * x
        lower = f32(c[j]) * (f32(1.0) - x) + f32(d[j]) * x
        result[j] = (upper * (f32(1.0) - down) + lower * down) * f32(1 / 255)


# Without contraction: the sums round as OpenCV's do, and halves to even.
@compile_kernel(fastmath={"nsz"})
def _write_bytes(a, b, c, d, across, down, result):
    for j in range(result.shape[0]):
        x = across[j]
        upper = f32(a[j]) * (f32(1.0) - x) + f32(b[j]) * x
        lower = f32(c[j]) * (f32(1.0) - x) + f32(d[j]) * x
        value = upper * (f32(1.0) - down) + lower * down
        value = (value + f32(12582912.0)) - f32(12582912.0)
        result[j] = np.uint8(np.int32(value))


@compile_kernel
def _blend_floats(start, stop, levels, stride, padded, tables, above, below, down, left, right, across, runs, result):
    height, width = result.shape[1:]
    pitch, size, flat = width + CHUNK, tables.shape[2] * 256, tables.reshape(-1)
    looked = np.empty(4 * pitch, np.uint8)
    a, b, c = looked[0:width], looked[pitch : pitch + width], looked[2 * pitch : 2 * pitch + width]
    d = looked[3 * pitch : 3 * pitch + width]
    for unit in range(start, stop):
        plane = unit // height
        i = unit - plane * height
        row = levels[(plane * padded + i) * stride :]
        upper = (plane * tables.shape[1] + above[i]) * size
        lower = (plane * tables.shape[1] + below[i]) * size
        look_up_four(row, flat, upper, lower, left, right, runs, looked, pitch)
        _write_floats(a, b, c, d, across, down[i], result[plane, i])


@compile_kernel
def _blend_bytes(start, stop, levels, stride, padded, tables, above, below, down, left, right, across, runs, result):
    height, width = result.shape[1:]
    pitch, size, flat = width + CHUNK, tables.shape[2] * 256, tables.reshape(-1)
    looked = np.empty(4 * pitch, np.uint8)
    a, b, c = looked[0:width], looked[pitch : pitch + width], looked[2 * pitch : 2 * pitch + width]
    d = looked[3 * pitch : 3 * pitch + width]
    for unit in range(start, stop):
        plane = unit // height
        i = unit - plane * height
        row = levels[(plane * padded + i) * stride :]
        upper = (plane * tables.shape[1] + above[i]) * size
        lower = (plane * tables.shape[1] + below[i]) * size
        look_up_four(row, flat, upper, lower, left, right, runs, looked, pitch)
        _write_bytes(a, b, c, d, across, down[i], result[plane, i])
