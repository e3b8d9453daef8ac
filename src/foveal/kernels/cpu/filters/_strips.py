# SPDX-License-Identifier: Apache-2.0
"""Small windows: four rows of the result at once, made in registers.

A pixel is loaded once for each column of the window, and serves as many rows of the result as the window is high; a
loop over the places of a window loads it once for each. The first and the last vector of a row see the border, which
scratch rows hold for them. The loops are LLVM's, unrolled over the window.
"""

from collections.abc import Callable
from functools import reduce
from typing import Any

import numpy as np
from llvmlite import ir
from numba import boolean, int64, intp, types
from numba.core import cgutils
from numba.extending import intrinsic

from foveal.kernels.cpu._compile import BARE, compile_kernel
from foveal.kernels.cpu._vector import pointer_to, spread
from foveal.kernels.cpu.filters._lanes import load, multiply_add, pixels_at, put_pixels, store
from foveal.kernels.cpu.filters._selection import spread_nan

# Rows of the result at once, and sides of a window: the length of a tuple is part of its type, for which a loop is
# unrolled.
FOUR, ONE = (0,) * 4, (0,)
SIDES = {side: (0,) * side for side in (3, 5, 7)}

MEDIAN = np.zeros((1, 1), np.int8)
"""In place of weights: the median of the window instead of a sum."""

MEAN = np.zeros((1, 1), np.int16)
"""In place of weights: the mean of a window of bytes, rounded."""

Pixels = Callable[[int, int], Any]


def _sums(builder: Any, pixels: Pixels, taps: int, count: int, weights: list[Any]) -> tuple[list[Any], Any]:
    totals: list[Any] = [None] * count
    for i in range(count + taps - 1):
        for k in range(taps):
            value = pixels(i, k)
            for row in range(max(0, i - taps + 1), min(count, i + 1)):
                weight, total = weights[(i - row) * taps + k], totals[row]
                first = total is None
                totals[row] = builder.fmul(value, weight) if first else multiply_add(builder, value, weight, total)
    return totals, None


def _medians(builder: Any, pixels: Pixels, taps: int, count: int, weights: list[Any]) -> tuple[list[Any], Any]:
    """Select the medians of 3 x 3 pixels, and say where there is a NaN, which minima and maxima lose.

    With the three columns of a window sorted, the median is that of the largest of their smallest pixels, the median of
    their middle ones and the smallest of their largest: any other pixel has five that are not above it, or five that
    are not below. The two rows that two results share are sorted once.
    """
    floats = isinstance(pixels(0, 0).type.element, ir.FloatType)
    less: Callable[[str, Any, Any], Any] = builder.fcmp_ordered if floats else builder.icmp_unsigned

    def low(a: Any, b: Any) -> Any:
        return builder.select(less("<", a, b), a, b)

    def high(a: Any, b: Any) -> Any:
        return builder.select(less(">", a, b), a, b)

    def middle(a: Any, b: Any, c: Any) -> Any:
        return high(low(a, b), low(high(a, b), c))

    rows = [[pixels(i, k) for k in range(taps)] for i in range(count + taps - 1)]
    pairs = [
        [(low(a, b), high(a, b)) for a, b in zip(rows[i], rows[i + 1], strict=True)] for i in range(1, count + 1, 2)
    ]
    medians: list[Any] = []
    for row in range(count):
        # Of rows 0 to 5, 1 and 2 are sorted for the results from 0 and 1 on, 3 and 4 for those from 2 and 3 on.
        others = rows[row if row % 2 == 0 else row + 2]
        lows: list[Any] = []
        middles: list[Any] = []
        highs: list[Any] = []
        for other, (small, large) in zip(others, pairs[row // 2], strict=True):
            between = high(small, other)
            lows.append(low(small, other))
            middles.append(low(between, large))
            highs.append(high(between, large))
        medians.append(middle(high(high(*lows[:2]), lows[2]), middle(*middles), low(low(*highs[:2]), highs[2])))
    if not floats:
        return medians, None
    broken = None
    for first, second in zip(rows[::2], rows[1::2] + rows[-1:], strict=False):
        found = builder.fcmp_unordered("uno", first[1], second[1])
        broken = found if broken is None else builder.or_(broken, found)
    return medians, broken


def _means(builder: Any, pixels: Pixels, taps: int, count: int, weights: list[Any]) -> tuple[list[Any], Any]:
    """Add up bytes in 16 bits, down the columns first, where rows share all but two pixels."""
    narrow = pixels(0, 0).type
    wide = ir.VectorType(ir.IntType(16), narrow.count)
    totals: list[Any] = [None] * count
    for k in range(taps):
        column = [builder.zext(pixels(i, k), wide) for i in range(count + taps - 1)]
        total = reduce(builder.add, column[:taps])
        for row in range(count):
            if row > 0:
                total = builder.sub(builder.add(total, column[row + taps - 1]), column[row - 1])
            totals[row] = total if totals[row] is None else builder.add(totals[row], total)

    def number(value: int) -> Any:
        return ir.Constant(wide, [ir.Constant(wide.element, value)] * wide.count)

    area = taps * taps
    doubled = [builder.add(builder.add(total, total), number(area)) for total in totals]
    return [builder.trunc(builder.udiv(total, number(2 * area)), narrow) for total in doubled], None


_FOLDS = {types.float32: _sums, types.int8: _medians, types.int16: _means}


@intrinsic
def address(typing_context: Any, row: Any, index: Any) -> Any:
    """Return the address of a pixel of a flat array, which may lie outside it."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        layout = context.get_data_type(row.dtype)
        return builder.ptrtoint(pointer_to(context, builder, row, *arguments, layout), ir.IntType(64))

    return int64(row, intp), generate


@intrinsic
def fold(
    typing_context: Any, source: Any, sources: Any, target: Any, targets: Any, weights: Any, begin: Any, end: Any,
    like: Any, side: Any, rows: Any,
) -> Any:  # fmt: skip
    """Write columns `begin` to `end`, some vectors like `like`, of as many rows as the tuple `rows` is long.

    `targets` are the addresses of the rows in `target`, and `sources` those of all rows of `source` that they see, less
    the radius. `weights` are the taps, row by row, of a window whose side is the length of the tuple `side`, or those
    of `MEDIAN` or `MEAN`. Says whether a NaN was seen that the result may not show.
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
        are_taps = weights.dtype == types.float32
        factors = [spread(builder, read(4, i), like.layout) for i in range(taps * taps if are_taps else 0)]
        flags = ir.IntType(like.count)
        seen = cgutils.alloca_once_value(builder, ir.Constant(flags, 0))
        step = context.get_constant(intp, like.count)
        with cgutils.for_range_slice(builder, arguments[5], arguments[6], step, inc=True) as (x, _):

            def place(dtype: Any, base: Any, shift: int) -> Any:
                pixel = builder.inttoptr(base, context.get_data_type(dtype).as_pointer())
                return builder.gep(builder.gep(pixel, [x]), [context.get_constant(intp, shift)])

            def pixels(i: int, k: int) -> Any:
                return pixels_at(builder, source.dtype, place(source.dtype, froms[i], k), like)

            results, broken = _FOLDS[weights.dtype](builder, pixels, taps, count, factors)
            if broken is not None:
                builder.store(builder.or_(builder.load(seen), builder.bitcast(broken, flags)), seen)
            for base, result in zip(tos, results, strict=True):
                put_pixels(builder, target.dtype, place(target.dtype, base, 0), result)
        return builder.icmp_unsigned("!=", builder.load(seen), ir.Constant(flags, 0))

    return boolean(source, sources, target, targets, weights, intp, intp, like, side, rows), generate


@compile_kernel(**BARE)
def _surround(row, radius, columns, left, right, like):
    """Fill the scratch of the edges of a row: what the first and the last vector of the result see."""
    size = left.shape[0] - 2 * radius
    last = row.shape[0] - size
    store(left, radius, load(row, 0, like))
    store(left, 2 * radius, load(row, radius, like))
    store(right, 0, load(row, last - radius, like))
    store(right, radius, load(row, last, like))
    for k in range(radius):
        before, behind = columns[k], columns[radius + row.shape[0] + k]
        left[k] = row[before] if before >= 0 else row[0] * 0
        right[radius + size + k] = row[behind] if behind >= 0 else row[0] * 0


@compile_kernel(**BARE)
def strip(
    flat, base, row_step, rows, y, columns, outside, weights, result, place, edges, all_sources, targets, side, few,
    some, many, count,
):  # fmt: skip
    """Write rows of the result, from pixel `place` on, which see `rows` of a plane from number y on.

    The plane begins with pixel `base`; `few` and `some` are vectors, the second one of `many` pixels.
    """
    width, radius = outside.shape[0], len(side) // 2
    size = edges.shape[2] - 2 * radius
    inside, ahead, behind = all_sources[0], all_sources[1], all_sources[2]
    for i in range(len(count) + len(side) - 1):
        number = rows[y + i]
        begin = base + number * row_step
        row = flat[begin : begin + width] if number >= 0 else outside
        left, right = edges[0, i], edges[1, i]
        _surround(row, radius, columns, left, right, few)
        inside[i], ahead[i], behind[i] = address(row, -radius), address(left, 0), address(right, size - width)
    for i in range(len(count)):
        targets[i] = address(result, place + i * width)
    last = width - size
    end = size + (last - size) // many * many
    stop = end + (last - end) // size * size
    # The edges come last: what was just written to scratch could not be loaded before it has left the store buffer.
    broken = fold(flat, inside, result, targets, weights, size, end, some, side, count)
    if end < last:
        broken |= fold(flat, inside, result, targets, weights, end, stop, few, side, count)
        # Some pixels a second time.
        broken |= fold(flat, inside, result, targets, weights, last - size, last, few, side, count)
    edge = edges[0, 0]
    broken |= fold(edge, ahead, result, targets, weights, 0, size, few, side, count)
    return broken | fold(edge, behind, result, targets, weights, last, width, few, side, count)


@compile_kernel(**BARE)
def fold_windows(
    start, stop, flat, result, rows, columns, outside, weights, copies, edges, all_sources, targets, side, few, some,
    many,
):  # fmt: skip
    """Fill rows start to stop, counted through all planes; `rows` and `columns` are of the surrounded image.

    Of each plane of the image there are some planes of the result, `copies`, by weights of their own.
    """
    radius = len(side) // 2
    height, width = rows.shape[0] - 2 * radius, outside.shape[0]
    while start < stop:
        plane = start // height
        first = start - plane * height
        base, target = plane // copies * height * width, plane * height * width
        last = min(height, first + stop - start)
        start += last - first
        taps = weights[min(plane, weights.shape[0] - 1)]
        broken = False
        y = first
        while y < last:
            if last - first >= len(FOUR):
                # Some rows a second time.
                y = min(y, last - len(FOUR))
                broken |= strip(
                    flat, base, width, rows, y, columns, outside, taps, result, target + y * width, edges,
                    all_sources, targets, side, few, some, many, FOUR,
                )  # fmt: skip
                y += len(FOUR)
            else:
                broken |= strip(
                    flat, base, width, rows, y, columns, outside, taps, result, target + y * width, edges,
                    all_sources, targets, side, few, some, many, ONE,
                )  # fmt: skip
                y += 1
        if broken:
            size = height * width
            image, results = flat[base : base + size], result[target : target + size]
            image, results = image.reshape(height, width), results.reshape(height, width)
            spread_nan(image, results, first, last, rows, columns, len(side), len(side))
