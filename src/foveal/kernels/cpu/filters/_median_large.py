# SPDX-License-Identifier: Apache-2.0
"""Medians of windows of any size, at a cost per pixel that grows with a side of the window, or not at all.

Bytes, after Perreault and Hebert 2007: every column of a strip keeps the histogram of the pixels that the window sees
of it, in 256 bins and in 16 wide ones; a step along the row adds the histogram of one column and takes that of another.

Floats, after Huang 1979: in a tile every pixel is replaced by its rank among those of the tile, which are all
different, so that the histogram of a window is a set of bits. A step adds and takes a side of the window and keeps
count of the ranks below the median so far; the median then moves from bit to bit.
"""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import int64, uint64
from numba.extending import intrinsic

from foveal.kernels.cpu._compile import BARE, compile_kernel
from foveal.kernels.cpu.filters._selection import spread_nan

# Columns of a strip: their histograms stay in the second-level cache.
STRIP = 192
# Rows and columns of a tile at least, and beyond twice the side of the window.
TILE = 64


def _count_zeros(name: str) -> Any:
    @intrinsic
    def count(typing_context: Any, word: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            kind = ir.IntType(64)
            function = builder.module.declare_intrinsic(name, [kind], ir.FunctionType(kind, [kind, ir.IntType(1)]))
            return builder.call(function, [arguments[0], ir.Constant(ir.IntType(1), 0)])

        return int64(uint64), generate

    return count


_trailing_zeros, _leading_zeros = _count_zeros("llvm.cttz"), _count_zeros("llvm.ctlz")


@compile_kernel(**BARE)
def _count(histograms, wide, column, value, change):
    histograms[column, value] += change
    wide[column, value >> 4] += change


@compile_kernel(**BARE)
def _exchange(histogram, added, taken):
    for k in range(histogram.shape[0]):
        histogram[k] += added[k] - taken[k]


@compile_kernel(**BARE)
def _median_of(histogram, wide, half):
    """Return the bin that holds the element behind `half` smaller ones."""
    below, group = 0, 0
    while below + wide[group] <= half:
        below += wide[group]
        group += 1
    value = group * 16
    while below + histogram[value] <= half:
        below += histogram[value]
        value += 1
    return value


@compile_kernel
def histograms(start, stop, image, result, rows, columns, height, width, counter):
    """Fill rows start to stop, counted through all planes (count, height, width) of bytes.

    `rows` and `columns` say what the surrounded image shows (`sources`); `counter` has the dtype of the bins.
    """
    across = min(image.shape[2], STRIP) + width - 1
    fine, wide = np.zeros((across + 2, 256), counter.dtype), np.zeros((across + 2, 16), counter.dtype)
    _strips(start, stop, image, result, rows, columns, height, width, fine, wide, counter.dtype.type(1))


@compile_kernel(**BARE)
def _strips(start, stop, image, result, rows, columns, height, width, fine, wide, one):
    size = image.shape[1]
    half = height * width // 2
    # Behind the columns lie a histogram of nothing and that of the window.
    nothing = fine.shape[0] - 2
    window, wide_window = fine[nothing + 1], wide[nothing + 1]
    while start < stop:
        index = start // size
        first = start - index * size
        last = min(size, first + stop - start)
        start += last - first
        plane, results = image[index], result[index]
        for left in range(0, image.shape[2], STRIP):
            right = min(left + STRIP, image.shape[2])
            across = right - left + width - 1
            fine[:] = 0
            wide[:] = 0
            for y in range(first, last):
                for i in range(0 if y == first else height - 1, height):
                    row = rows[y + i]
                    for x in range(across):
                        column = columns[left + x]
                        _count(fine, wide, x, plane[row, column] if row >= 0 and column >= 0 else 0, one)
                window[:] = 0
                wide_window[:] = 0
                for x in range(across):
                    gone = x - width if x >= width else nothing
                    _exchange(window, fine[x], fine[gone])
                    _exchange(wide_window, wide[x], wide[gone])
                    if x >= width - 1:
                        results[y, left + x - width + 1] = _median_of(window, wide_window, half)
                row = rows[y]
                for x in range(across):
                    column = columns[left + x]
                    _count(fine, wide, x, plane[row, column] if row >= 0 and column >= 0 else 0, -one)


@compile_kernel(**BARE)
def _next(bits, rank):
    """Return the next rank behind this one that is in the set."""
    rank += 1
    place = rank >> 6
    word = (bits[place] >> np.uint64(rank & 63)) << np.uint64(rank & 63)
    while word == 0:
        place += 1
        word = bits[place]
    return (place << 6) + _trailing_zeros(word)


@compile_kernel(**BARE)
def _previous(bits, rank):
    """Return the next rank before this one that is in the set."""
    rank -= 1
    place, empty = rank >> 6, np.uint64(63 - (rank & 63))
    word = (bits[place] << empty) >> empty
    while word == 0:
        place -= 1
        word = bits[place]
    return (place << 6) + 63 - _leading_zeros(word)


@compile_kernel(**BARE)
def _flip(bits, rank):
    bits[rank >> 6] ^= np.uint64(1) << np.uint64(rank & 63)


@compile_kernel
def ranks(start, stop, image, result, rows, columns, height, width):
    """Fill rows start to stop, counted through all planes (count, height, width) of floats.

    `rows` and `columns` say what the surrounded image shows (`sources`).
    """
    size = image.shape[1]
    deep, across = max(TILE, 2 * height), max(TILE, 2 * width)
    while start < stop:
        index = start // size
        first = start - index * size
        last = min(size, first + stop - start)
        start += last - first
        plane, results = image[index], result[index]
        for top in range(first, last, deep):
            bottom = min(top + deep, last)
            for left in range(0, image.shape[2], across):
                right = min(left + across, image.shape[2])
                tall, broad = bottom - top + height - 1, right - left + width - 1
                pixels = np.empty(tall * broad, np.float32)
                for i in range(tall):
                    for j in range(broad):
                        row, column = rows[top + i], columns[left + j]
                        pixels[i * broad + j] = plane[row, column] if row >= 0 and column >= 0 else np.float32(0)
                order = np.argsort(pixels)
                placed = np.empty(tall * broad, np.int64)
                for k in range(tall * broad):
                    placed[order[k]] = k
                bits = np.zeros((tall * broad + 63) // 64 + 1, np.uint64)
                _tile(
                    placed.reshape(tall, broad), pixels, order, bits, results[top:bottom, left:right], height, width
                )  # fmt: skip
            spread_nan(plane, results, top, bottom, rows, columns, height, width)


@compile_kernel(**BARE)
def _tile(placed, pixels, order, bits, result, height, width):
    """Walk the window over the tile, one row to the right and the next to the left."""
    half = height * width // 2
    median, below = 0, 0
    for i in range(height):
        for j in range(width):
            _flip(bits, placed[i, j])
    x = 0
    for y in range(result.shape[0]):
        if y > 0:
            for j in range(x, x + width):
                out, into = placed[y - 1, j], placed[y + height - 1, j]
                _flip(bits, out)
                _flip(bits, into)
                below += (into < median) - (out < median)
        step = 1 if y % 2 == 0 else -1
        for k in range(result.shape[1]):
            if k > 0:
                old, new = (x, x + width) if step == 1 else (x + width - 1, x - 1)
                for i in range(y, y + height):
                    out, into = placed[i, old], placed[i, new]
                    _flip(bits, out)
                    _flip(bits, into)
                    below += (into < median) - (out < median)
                x += step
            while below > half:
                median = _previous(bits, median)
                below -= 1
            while below < half:
                below += np.int64((bits[median >> 6] >> np.uint64(median & 63)) & np.uint64(1))
                median = _next(bits, median)
            if (bits[median >> 6] >> np.uint64(median & 63)) & np.uint64(1) == 0:
                median = _next(bits, median)
            result[y, x] = pixels[order[median]]
