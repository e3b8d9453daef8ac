# SPDX-License-Identifier: Apache-2.0
"""CPU kernels of equalization: levels and their counts in one pass, then a table of bytes for each plane.

Planes are cut into pieces, so that a few large ones keep all threads busy. Floats leave their levels as bytes for the
second pass, which writes table[level] / 255.
    Adjoint: a plane that stays as it is hands its gradient on; the others have none.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from foveal.kernels._kernel import kernel
from foveal.kernels.cpu._array import as_array, empty
from foveal.kernels.cpu._compile import compile_kernel
from foveal.kernels.cpu._parallel import parallel_for
from foveal.kernels.cpu._planes import PIXELWISE
from foveal.kernels.cpu.enhance._levels import TABLES, add_tables, count, count_floats
from foveal.kernels.cpu.enhance._lookup import CHUNK, look_up

f32 = np.float32

# Pixels of a piece, whose bytes lie in the second-level cache, and of a block, whose bytes lie in the first-level one.
PIECE = 1 << 16
BLOCK = 1 << 12
# A core takes some 2 pixels per nanosecond, twice what `parallel_for` counts on.
EASE = 2


def _accepts(input: Tensor) -> bool:
    return input.dtype in (torch.float32, torch.uint8) and input.ndim >= 2 and input.numel() > 0


def _accepts_volumes(input: Tensor) -> bool:
    return _accepts(input) and input.ndim >= 3


def _examples() -> Iterator[tuple[Any, ...]]:
    yield (torch.zeros(1, 4, 4),)
    yield (torch.zeros(1, 2, PIECE),)
    yield (torch.zeros(1, 4, 4, dtype=torch.uint8),)


def _adjoint_of(axes: int) -> Any:
    def adjoint(
        needs: tuple[bool, ...], gradients: tuple[Tensor, ...], outputs: tuple[Tensor, ...], input: Tensor
    ) -> tuple[Tensor, ...]:
        planes = _planes(as_array(input), axes)
        result = empty(*input.shape)
        changed = np.empty(planes.shape[0], np.bool_)
        parallel_for(_find_changed, planes.shape[0], planes, changed, work=0)
        stay = torch.from_numpy(~changed)
        rows = result.view(planes.shape)
        if stay.any():
            rows.copy_(gradients[0].reshape(planes.shape) * stay.unsqueeze(-1))
        else:
            rows.zero_()
        return (result,)

    return adjoint


@kernel(accepts=_accepts, adjoint=_adjoint_of(2), examples=_examples, keep_outputs=False)
def equalize(input: Tensor) -> Tensor:
    """Equalize planes."""
    return _equalize(input, 2)


@kernel(accepts=_accepts_volumes, adjoint=_adjoint_of(3), examples=_examples, keep_outputs=False)
def equalize3d(input: Tensor) -> Tensor:
    """Equalize volumes."""
    return _equalize(input, 3)


def _planes(image: np.ndarray[Any, Any], axes: int) -> np.ndarray[Any, Any]:
    return image.reshape(-1, int(np.prod(image.shape[-axes:])))


def _equalize(input: Tensor, axes: int) -> Tensor:
    planes = _planes(as_array(input), axes)
    result = empty(*input.shape, dtype=input.dtype)
    target = result.numpy().reshape(planes.shape)
    number, pixels = planes.shape
    pieces = -(-pixels // PIECE)
    counts = np.zeros((number, pieces, 256), np.uint32)
    table, stays = np.empty((number, 256), np.uint8), np.empty(number, np.bool_)
    work = planes.size // EASE
    if input.dtype is torch.float32 and pieces == 1:
        parallel_for(_equalize_floats, number, planes, target, work=work)
    elif input.dtype is torch.uint8:
        parallel_for(_count_bytes, number * pieces, planes, counts, work=work)
        _make_byte_tables(counts, pixels, table, stays)
        parallel_for(_apply_to_bytes, number * pieces, planes, table, stays, target, work=work)
    else:
        levels = empty(planes.size + CHUNK, dtype=torch.uint8).numpy()
        parallel_for(_count_floats, number * pieces, planes, levels, counts, work=work)
        _make_tables(counts, pixels, table, stays)
        parallel_for(_apply_to_floats, number * pieces, planes, levels, table, stays, target, work=work)
    return result


@compile_kernel(inline="always")
def _span(unit, pixels):
    """Return plane, piece, first pixel and the one behind the last pixel of a piece of work."""
    pieces = (pixels + PIECE - 1) // PIECE
    plane = unit // pieces
    piece = unit - plane * pieces
    return plane, piece, piece * PIECE, min(piece * PIECE + PIECE, pixels)


@compile_kernel
def _count_floats(start, stop, planes, levels, counts):
    pixels = planes.shape[1]
    tables = np.empty((TABLES, 256), np.uint32)
    for unit in range(start, stop):
        plane, piece, first, last = _span(unit, pixels)
        _count_row(planes[plane, first:last], levels[plane * pixels + first :], tables, counts[plane, piece])


@compile_kernel
def _count_row(row, levels, tables, total):
    """Write the levels of a row of floats, and their counts."""
    tables[:] = 0
    count_floats(row, levels, tables)
    add_tables(tables, total)


@compile_kernel
def _equalize_floats(start, stop, planes, result):
    """Both passes over planes of one piece, while their bytes are in the second-level cache."""
    pixels = planes.shape[1]
    levels, scratch = np.empty(pixels + CHUNK, np.uint8), np.empty(BLOCK + CHUNK, np.uint8)
    tables, counts = np.empty((TABLES, 256), np.uint32), np.empty((1, 1, 256), np.uint32)
    table, stays = np.empty((1, 256), np.uint8), np.empty(1, np.bool_)
    for plane in range(start, stop):
        _count_row(planes[plane], levels, tables, counts[0, 0])
        _make_tables(counts, pixels, table, stays)
        if stays[0]:
            result[plane] = planes[plane]
        else:
            _apply_row(levels, table[0], scratch, result[plane])


@compile_kernel
def _count_bytes(start, stop, planes, counts):
    pixels = planes.shape[1]
    tables = np.empty((TABLES, 256), np.uint32)
    for unit in range(start, stop):
        plane, piece, first, last = _span(unit, pixels)
        tables[:] = 0
        count(planes[plane, first:last], tables)
        add_tables(tables, counts[plane, piece])


@compile_kernel
def _make_tables(counts, pixels, table, stays):
    """Pillow's tables: whole numbers."""
    for plane in range(table.shape[0]):
        total = _sum_pieces(counts[plane])
        brightest = 255
        while total[brightest] == 0:
            brightest -= 1
        step = (pixels - total[brightest]) // 255
        stays[plane] = step == 0
        before = np.int64(0)
        for level in range(256):
            table[plane, level] = min((before + step // 2) // max(step, 1), 255)
            before += total[level]


@compile_kernel(fastmath=set())
def _make_byte_tables(counts, pixels, table, stays):
    """OpenCV's tables: products in float32, rounded to even."""
    for plane in range(table.shape[0]):
        total = _sum_pieces(counts[plane])
        darkest = 0
        while total[darkest] == 0:
            darkest += 1
        rest = pixels - total[darkest]
        stays[plane] = rest == 0
        scale = f32(255.0) / f32(max(rest, 1))
        upto = np.int64(0)
        for level in range(256):
            if level > darkest:
                upto += total[level]
            table[plane, level] = np.uint8(min(np.rint(f32(upto) * scale), f32(255.0)))


@compile_kernel
def _sum_pieces(counts):
    total = np.zeros(256, np.int64)
    for piece in range(counts.shape[0]):
        for level in range(256):
            total[level] += counts[piece, level]
    return total


@compile_kernel(fastmath=PIXELWISE)
def _write_floats(levels, result):
    for j in range(result.shape[0]):
        level = f32(levels[j])
        # The quotient by 255, rounded as a division would, which takes thrice as long.
        quotient = level * f32(1 / 255)
        result[j] = quotient + (level - quotient * f32(255.0)) * f32(1 / 255)


@compile_kernel
def _apply_to_floats(start, stop, planes, levels, table, stays, result):
    pixels = planes.shape[1]
    scratch = np.empty(BLOCK + CHUNK, np.uint8)
    for unit in range(start, stop):
        plane, _, first, last = _span(unit, pixels)
        if stays[plane]:
            result[plane, first:last] = planes[plane, first:last]
            continue
        _apply_row(levels[plane * pixels + first :], table[plane], scratch, result[plane, first:last])


@compile_kernel
def _apply_row(levels, table, scratch, result):
    for begin in range(0, result.shape[0], BLOCK):
        end = min(begin + BLOCK, result.shape[0])
        look_up(levels[begin:], table, scratch, end - begin)
        _write_floats(scratch, result[begin:end])


@compile_kernel
def _apply_to_bytes(start, stop, planes, table, stays, result):
    pixels = planes.shape[1]
    rest = np.zeros(CHUNK, np.uint8)
    for unit in range(start, stop):
        plane, _, first, last = _span(unit, pixels)
        if stays[plane]:
            result[plane, first:last] = planes[plane, first:last]
            continue
        # Whole chunks in place; what is left goes through a chunk of its own, for nothing may be written behind it.
        whole = first + (last - first) // CHUNK * CHUNK
        look_up(planes[plane, first:whole], table[plane], result[plane, first:whole], whole - first)
        rest[: last - whole] = planes[plane, whole:last]
        look_up(rest, table[plane], rest, last - whole)
        result[plane, whole:last] = rest[: last - whole]


@compile_kernel
def _find_changed(start, stop, planes, changed):
    """Find the planes that have 255 pixels or more below their brightest level."""
    for plane in range(start, stop):
        brightest, below, equal = -1, 0, 0
        row = planes[plane]
        for j in range(row.shape[0]):
            value = row[j] * f32(255.0)
            value = value if value > f32(0.0) else f32(0.0)
            level = np.int64(value if value < f32(255.0) else f32(255.0))
            if level < brightest:
                below += 1
            elif level == brightest:
                equal += 1
            else:
                below += equal
                brightest, equal = level, 1
            if below >= 255:
                break
        changed[plane] = below >= 255
