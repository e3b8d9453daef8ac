# SPDX-License-Identifier: Apache-2.0
"""The one loop of all linear filters: a row as the weighted sum of rows, or of shifts of a row."""

import numpy as np

from foveal.kernels.cpu._compile import BARE, compile_kernel
from foveal.kernels.cpu.filters._lanes import (
    FEW,
    MANY,
    add_lanes,
    add_product,
    few_zeros,
    load,
    many_zeros,
    one_zero,
    store,
    sum_of,
)

f32 = np.float32


@compile_kernel(inline="always")
def _tile(zeros, source, offsets, weights, count, x, extra, extra_offset, extra_weight, target, place):
    """Combine as many pixels as `zeros` has lanes."""
    total = zeros
    if extra_weight != f32(0):
        total = add_product(total, load(extra, extra_offset + x, zeros), extra_weight)
    for tap in range(count):
        total = add_product(total, load(source, offsets[tap] + x, zeros), weights[tap])
    store(target, place + x, total)


@compile_kernel(**BARE)
def combine(source, offsets, weights, count, extra, extra_offset, extra_weight, target, place, width):
    """Write target[place + x] = sum of weights[t] * source[offsets[t] + x] over t < count, for each x < width.

    `extra_weight` times extra[extra_offset + x] is added, if it is not 0. All arrays are flat.
    """
    x = 0
    while x + MANY <= width:
        _tile(many_zeros(), source, offsets, weights, count, x, extra, extra_offset, extra_weight, target, place)
        x += MANY
    while x + FEW <= width:
        _tile(few_zeros(), source, offsets, weights, count, x, extra, extra_offset, extra_weight, target, place)
        x += FEW
    if x < width:
        if width >= FEW:
            # Some pixels a second time.
            x = width - FEW
            _tile(few_zeros(), source, offsets, weights, count, x, extra, extra_offset, extra_weight, target, place)
        else:
            while x < width:
                _tile(one_zero(), source, offsets, weights, count, x, extra, extra_offset, extra_weight, target, place)
                x += 1


@compile_kernel(**BARE)
def dot(first, first_offset, second, second_offset, width):
    """Return the sum of first[first_offset + x] * second[second_offset + x] over x < width; both arrays are flat."""
    many, few, one = many_zeros(), few_zeros(), one_zero()
    x = 0
    while x + MANY <= width:
        many = add_lanes(many, load(first, first_offset + x, many), load(second, second_offset + x, many))
        x += MANY
    while x + FEW <= width:
        few = add_lanes(few, load(first, first_offset + x, few), load(second, second_offset + x, few))
        x += FEW
    while x < width:
        one = add_lanes(one, load(first, first_offset + x, one), load(second, second_offset + x, one))
        x += 1
    return sum_of(many) + sum_of(few) + sum_of(one)
