# SPDX-License-Identifier: Apache-2.0
"""Loops over tables whose columns are two pixels apart, and over their transposes where every column has one tap."""

from foveal.kernels.cpu._compile import BARE, compile_kernel
from foveal.kernels.cpu._gather import HAS_PERMUTATION
from foveal.kernels.cpu._vector import write
from foveal.kernels.cpu.filters._lanes import (
    FEW,
    MANY,
    _zeros,
    add_product,
    few_zeros,
    load,
    many_zeros,
    one_zero,
    some_zeros,
    store,
)
from foveal.kernels.cpu.geometry.transform._mixes import (
    SLACK,
    WIDE,
    add_weighted,
    fetch,
    upcoming,
    weighted,
    wide_zeros,
)
from foveal.kernels.cpu.geometry.transform._strides import (
    first_of_pairs,
    interleave,
    second_of_pairs,
    slide_one,
    slide_two,
)

twice_few_zeros, half_few_zeros = _zeros(2 * FEW), _zeros(FEW // 2)


@compile_kernel(inline="always")
def mix_rows_apart(plane, stride, width, row, table, mixed):
    """Write the weighted sum of rows of an image, of even width: even columns to the first half, odd to the second."""
    starts, counts, weights = table
    count, first = counts[row], starts[row] * stride
    taps, next_rows = weights[row], upcoming(row, stride, table)
    pitch = mixed.shape[0] // 2
    if width >= MANY:
        for step in range(0, width, MANY):
            place = min(step, width - MANY)
            fetch(plane, next_rows, place, MANY)
            pixels = weighted(plane, first + place, stride, taps, count, many_zeros())
            store(mixed, SLACK + place // 2, first_of_pairs(pixels, wide_zeros()))
            store(mixed, pitch + SLACK + place // 2, second_of_pairs(pixels, wide_zeros()))
    else:
        for step in range(0, width, 2 * FEW):
            place = min(step, width - 2 * FEW)
            pixels = weighted(plane, first + place, stride, taps, count, twice_few_zeros())
            store(mixed, SLACK + place // 2, first_of_pairs(pixels, few_zeros()))
            store(mixed, pitch + SLACK + place // 2, second_of_pairs(pixels, few_zeros()))


@compile_kernel(inline="always")
def mix_two_rows_apart(plane, stride, width, row, table, upper, lower):
    """Write what `mix_rows_apart` does of two rows of the result that share four or six taps, two pixels apart.

    The rows of the image that both are sums of are read once.
    """
    starts, counts, weights = table
    count, first, taps = counts[row], starts[row] * stride, weights[row]
    next_rows, later_rows = upcoming(row, stride, table), upcoming(row + 1, stride, table)
    pitch = upper.shape[0] // 2
    for step in range(0, width, WIDE):
        place = min(step, width - WIDE)
        fetch(plane, next_rows, place, WIDE)
        fetch(plane, later_rows, place, WIDE)
        begin = first + place
        above = add_product(wide_zeros(), load(plane, begin, wide_zeros()), taps[0])
        above = add_product(above, load(plane, begin + stride, wide_zeros()), taps[1])
        pixels = load(plane, begin + 2 * stride, wide_zeros())
        above, below = add_product(above, pixels, taps[2]), add_product(wide_zeros(), pixels, taps[0])
        pixels = load(plane, begin + 3 * stride, wide_zeros())
        above, below = add_product(above, pixels, taps[3]), add_product(below, pixels, taps[1])
        if count == 6:
            pixels = load(plane, begin + 4 * stride, wide_zeros())
            above, below = add_product(above, pixels, taps[4]), add_product(below, pixels, taps[2])
            pixels = load(plane, begin + 5 * stride, wide_zeros())
            above, below = add_product(above, pixels, taps[5]), add_product(below, pixels, taps[3])
        last = begin + count * stride
        below = add_product(below, load(plane, last, wide_zeros()), taps[count - 2])
        below = add_product(below, load(plane, last + stride, wide_zeros()), taps[count - 1])
        store(upper, SLACK + place // 2, first_of_pairs(above, some_zeros()))
        store(upper, pitch + SLACK + place // 2, second_of_pairs(above, some_zeros()))
        store(lower, SLACK + place // 2, first_of_pairs(below, some_zeros()))
        store(lower, pitch + SLACK + place // 2, second_of_pairs(below, some_zeros()))


@compile_kernel(inline="always")
def mix_columns_apart(mixed, table, common, even, odd, target):
    """Write the weighted sums of pixels of a row whose even and odd columns lie apart, two columns on from each other.

    `even` are the taps of every second pixel from the first one on, and `odd` the others.
    """
    _, first, last, shift, _ = common
    columns = target.shape[0]
    begin, other = column_apart(mixed, shift), column_apart(mixed, shift + 1)
    if columns >= WIDE:
        for step in range(0, columns, WIDE):
            place = min(step, columns - WIDE)
            total = add_neighbours(wide_zeros(), mixed, begin + place, even)
            store(target, place, add_neighbours(total, mixed, other + place, odd))
    else:
        for step in range(0, columns, FEW):
            place = min(step, columns - FEW)
            total = weighted(mixed, begin + place, 1, even, even.shape[0], few_zeros())
            store(target, place, add_weighted(total, mixed, other + place, 1, odd, odd.shape[0]))
    mix_some_apart(mixed, table, 0, first, target)
    mix_some_apart(mixed, table, last, columns, target)


@compile_kernel(inline="always")
def add_neighbours(total, pixels, place, taps):
    """Return a total and the weighted sum of vectors of pixels, each one to the right of the one before.

    Two or three of them come from one load: most loads would reach across two cache lines, which takes twice as long.
    """
    count = taps.shape[0]
    if not HAS_PERMUTATION or count < 2 or count > 3:
        return add_weighted(total, pixels, place, 1, taps, count)
    low, high = load(pixels, place, total), load(pixels, place + WIDE, total)
    total = add_product(total, low, taps[0])
    total = add_product(total, slide_one(low, high), taps[1])
    if count == 3:
        total = add_product(total, slide_two(low, high), taps[2])
    return total


@compile_kernel(inline="always")
def column_apart(mixed, column):
    """Return where a column lies in a row whose even and odd columns lie apart."""
    return SLACK + (column >> 1) + (column & 1) * (mixed.shape[0] // 2)


@compile_kernel(**BARE)
def mix_some_apart(mixed, table, first, last, target):
    """Write some columns, each by its own taps, from a row whose even and odd columns lie apart."""
    starts, counts, weights = table
    for j in range(first, last):
        total = one_zero()
        for k in range(counts[j]):
            place = column_apart(mixed, starts[j] + k)
            total = add_product(total, load(mixed, place, one_zero()), weights[j, k])
        store(target, j, total)


@compile_kernel(inline="always")
def mix_pairs(plane, stride, width, row, table, taps, shift, target):
    """Write the weighted sums of two pixels of as many rows as the table says, each two to the right of the one before.

    The sums along the rows stay in registers.
    """
    starts, counts, weights = table
    count, first = counts[row], starts[row] * stride + shift
    above, next_rows = weights[row], upcoming(row, stride, table)
    columns = target.shape[0]
    if count == 2:
        upper, lower = above[0], above[1]
        for step in range(0, columns, FEW):
            place = min(step, columns - FEW)
            begin = first + 2 * place
            fetch(plane, next_rows, 2 * place, 2 * FEW)
            pixels = add_product(twice_few_zeros(), load(plane, begin, twice_few_zeros()), upper)
            pixels = add_product(pixels, load(plane, begin + stride, twice_few_zeros()), lower)
            store(target, place, pair_sums(pixels, taps))
    else:
        for step in range(0, columns, FEW):
            place = min(step, columns - FEW)
            fetch(plane, next_rows, 2 * place, 2 * FEW)
            pixels = weighted(plane, first + 2 * place, stride, above, count, twice_few_zeros())
            store(target, place, pair_sums(pixels, taps))


@compile_kernel(inline="always")
def pair_sums(pixels, taps):
    """Return the weighted sums of pairs of neighbours."""
    total = add_product(few_zeros(), first_of_pairs(pixels, few_zeros()), taps[0])
    return add_product(total, second_of_pairs(pixels, few_zeros()), taps[1])


@compile_kernel(inline="always")
def spread_row(pixels, first, taps, upper, lower, streamed):
    """Write each pixel of a row to two columns of two rows of their own, by the four weights `taps`."""
    half = FEW // 2
    count = upper.shape[0] // 2
    for step in range(0, count, half):
        place = min(step, count - half)
        value = load(pixels, first + place, half_few_zeros())
        left, right = add_product(half_few_zeros(), value, taps[0]), add_product(half_few_zeros(), value, taps[1])
        write(upper, 2 * place, interleave(left, right), streamed)
        left, right = add_product(half_few_zeros(), value, taps[2]), add_product(half_few_zeros(), value, taps[3])
        write(lower, 2 * place, interleave(left, right), streamed)
