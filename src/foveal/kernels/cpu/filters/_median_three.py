# SPDX-License-Identifier: Apache-2.0
"""Medians of 3 x 3 pixels by a selection network: every step is a minimum or a maximum of whole rows.

Two results at once from the four rows that they see: the two rows in the middle are sorted for both. With the three
columns of a window sorted, the median is that of the largest of their smallest pixels, the median of their middle ones
and the smallest of their largest: any other pixel has five that are not above it, or five that are not below.
The outermost columns are done behind the others, as the rows of a narrow image that lies on its side.
"""

import numpy as np

from foveal.kernels.cpu._compile import BARE, compile_kernel
from foveal.kernels.cpu.filters._selection import lower, middle_of_three, spread_nan, upper

# Rows whose outermost columns are done together.
DEEP = 32


@compile_kernel(inline="always")
def _insert(a, x, y):
    """Sort a number into two sorted ones."""
    z = upper(a, x)
    return lower(a, x), lower(z, y), upper(z, y)


@compile_kernel(inline="always")
def _middle_of_nine(low0, middle0, high0, low1, middle1, high1, low2, middle2, high2):
    return middle_of_three(
        upper(upper(low0, low1), low2),
        middle_of_three(middle0, middle1, middle2),
        lower(lower(high0, high1), high2),
    )


@compile_kernel(**BARE)
def _two_rows(a0, a1, a2, b0, b1, b2, c0, c1, c2, d0, d1, d2, first, second):
    """Write the medians of rows a to c, and those of rows b to d."""
    for j in range(first.shape[0]):
        x0, y0 = lower(b0[j], c0[j]), upper(b0[j], c0[j])
        x1, y1 = lower(b1[j], c1[j]), upper(b1[j], c1[j])
        x2, y2 = lower(b2[j], c2[j]), upper(b2[j], c2[j])
        l0, m0, h0 = _insert(a0[j], x0, y0)
        l1, m1, h1 = _insert(a1[j], x1, y1)
        l2, m2, h2 = _insert(a2[j], x2, y2)
        first[j] = _middle_of_nine(l0, m0, h0, l1, m1, h1, l2, m2, h2)
        l0, m0, h0 = _insert(d0[j], x0, y0)
        l1, m1, h1 = _insert(d1[j], x1, y1)
        l2, m2, h2 = _insert(d2[j], x2, y2)
        second[j] = _middle_of_nine(l0, m0, h0, l1, m1, h1, l2, m2, h2)


@compile_kernel(**BARE)
def _rows(a, b, c, d, first, second):
    """Write the medians of rows of n + 2 pixels to rows of n."""
    n = first.shape[0]
    _two_rows(
        a[0:n], a[1 : n + 1], a[2 : n + 2], b[0:n], b[1 : n + 1], b[2 : n + 2],
        c[0:n], c[1 : n + 1], c[2 : n + 2], d[0:n], d[1 : n + 1], d[2 : n + 2], first, second,
    )  # fmt: skip


@compile_kernel
def three(start, stop, image, result, rows, columns):
    """Fill rows start to stop, counted through all planes (count, height, width).

    `rows` and `columns` say what the surrounded image shows (`sources`).
    """
    width = image.shape[2]
    # A pixel before and behind every row, as in the flat image.
    outside = np.zeros(width + 2, image.dtype)
    strips = np.zeros((4, DEEP + 2), image.dtype)
    medians = np.zeros((2, max(DEEP, width)), image.dtype)
    _blocks(start, stop, image, image.reshape(-1), result, rows, columns, outside, strips, medians)


@compile_kernel(inline="always")
def _part(flat, outside, row, base, width, begin, end):
    """Return a part of a row with the pixel before and the one behind it in memory."""
    if row < 0:
        return outside[begin : end + 2]
    place = (base + row) * width - 1
    return flat[place + begin : place + end + 2]


@compile_kernel(**BARE)
def _blocks(start, stop, image, flat, result, rows, columns, outside, strips, medians):
    height, width = image.shape[1], image.shape[2]
    while start < stop:
        index = start // height
        first = start - index * height
        last = min(height, first + stop - start)
        start += last - first
        plane, results = image[index], result[index]
        base = index * height
        for y in range(first, last, DEEP):
            end = min(y + DEEP, last)
            for u in range(y, end, 2):
                r, s, t, v = rows[u], rows[u + 1], rows[u + 2], rows[min(u + 3, height + 1)]
                # The row behind the last one is computed in vain.
                begin, close = 0, width
                second = results[u + 1] if u + 1 < end else medians[0, 0:width]
                # Rows run over their ends, whose medians are written anew below; not over the ends of memory.
                lowest, highest = base + min(min(r, s), min(t, v)), base + max(max(r, s), max(t, v))
                if lowest <= 0 or highest >= image.shape[0] * height - 1:
                    begin, close = 1, width - 1
                if begin < close:
                    _rows(
                        _part(flat, outside, r, base, width, begin, close),
                        _part(flat, outside, s, base, width, begin, close),
                        _part(flat, outside, t, base, width, begin, close),
                        _part(flat, outside, v, base, width, begin, close),
                        results[u, begin:close], second[begin:close],
                    )  # fmt: skip
            for x in range(0, width, max(width - 1, 1)):
                for k in range(3):
                    source = columns[x + k]
                    for i in range(end - y + 2):
                        row = rows[y + i]
                        strips[k, i] = outside[0] if row < 0 or source < 0 else plane[row, source]
                size = end - y
                _rows(
                    strips[0, 0 : size + 2], strips[1, 0 : size + 2], strips[2, 0 : size + 2], strips[3, 0 : size + 2],
                    medians[0, 0:size], medians[1, 0:size],
                )  # fmt: skip
                for i in range(size):
                    results[y + i, x] = medians[0, i]
            spread_nan(plane, results, y, end, rows, columns, 3, 3)
