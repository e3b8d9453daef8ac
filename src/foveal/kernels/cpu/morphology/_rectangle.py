# SPDX-License-Identifier: Apache-2.0
"""The strongest pixel of a rectangle: down the columns, then along the rows, at a cost that hardly grows with it.

Down: 3 and 5 rows directly, two results at once from the rows that they share. Any other number h by van Herk and
Gil-Werman: rows are cut into blocks of h; a window that begins at row i of a block is the strongest of the block's rows
from i on (one pass upwards) and of the next block's rows before i (one pass downwards): three choices per pixel.
Along: 3 and 5 columns directly. Any other number w by doubling: m2(x) = m1(x) | m1(x+1), m4(x) = m2(x) | m2(x+2), ...
and two of the widest power that fits, overlapping; every pass goes over a row in the first-level cache, in vectors.
"""

import numpy as np

from foveal.kernels.cpu._compile import BARE, compile_kernel
from foveal.kernels.cpu._rows import row_at, surround
from foveal.kernels.cpu._vector import has_nan, keep_nan, load, place, steps, store, write
from foveal.kernels.cpu.morphology._stronger import stronger


@compile_kernel(inline="always")
def _copy(row, result):
    for step in range(steps(result)):
        j = place(step, result)
        store(result, j, load(row, j))


@compile_kernel(inline="always")
def _pair(kind, first, second, result):
    """Write the strongest of two rows."""
    for step in range(steps(result)):
        j = place(step, result)
        store(result, j, stronger(kind, load(first, j), load(second, j)))


@compile_kernel(inline="always")
def _two_of_three(kind, a, b, c, d, seen, upper, lower):
    """Write the strongest of a to c and of b to d; what is `seen` keeps NaN of the last two."""
    for step in range(steps(upper)):
        j = place(step, upper)
        seen = keep_nan(keep_nan(seen, load(c, j)), load(d, j))
        shared = stronger(kind, load(b, j), load(c, j))
        store(upper, j, stronger(kind, load(a, j), shared))
        store(lower, j, stronger(kind, shared, load(d, j)))
    return seen


@compile_kernel(inline="always")
def _two_of_five(kind, a, b, c, d, e, f, seen, upper, lower):
    """Write the strongest of a to e and of b to f; what is `seen` keeps NaN of the last two."""
    for step in range(steps(upper)):
        j = place(step, upper)
        seen = keep_nan(keep_nan(seen, load(e, j)), load(f, j))
        inner = stronger(kind, stronger(kind, load(b, j), load(c, j)), stronger(kind, load(d, j), load(e, j)))
        store(upper, j, stronger(kind, load(a, j), inner))
        store(lower, j, stronger(kind, inner, load(f, j)))
    return seen


@compile_kernel(inline="always")
def _look_at(row, seen):
    for step in range(steps(row)):
        seen = keep_nan(seen, load(row, place(step, row)))
    return seen


@compile_kernel(inline="always")
def _advance(kind, row, so_far, behind, result):
    """Take a row into what is so far the strongest, and write the stronger of that and what lies behind."""
    for step in range(steps(result)):
        j = place(step, result)
        best = stronger(kind, load(so_far, j), load(row, j))
        store(so_far, j, best)
        store(result, j, stronger(kind, best, load(behind, j)))


@compile_kernel(inline="always")
def _along_three(kind, row, base, result, streamed):
    for step in range(steps(result)):
        j = place(step, result)
        k = base + j
        write(result, j, stronger(kind, stronger(kind, load(row, k), load(row, k + 1)), load(row, k + 2)), streamed)


@compile_kernel(inline="always")
def _along_five(kind, row, base, result, streamed):
    for step in range(steps(result)):
        j = place(step, result)
        k = base + j
        outer = stronger(kind, stronger(kind, load(row, k), load(row, k + 1)), load(row, k + 4))
        write(result, j, stronger(kind, outer, stronger(kind, load(row, k + 2), load(row, k + 3))), streamed)


@compile_kernel(**BARE)
def _along(kind, row, width, scratch, result, streamed):
    """Write the strongest of `width` pixels of a surrounded row from each one on."""
    size = result.shape[0]
    reach, turn, current = 1, 0, row
    length = size + width - 1
    while 2 * reach < width:
        length -= reach
        widened = scratch[turn, 0:length]
        _pair(kind, current[0:length], current[reach : reach + length], widened)
        current, reach, turn = widened, 2 * reach, 1 - turn
    for step in range(steps(result)):
        j = place(step, result)
        write(result, j, stronger(kind, load(current, j), load(current, width - reach + j)), streamed)


@compile_kernel(inline="always")
def _target(results, y, surrounded, lead, direct):
    """Return where the pass down the columns writes: the result, if there is no pass along the rows."""
    if direct:
        return results[y]
    return surrounded[lead : lead + results.shape[1]]


@compile_kernel(inline="always")
def _finish(kind, surrounded, lead, base, columns, fill, width, scratch, result, streamed):
    surround(surrounded, lead, columns, fill)
    if width == 3:
        _along_three(kind, surrounded, base, result, streamed)
    elif width == 5:
        _along_five(kind, surrounded, base, result, streamed)
    else:
        _along(kind, surrounded[base:], width, scratch, result, streamed)


@compile_kernel
def rectangle(
    start, stop, kind, image, result, rows, columns, lead, base, fill, height, width, kind_of_numbers, streamed
):
    """Fill rows start to stop, counted through all images (count, height, width), at least a vector wide.

    `rows`, `columns`, `lead` and `base` are a `Layout`, `fill` is what lies outside, `height` and `width` the window's.
    """
    across = image.shape[2]
    outside = np.full(across, fill, image.dtype)
    surrounded = np.empty((2, columns.shape[0]), image.dtype)
    scratch = np.empty((2, columns.shape[0]), image.dtype)
    common = (image, result, rows, columns, lead, base, fill, height, width, outside, surrounded, scratch, streamed)
    if height != 3 and height != 5:
        blocks, so_far = np.empty((height, across), image.dtype), np.empty(across, image.dtype)
        _by_blocks(start, stop, kind, common, blocks, so_far)
    # NaN is rare and dear: only where one was seen, it is done again with care.
    elif _by_pairs(start, stop, kind_of_numbers, common):
        _by_pairs(start, stop, kind, common)


@compile_kernel(**BARE)
def _by_pairs(start, stop, kind, common):
    """Fill rows for a window of 3 or 5 rows, two at a time, and say whether a pixel was NaN."""
    image, result, rows, columns, lead, base, fill, height, width, outside, surrounded, scratch, streamed = common
    size = image.shape[1]
    direct = width == 1 and lead == 0 and base == 0
    seen = load(outside, 0)
    while start < stop:
        index = start // size
        first = start - index * size
        last = min(size, first + stop - start)
        start += last - first
        plane, results = image[index], result[index]
        for i in range(height - 1):
            seen = _look_at(row_at(plane, rows[first + i], outside), seen)
        for y in range(first, last, 2):
            count = min(2, last - y)
            # The row behind the last one is computed in vain.
            upper = _target(results, y, surrounded[0], lead, direct)
            lower = _target(results, y + count - 1, surrounded[1], lead, direct and count == 2)
            a, b = row_at(plane, rows[y], outside), row_at(plane, rows[y + 1], outside)
            c, d = row_at(plane, rows[y + 2], outside), row_at(plane, rows[min(y + 3, rows.shape[0] - 1)], outside)
            if height == 3:
                seen = _two_of_three(kind, a, b, c, d, seen, upper, lower)
            else:
                e = row_at(plane, rows[y + 4], outside)
                f = row_at(plane, rows[min(y + 5, rows.shape[0] - 1)], outside)
                seen = _two_of_five(kind, a, b, c, d, e, f, seen, upper, lower)
            if not direct:
                for i in range(count):
                    _finish(kind, surrounded[i], lead, base, columns, fill, width, scratch, results[y + i], streamed)
    return has_nan(seen)


@compile_kernel(**BARE)
def _by_blocks(start, stop, kind, common, blocks, so_far):
    """Fill rows for a window of any height."""
    image, result, rows, columns, lead, base, fill, height, width, outside, surrounded, scratch, streamed = common
    size = image.shape[1]
    direct = width == 1 and lead == 0 and base == 0
    while start < stop:
        index = start // size
        first = start - index * size
        last = min(size, first + stop - start)
        start += last - first
        plane, results = image[index], result[index]
        for y in range(first, last, height):
            _copy(row_at(plane, rows[y + height - 1], outside), blocks[height - 1])
            for i in range(height - 2, -1, -1):
                _pair(kind, row_at(plane, rows[y + i], outside), blocks[i + 1], blocks[i])
            for i in range(min(height, last - y)):
                target = _target(results, y + i, surrounded[0], lead, direct)
                if i == 0:
                    _copy(blocks[0], target)
                elif i == 1:
                    _copy(row_at(plane, rows[y + height], outside), so_far)
                    _pair(kind, so_far, blocks[1], target)
                else:
                    _advance(kind, row_at(plane, rows[y + height + i - 1], outside), so_far, blocks[i], target)
                if not direct:
                    _finish(kind, surrounded[0], lead, base, columns, fill, width, scratch, results[y + i], streamed)
