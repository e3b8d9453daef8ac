# SPDX-License-Identifier: Apache-2.0
"""Medians of 5 x 5 pixels by a selection network: every step is a minimum or a maximum of many pixels.

The image is cut into tiles that are copied, border included, into the first-level cache, where their rows lie behind
each other: a pass is one vector loop over all of them. Columns are sorted first, for all the windows that share them;
of the sorted columns each rank is then sorted along the row, as far as it is needed. Write r(i, k) for the k-th
smallest of the i-th smallest pixels of the columns, both from 0: at least (i + 1)(k + 1) pixels are not above it, so
that the median is among the antidiagonals i + k = 3, 4, 5. Let L be the largest of the first, H the smallest of the
last and M the median of the middle one; counting what lies below and above the others of the three antidiagonals
leaves the median of L, M and H.
"""

import numpy as np

from foveal.kernels.cpu._compile import BARE, compile_kernel
from foveal.kernels.cpu._rows import copy, row_at
from foveal.kernels.cpu.filters._selection import lower, middle_of_three, spread_nan, surrounded, upper

# Bytes of a tile, and of its rows at most: with its sorted columns and its result it stays in the first-level cache.
TILE = 8192
ACROSS = 512


@compile_kernel(inline="always")
def _middle_of_five(a, b, c, d, e):
    f = upper(lower(a, b), lower(c, d))
    g = lower(upper(a, b), upper(c, d))
    return middle_of_three(e, f, g)


@compile_kernel(inline="always")
def _largest_two_of_five(a, b, c, d, e):
    """Return the second largest and the largest."""
    f, g = lower(a, b), upper(a, b)
    h, k = lower(c, d), upper(c, d)
    first, second = upper(g, k), upper(lower(g, k), upper(f, h))
    return upper(second, lower(first, e)), upper(first, e)


@compile_kernel(inline="always")
def _smallest_two_of_five(a, b, c, d, e):
    """Return the smallest and the second smallest."""
    f, g = lower(a, b), upper(a, b)
    h, k = lower(c, d), upper(c, d)
    first, second = lower(f, h), lower(upper(f, h), lower(g, k))
    return lower(first, e), lower(second, upper(first, e))


@compile_kernel(inline="always")
def _sort_five(a, b, c, d, e):
    """Sort by nine exchanges; the compiler leaves out those whose result is not used."""
    a, b = lower(a, b), upper(a, b)
    d, e = lower(d, e), upper(d, e)
    c, e = lower(c, e), upper(c, e)
    c, d = lower(c, d), upper(c, d)
    b, e = lower(b, e), upper(b, e)
    a, d = lower(a, d), upper(a, d)
    a, c = lower(a, c), upper(a, c)
    b, d = lower(b, d), upper(b, d)
    b, c = lower(b, c), upper(b, c)
    return a, b, c, d, e


@compile_kernel(**BARE)
def _columns_of_five(a, b, c, d, e, r0, r1, r2, r3, r4):
    for j in range(r0.shape[0]):
        r0[j], r1[j], r2[j], r3[j], r4[j] = _sort_five(a[j], b[j], c[j], d[j], e[j])


@compile_kernel(**BARE)
def _along_five(
    a0, a1, a2, a3, a4, b0, b1, b2, b3, b4, c0, c1, c2, c3, c4, d0, d1, d2, d3, d4, e0, e1, e2, e3, e4, result
):  # fmt: skip
    for j in range(result.shape[0]):
        a_3, a_4 = _largest_two_of_five(a0[j], a1[j], a2[j], a3[j], a4[j])
        _, _, b_2, b_3, b_4 = _sort_five(b0[j], b1[j], b2[j], b3[j], b4[j])
        _, c_1, c_2, c_3, _ = _sort_five(c0[j], c1[j], c2[j], c3[j], c4[j])
        d_0, d_1, d_2, _, _ = _sort_five(d0[j], d1[j], d2[j], d3[j], d4[j])
        e_0, e_1 = _smallest_two_of_five(e0[j], e1[j], e2[j], e3[j], e4[j])
        result[j] = middle_of_three(
            upper(upper(a_3, b_2), upper(c_1, d_0)),
            _middle_of_five(a_4, b_3, c_2, d_1, e_0),
            lower(lower(b_4, c_3), lower(d_2, e_1)),
        )


@compile_kernel(**BARE)
def _five(tile, pitch, n, a, b, c, d, e, result):
    m = n + 4
    _columns_of_five(
        tile[0:m], tile[pitch : pitch + m], tile[2 * pitch : 2 * pitch + m], tile[3 * pitch : 3 * pitch + m],
        tile[4 * pitch : 4 * pitch + m], a[0:m], b[0:m], c[0:m], d[0:m], e[0:m],
    )  # fmt: skip
    _along_five(
        a[0:n], a[1 : n + 1], a[2 : n + 2], a[3 : n + 3], a[4 : n + 4],
        b[0:n], b[1 : n + 1], b[2 : n + 2], b[3 : n + 3], b[4 : n + 4],
        c[0:n], c[1 : n + 1], c[2 : n + 2], c[3 : n + 3], c[4 : n + 4],
        d[0:n], d[1 : n + 1], d[2 : n + 2], d[3 : n + 3], d[4 : n + 4],
        e[0:n], e[1 : n + 1], e[2 : n + 2], e[3 : n + 3], e[4 : n + 4], result[0:n],
    )  # fmt: skip


@compile_kernel
def five(start, stop, image, result, rows, columns):
    """Fill rows start to stop, counted through all planes (count, height, width).

    `rows` and `columns` say what the surrounded image shows (`sources`).
    """
    width = image.shape[2]
    most = ACROSS // image.itemsize
    pieces = (width + most - 1) // most
    across = (width + pieces - 1) // pieces
    pitch = across + 4
    deep = max(1, TILE // image.itemsize // pitch - 4)
    outside = np.zeros(width, image.dtype)
    # Passes run over the gaps between the rows, and a little over the end.
    tile = np.zeros((deep + 5) * pitch, image.dtype)
    ranks = np.zeros((6, (deep + 1) * pitch), image.dtype)
    _tiles(start, stop, image, result, rows, columns, across, deep, outside, tile, ranks)


@compile_kernel(**BARE)
def _tiles(start, stop, image, result, rows, columns, across, deep, outside, tile, ranks):
    height, width = image.shape[1], image.shape[2]
    pitch = across + 4
    medians = ranks[5]
    while start < stop:
        index = start // height
        first = start - index * height
        last = min(height, first + stop - start)
        start += last - first
        plane, results = image[index], result[index]
        for y in range(first, last, deep):
            count = min(deep, last - y)
            for x in range(0, width, across):
                size = min(across, width - x)
                for i in range(count + 4):
                    row = row_at(plane, rows[y + i], outside)
                    surrounded(row, x, 2, columns, tile[i * pitch : i * pitch + size + 4])
                n = (count - 1) * pitch + size
                _five(tile, pitch, n, ranks[0], ranks[1], ranks[2], ranks[3], ranks[4], medians)
                for i in range(count):
                    copy(medians[i * pitch : i * pitch + size], results[y + i, x : x + size])
            spread_nan(plane, results, y, y + count, rows, columns, 5, 5)
