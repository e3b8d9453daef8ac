# SPDX-License-Identifier: Apache-2.0
"""Small square kernels: four rows of the result at once, whose sums stay in registers.

A pixel is loaded once for each column of the kernel, and serves as many rows of the result as the kernel is high; a
loop over taps loads it once for each tap. The first and the last vector of a row see the border, which scratch rows
hold for them.
"""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import int64, intp, void
from numba.core import cgutils
from numba.extending import intrinsic
from torch import Tensor

from foveal.kernels.cpu._array import as_array, empty
from foveal.kernels.cpu._border import sources
from foveal.kernels.cpu._compile import BARE, compile_kernel
from foveal.kernels.cpu._parallel import parallel_for
from foveal.kernels.cpu._vector import pointer_to, spread
from foveal.kernels.cpu.filters._lanes import (
    FEW,
    SOME,
    few_zeros,
    load,
    multiply_add,
    pixels_at,
    put_pixels,
    some_zeros,
    store,
)
from foveal.kernels.cpu.filters._layout import Array

f32 = np.float32

# Rows of the result at once, and sides of a kernel: the length of a tuple is part of its type, for which a loop is
# unrolled.
FOUR, ONE = (0,) * 4, (0,)
SIDES = {side: (0,) * side for side in (3, 5, 7)}


def fits(image: Tensor, sides: tuple[int, int], padding: str = "same") -> bool:
    """Say whether `stencil` can filter images by kernels of these sides."""
    rows, columns = sides
    return rows == columns and rows in SIDES and padding == "same" and image.shape[3] >= 2 * FEW + columns


def stencil(image: Tensor, weights: Array, border_type: str) -> Tensor:
    """Correlate images (B, C, H, W) of floats or bytes with kernels (1 or B, side, side)."""
    batch, channels, height, width = image.shape
    side = weights.shape[1]
    radius = side // 2
    result = empty(*image.shape, dtype=image.dtype)
    per_plane = np.broadcast_to(weights[:, None], (batch, channels, side, side))
    parallel_for(
        _stencil, batch * channels * height, as_array(image).reshape(-1), result.numpy().reshape(-1),
        sources(height, radius, radius, border_type), sources(width, radius, radius, border_type),
        np.ascontiguousarray(per_plane, f32).reshape(-1, side * side), SIDES[side], work=image.numel() * side // 4,
    )  # fmt: skip
    return result


@intrinsic
def _address(typing_context: Any, row: Any, index: Any) -> Any:
    """Return the address of a pixel of a flat array, which may lie outside it."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        layout = context.get_data_type(row.dtype)
        return builder.ptrtoint(pointer_to(context, builder, row, *arguments, layout), ir.IntType(64))

    return int64(row, intp), generate


@intrinsic
def _sum(
    typing_context: Any, source: Any, sources: Any, target: Any, targets: Any, weights: Any, begin: Any, end: Any,
    like: Any, side: Any, rows: Any,
) -> Any:  # fmt: skip
    """Write columns `begin` to `end`, some vectors like `like`, of as many rows as the tuple `rows` is long.

    `targets` are the addresses of the rows in `target`, and `sources` those of all rows of `source` that they see, less
    the radius. `weights` are the taps, row by row, of a kernel whose side is the length of the tuple `side`.
    """
    taps, count = side.count, rows.count

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        def read(place: int, number: int) -> Any:
            kind = signature.args[place]
            index = context.get_constant(intp, number)
            layout = context.get_data_type(kind.dtype)
            return builder.load(pointer_to(context, builder, kind, arguments[place], index, layout))

        froms = [read(1, i) for i in range(count + taps - 1)]
        tos = [read(3, i) for i in range(count)]
        factors = [spread(builder, read(4, i), like.layout) for i in range(taps * taps)]
        step = context.get_constant(intp, like.count)
        with cgutils.for_range_slice(builder, arguments[5], arguments[6], step, inc=True) as (x, _):

            def place(dtype: Any, base: Any, shift: int) -> Any:
                pixel = builder.inttoptr(base, context.get_data_type(dtype).as_pointer())
                return builder.gep(builder.gep(pixel, [x]), [context.get_constant(intp, shift)])

            totals: list[Any] = [None] * count
            for i, base in enumerate(froms):
                for k in range(taps):
                    pixels = pixels_at(builder, source.dtype, place(source.dtype, base, k), like)
                    for row in range(max(0, i - taps + 1), min(count, i + 1)):
                        factor, total = factors[(i - row) * taps + k], totals[row]
                        added = total is not None
                        totals[row] = (
                            multiply_add(builder, pixels, factor, total) if added else builder.fmul(pixels, factor)
                        )
            for base, total in zip(tos, totals, strict=True):
                put_pixels(builder, target.dtype, place(target.dtype, base, 0), total)
        return context.get_dummy_value()

    arrays = (source, sources, target, targets, weights)
    return void(*arrays, intp, intp, like, side, rows), generate


@compile_kernel(**BARE)
def _surround(row, radius, columns, left, right):
    """Fill the scratch of the edges of a row: what the first and the last vector of the result see."""
    last = row.shape[0] - FEW
    store(left, radius, load(row, 0, few_zeros()))
    store(left, 2 * radius, load(row, radius, few_zeros()))
    store(right, 0, load(row, last - radius, few_zeros()))
    store(right, radius, load(row, last, few_zeros()))
    for k in range(radius):
        before, behind = columns[k], columns[radius + row.shape[0] + k]
        left[k] = f32(row[before]) if before >= 0 else f32(0)
        right[radius + FEW + k] = f32(row[behind]) if behind >= 0 else f32(0)


@compile_kernel(**BARE)
def _strip(flat, base, rows, y, columns, outside, weights, result, edges, all_sources, targets, side, count):
    """Write rows of the result, from row y on, of the plane whose first row is row `base`."""
    width, radius = outside.shape[0], len(side) // 2
    inside, ahead, behind = all_sources[0], all_sources[1], all_sources[2]
    for i in range(len(count) + len(side) - 1):
        number = rows[y + i]
        row = flat[(base + number) * width : (base + number + 1) * width] if number >= 0 else outside
        left, right = edges[0, i], edges[1, i]
        _surround(row, radius, columns, left, right)
        inside[i], ahead[i], behind[i] = _address(row, -radius), _address(left, 0), _address(right, FEW - width)
    for i in range(len(count)):
        targets[i] = _address(result, (base + y + i) * width)
    last = width - FEW
    many = FEW + (last - FEW) // SOME * SOME
    few = many + (last - many) // FEW * FEW
    _sum(edges[0, 0], ahead, result, targets, weights, 0, FEW, few_zeros(), side, count)
    _sum(flat, inside, result, targets, weights, FEW, many, some_zeros(), side, count)
    _sum(flat, inside, result, targets, weights, many, few, few_zeros(), side, count)
    if few < last:
        # Some pixels a second time.
        _sum(flat, inside, result, targets, weights, last - FEW, last, few_zeros(), side, count)
    _sum(edges[0, 0], behind, result, targets, weights, last, width, few_zeros(), side, count)


@compile_kernel
def _stencil(start, stop, flat, result, rows, columns, weights, side):
    """Fill rows start to stop, counted through all planes; `rows` and `columns` are of the surrounded image."""
    radius, most = len(side) // 2, len(FOUR) + len(side) - 1
    width = columns.shape[0] - 2 * radius
    edges, outside = np.empty((2, most, FEW + 2 * radius), f32), np.zeros(width, flat.dtype)
    all_sources, targets = np.empty((3, most), np.int64), np.empty(len(FOUR), np.int64)
    _planes(start, stop, flat, result, rows, columns, outside, weights, edges, all_sources, targets, side)


@compile_kernel(**BARE)
def _planes(start, stop, flat, result, rows, columns, outside, weights, edges, all_sources, targets, side):
    height = rows.shape[0] - 2 * (len(side) // 2)
    while start < stop:
        plane = start // height
        base = plane * height
        first = start - base
        last = min(height, first + stop - start)
        start += last - first
        taps = weights[plane]
        y = first
        while y < last:
            if last - first >= len(FOUR):
                # Some rows a second time.
                y = min(y, last - len(FOUR))
                _strip(flat, base, rows, y, columns, outside, taps, result, edges, all_sources, targets, side, FOUR)
                y += len(FOUR)
            else:
                _strip(flat, base, rows, y, columns, outside, taps, result, edges, all_sources, targets, side, ONE)
                y += 1
