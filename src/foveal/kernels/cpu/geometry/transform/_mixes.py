# SPDX-License-Identifier: Apache-2.0
"""Loops over the tables of `_axis`: weighted sums of rows, and of the pixels of a row."""

from foveal.kernels.cpu._compile import BARE, compile_kernel
from foveal.kernels.cpu._vector import prefetch
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
from foveal.kernels.cpu.geometry.transform._axis import DOUBLED, HALVED
from foveal.kernels.cpu.geometry.transform._strides import interleave, load_every_second, turn

WIDE = MANY // 2
wide_zeros = _zeros(WIDE)

# Zeros on both sides of a row that is mixed, for whole vectors to read.
SLACK = 2 * MANY

# How many rows of the result ahead the pixels of an image are fetched.
AHEAD = 4


@compile_kernel(inline="always")
def fetch_rows(plane, stride, width, row, table):
    """Bring the pixels near that a row of the result, `AHEAD` below, will be the first to read."""
    starts, counts, _ = table
    if row + AHEAD < starts.shape[0]:
        for above in range(
            starts[row + AHEAD - 1] + counts[row + AHEAD - 1], starts[row + AHEAD] + counts[row + AHEAD]
        ):
            for place in range(above * stride, above * stride + width, FEW):
                prefetch(plane, place)


@compile_kernel(inline="always")
def weighted(pixels, place, stride, taps, count, zeros):
    """Return the weighted sum of vectors of pixels that are a stride apart.

    Few taps are written out: the compiler would lay out a loop for many.
    """
    if count <= 6:
        total = add_product(zeros, load(pixels, place, zeros), taps[0])
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
    total = zeros
    for k in range(count):
        total = add_product(total, load(pixels, place + k * stride, zeros), taps[k])
    return total


@compile_kernel(inline="always")
def mix_rows(plane, stride, width, row, table, mixed):
    """Write the weighted sum of rows of an image."""
    starts, counts, weights = table
    count, first = counts[row], starts[row] * stride
    taps = weights[row]
    if width >= MANY:
        for step in range(0, width, MANY):
            place = min(step, width - MANY)
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
    if kind == HALVED and wide >= FEW:
        halve(mixed, even, SLACK + shift, target)
        first_apart, last_apart = first, last
    elif kind == DOUBLED and wide >= 2 * FEW:
        double(mixed, even, odd, SLACK + shift, SLACK + odd_shift, target)
        first_apart, last_apart = 2 * first, 2 * last
    if first_apart > 0:
        mix_some(mixed, table, 0, first_apart, target)
    if last_apart < wide:
        mix_some(mixed, table, last_apart, wide, target)


@compile_kernel(**BARE)
def mix_some(mixed, table, first, last, target):
    """Write some columns, each by its own taps."""
    starts, counts, weights = table
    for j in range(first, last):
        store(target, j, weighted(mixed, SLACK + starts[j], 1, weights[j], counts[j], one_zero()))


@compile_kernel(inline="always")
def halved_at(mixed, taps, place, zeros):
    """Return columns that are two pixels apart."""
    count = taps.shape[0]
    if count == 2:
        total = add_product(zeros, load_every_second(mixed, place, zeros), taps[0])
        return add_product(total, load_every_second(mixed, place + 1, zeros), taps[1])
    total = zeros
    if count % 2 == 0:
        for k in range(0, count, 2):
            total = add_product(total, load_every_second(mixed, place + k, zeros), taps[k])
            total = add_product(total, load_every_second(mixed, place + k + 1, zeros), taps[k + 1])
        return total
    for k in range(count):
        total = add_product(total, load_every_second(mixed, place + k, zeros), taps[k])
    return total


@compile_kernel(**BARE)
def halve(mixed, taps, shift, target):
    """Write columns, each two pixels to the right of the one before."""
    columns = target.shape[0]
    if columns >= WIDE:
        for step in range(0, columns, WIDE):
            place = min(step, columns - WIDE)
            store(target, place, halved_at(mixed, taps, 2 * place + shift, wide_zeros()))
    else:
        for step in range(0, columns, FEW):
            place = min(step, columns - FEW)
            store(target, place, halved_at(mixed, taps, 2 * place + shift, few_zeros()))


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
