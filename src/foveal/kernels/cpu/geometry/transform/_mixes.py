# SPDX-License-Identifier: Apache-2.0
"""Loops over the tables of `_axis`: weighted sums of rows, and of the pixels of a row."""

from foveal.kernels.cpu._compile import BARE, compile_kernel
from foveal.kernels.cpu._vector import lanes, prefetch
from foveal.kernels.cpu.filters._lanes import (
    FEW,
    MANY,
    _zeros,
    add_product,
    few_zeros,
    load,
    many_zeros,
    one_zero,
    store,
)
from foveal.kernels.cpu.geometry.transform._axis import DOUBLED
from foveal.kernels.cpu.geometry.transform._strides import add_chosen, interleave, turn

WIDE = MANY // 2
wide_zeros = _zeros(WIDE)

# Zeros on both sides of a row that is mixed, for whole vectors to read.
SLACK = 2 * MANY

# How many rows of the result ahead the pixels of an image are fetched.
AHEAD = 2


@compile_kernel(inline="always")
def upcoming(row, stride, table):
    """Return where the last two rows of an image begin that a row of the result, `AHEAD` below, will read."""
    starts, counts, _ = table
    below = min(row + AHEAD, starts.shape[0] - 1)
    last = starts[below] + counts[below] - 1
    return (last - 1) * stride, last * stride


@compile_kernel(inline="always")
def fetch(plane, rows, place, count):
    """Bring some columns of two rows near: a few at a time, between sums, for only so many can be under way.

    A place outside the image, as of a row above the first one, does no harm.
    """
    for line in range(0, count, lanes(plane)):
        prefetch(plane, rows[0] + place + line)
        prefetch(plane, rows[1] + place + line)


@compile_kernel(inline="always")
def weighted(pixels, place, stride, taps, count, zeros):
    """Return the weighted sum of vectors of pixels that are a stride apart."""
    return add_weighted(zeros, pixels, place, stride, taps, count)


@compile_kernel(inline="always")
def add_weighted(total, pixels, place, stride, taps, count):
    """Return a total and the weighted sum of vectors of pixels that are a stride apart.

    Few taps are written out: the compiler would lay out a loop for many.
    """
    zeros = total
    if count <= 6:
        if count >= 1:
            total = add_product(total, load(pixels, place, zeros), taps[0])
        if count >= 2:
            total = add_product(total, load(pixels, place + stride, zeros), taps[1])
        if count >= 3:
            total = add_product(total, load(pixels, place + 2 * stride, zeros), taps[2])
        if count >= 4:
            total = add_product(total, load(pixels, place + 3 * stride, zeros), taps[3])
        if count >= 5:
            total = add_product(total, load(pixels, place + 4 * stride, zeros), taps[4])
        if count == 6:
            total = add_product(total, load(pixels, place + 5 * stride, zeros), taps[5])
        return total
    for k in range(count):
        total = add_product(total, load(pixels, place + k * stride, zeros), taps[k])
    return total


@compile_kernel(inline="always")
def mix_rows(plane, stride, width, row, table, mixed):
    """Write the weighted sum of rows of an image."""
    starts, counts, weights = table
    count, first = counts[row], starts[row] * stride
    taps, next_rows = weights[row], upcoming(row, stride, table)
    if width >= MANY:
        for step in range(0, width, MANY):
            place = min(step, width - MANY)
            fetch(plane, next_rows, place, MANY)
            store(mixed, SLACK + place, weighted(plane, first + place, stride, taps, count, many_zeros()))
    elif width >= FEW:
        for step in range(0, width, FEW):
            place = min(step, width - FEW)
            store(mixed, SLACK + place, weighted(plane, first + place, stride, taps, count, few_zeros()))
    else:
        for j in range(width):
            store(mixed, SLACK + j, weighted(plane, first + j, stride, taps, count, one_zero()))


@compile_kernel(inline="always")
def mix_columns(mixed, table, common, even, odd, target):
    """Write the weighted sums of pixels of a row.

    Taps that most columns share are taken for all of them, from the first pixel of the row on, whose place in memory is
    a good one to write to; the columns at both ends, which have taps of their own, are then written again.
    """
    kind, first, last, shift, odd_shift = common
    wide = target.shape[0]
    first_apart, last_apart = 0, 0
    if kind == DOUBLED and wide >= 2 * FEW:
        double(mixed, even, odd, SLACK + shift, SLACK + odd_shift, target)
        first_apart, last_apart = 2 * first, 2 * last
    mix_some(mixed, table, 0, first_apart, target)
    mix_some(mixed, table, last_apart, wide, target)


@compile_kernel(**BARE)
def mix_some(mixed, table, first, last, target):
    """Write some columns, each by its own taps."""
    starts, counts, weights = table
    for j in range(first, last):
        store(target, j, weighted(mixed, SLACK + starts[j], 1, weights[j], counts[j], one_zero()))


@compile_kernel(**BARE)
def double(mixed, even, odd, shift, odd_shift, target):
    """Write pairs of columns, each one pixel to the right of the one before."""
    pairs = target.shape[0] // 2
    if pairs >= WIDE:
        for step in range(0, pairs, WIDE):
            place = min(step, pairs - WIDE)
            left = weighted(mixed, place + shift, 1, even, even.shape[0], wide_zeros())
            right = weighted(mixed, place + odd_shift, 1, odd, odd.shape[0], wide_zeros())
            store(target, 2 * place, interleave(left, right))
    else:
        for step in range(0, pairs, FEW):
            place = min(step, pairs - FEW)
            left = weighted(mixed, place + shift, 1, even, even.shape[0], few_zeros())
            right = weighted(mixed, place + odd_shift, 1, odd, odd.shape[0], few_zeros())
            store(target, 2 * place, interleave(left, right))


@compile_kernel(inline="always")
def mix_windows(mixed, groups, target):
    """Write the weighted sums of pixels of a row, sixteen columns at a time, each group from a window of it."""
    begins, places, weights = groups
    taps = places.shape[0] // (begins.shape[0] * FEW)
    columns = target.shape[0]
    for group in range(begins.shape[0]):
        begin, first = SLACK + begins[group], group * taps * FEW
        total = add_chosen(few_zeros(), mixed, begin, places, weights, first)
        for k in range(1, taps):
            total = add_chosen(total, mixed, begin, places, weights, first + k * FEW)
        store(target, min(group * FEW, columns - FEW), total)


@compile_kernel(**BARE)
def mix_band(turned, table, blocks, target):
    """Write the weighted sums of vectors of a band that was turned, turned back."""
    starts, counts, weights = table
    lines, wide = target.shape
    for step in range(0, wide, FEW):
        place = min(step, wide - FEW)
        for j in range(FEW):
            taps = weights[place + j]
            total = weighted(turned, FEW * starts[place + j], FEW, taps, counts[place + j], few_zeros())
            store(blocks, FEW * j, total)
        turn(blocks, 0, FEW, blocks, FEW * FEW)
        for line in range(lines):
            store(target[line], place, load(blocks, FEW * (FEW + line), few_zeros()))
