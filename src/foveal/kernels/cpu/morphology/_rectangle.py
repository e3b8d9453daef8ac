# SPDX-License-Identifier: Apache-2.0
"""The strongest pixel of a rectangle: down the columns, then along the rows, at a cost that hardly grows with it.

Down: 3 and 5 rows directly, two results at once from the rows that they share. Any other number h by van Herk and
Gil-Werman: rows are cut into blocks of h; a window that begins at row i of a block is the strongest of the block's rows
from i on (one pass upwards) and of the next block's rows before i (one pass downwards): three choices per pixel.
Along: 3 and 5 columns directly. Any other number w by doubling: m2(x) = m1(x) | m1(x+1), m4(x) = m2(x) | m2(x+2), ...
and two of the widest power that fits, overlapping; every pass is a vector loop over a row in the first-level cache.
"""

from typing import Any

import numpy as np

from foveal.kernels.cpu._compile import compile_kernel
from foveal.kernels.cpu.morphology._stronger import stronger

# The loops below own no array, so that they need not count references: for a row of 256 pixels that took longer than
# the pixels themselves. Only the outermost function, which makes the scratch rows, counts.
BARE: dict[str, Any] = {"_nrt": False}


@compile_kernel(**BARE)
def copy(row, result):
    """Copy a row."""
    for j in range(result.shape[0]):
        result[j] = row[j]


@compile_kernel(**BARE)
def pair(kind, first, second, result):
    """Write the strongest of two rows."""
    for j in range(result.shape[0]):
        result[j] = stronger(kind, first[j], second[j])


@compile_kernel(**BARE)
def three(kind, a, b, c, result):
    """Write the strongest of three rows."""
    for j in range(result.shape[0]):
        result[j] = stronger(kind, stronger(kind, a[j], b[j]), c[j])


@compile_kernel(**BARE)
def five(kind, a, b, c, d, e, result):
    """Write the strongest of five rows."""
    for j in range(result.shape[0]):
        result[j] = stronger(kind, stronger(kind, stronger(kind, a[j], b[j]), stronger(kind, c[j], d[j])), e[j])


@compile_kernel(**BARE)
def _two_of_three(kind, a, b, c, d, upper, lower):
    for j in range(upper.shape[0]):
        shared = stronger(kind, b[j], c[j])
        upper[j] = stronger(kind, a[j], shared)
        lower[j] = stronger(kind, shared, d[j])


@compile_kernel(**BARE)
def _two_of_five(kind, a, b, c, d, e, f, upper, lower):
    for j in range(upper.shape[0]):
        shared = stronger(kind, stronger(kind, b[j], c[j]), stronger(kind, d[j], e[j]))
        upper[j] = stronger(kind, a[j], shared)
        lower[j] = stronger(kind, shared, f[j])


@compile_kernel(**BARE)
def _advance(kind, row, so_far, behind, result):
    """Take a row into what is so far the strongest, and write the stronger of that and what lies behind."""
    for j in range(result.shape[0]):
        best = stronger(kind, so_far[j], row[j])
        so_far[j] = best
        result[j] = stronger(kind, best, behind[j])


@compile_kernel(inline="always")
def row_at(image, row, outside):
    """Return a row of one image, or the row outside it."""
    if row < 0:
        return outside
    return image[row]


@compile_kernel(**BARE)
def surround(row, lead, columns, fill):
    """Fill the columns around those of the image in a surrounded row."""
    width = row.shape[0]
    inside = row[lead:width]
    for j in range(lead):
        source = columns[j]
        row[j] = fill if source < 0 else inside[source]
    for j in range(width - 1, lead - 1, -1):
        source = columns[j]
        if source == j - lead:
            break
        row[j] = fill if source < 0 else inside[source]


@compile_kernel(**BARE)
def along(kind, row, width, scratch, result):
    """Write the strongest of `width` pixels of a surrounded row from each one on."""
    size = result.shape[0]
    if width == 3:
        three(kind, row[0:size], row[1 : size + 1], row[2 : size + 2], result)
        return
    if width == 5:
        five(
            kind, row[0:size], row[1 : size + 1], row[2 : size + 2], row[3 : size + 3], row[4 : size + 4], result
        )  # fmt: skip
        return
    reach, place, current = 1, 0, row
    length = size + width - 1
    while 2 * reach < width:
        length -= reach
        widened = scratch[place, 0:length]
        pair(kind, current[0:length], current[reach : reach + length], widened)
        current, reach, place = widened, 2 * reach, 1 - place
    pair(kind, current[0:size], current[width - reach : width - reach + size], result)


@compile_kernel(inline="always")
def _target(results, y, surrounded, lead, direct):
    """Return where the pass down the columns writes: the result, if there is no pass along the rows."""
    if direct:
        return results[y]
    return surrounded[lead : lead + results.shape[1]]


@compile_kernel(**BARE)
def _finish(kind, surrounded, lead, base, columns, fill, width, scratch, result):
    surround(surrounded, lead, columns, fill)
    along(kind, surrounded[base:], width, scratch, result)


@compile_kernel
def rectangle(start, stop, kind, image, result, rows, columns, lead, base, fill, height, width):
    """Fill rows start to stop, counted through all images (count, height, width).

    `rows`, `columns`, `lead` and `base` are a `Layout`, `fill` is what lies outside, `height` and `width` the window's.
    """
    across = image.shape[2]
    outside = np.full(across, fill, image.dtype)
    surrounded = np.empty((2, columns.shape[0]), image.dtype)
    scratch = np.empty((2, columns.shape[0]), image.dtype)
    paired = height == 3 or height == 5
    blocks = np.empty((0 if paired else height, across), image.dtype)
    so_far = np.empty(across, image.dtype)
    _rectangle(
        start, stop, kind, image, result, rows, columns, lead, base, fill, height, width,
        outside, surrounded, scratch, blocks, so_far,
    )  # fmt: skip


@compile_kernel(**BARE)
def _rectangle(
    start, stop, kind, image, result, rows, columns, lead, base, fill, height, width,
    outside, surrounded, scratch, blocks, so_far,
):  # fmt: skip
    size = image.shape[1]
    direct = width == 1 and lead == 0 and base == 0
    paired = height == 3 or height == 5
    step = 2 if paired else height
    while start < stop:
        index = start // size
        first = start - index * size
        last = min(size, first + stop - start)
        start += last - first
        plane, results = image[index], result[index]
        for y in range(first, last, step):
            count = min(step, last - y)
            if paired:
                # The row behind the last one is computed in vain.
                upper = _target(results, y, surrounded[0], lead, direct)
                lower = _target(results, y + count - 1, surrounded[1], lead, direct and count == 2)
                a, b = row_at(plane, rows[y], outside), row_at(plane, rows[y + 1], outside)
                c, d = row_at(plane, rows[y + 2], outside), row_at(plane, rows[min(y + 3, rows.shape[0] - 1)], outside)
                if height == 3:
                    _two_of_three(kind, a, b, c, d, upper, lower)
                else:
                    e, f = (
                        row_at(plane, rows[y + 4], outside),
                        row_at(plane, rows[min(y + 5, rows.shape[0] - 1)], outside),
                    )
                    _two_of_five(kind, a, b, c, d, e, f, upper, lower)
                if not direct:
                    for i in range(count):
                        _finish(kind, surrounded[i], lead, base, columns, fill, width, scratch, results[y + i])
                continue
            copy(row_at(plane, rows[y + height - 1], outside), blocks[height - 1])
            for i in range(height - 2, -1, -1):
                pair(kind, row_at(plane, rows[y + i], outside), blocks[i + 1], blocks[i])
            for i in range(count):
                target = _target(results, y + i, surrounded[0], lead, direct)
                if i == 0:
                    copy(blocks[0], target)
                elif i == 1:
                    copy(row_at(plane, rows[y + height], outside), so_far)
                    pair(kind, so_far, blocks[1], target)
                else:
                    _advance(kind, row_at(plane, rows[y + height + i - 1], outside), so_far, blocks[i], target)
                if not direct:
                    _finish(kind, surrounded[0], lead, base, columns, fill, width, scratch, results[y + i])
