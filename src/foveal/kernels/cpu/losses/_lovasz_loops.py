# SPDX-License-Identifier: Apache-2.0
"""Loops of the Lovasz extension: errors are put in order by their digits (a radix sort), and the last digit not at all.

An item is a word of 64 bits: the place of a pixel (32 bits), the digits of its error (larger errors first), and on top
whether it is foreground. A pass over one digit moves the items. Once they are in order of all digits but the first,
walking along them, with the numbers of foreground and of background pixels met so far for each first digit, tells the
rank of each item: how many of either kind have larger errors. That gives its slope: 1 / U for foreground, else
I / (U (U - 1)) with the intersection I and the union U after it.
"""

import numpy as np

from foveal.kernels.cpu._compile import compile_kernel

f32, i64, u64 = np.float32, np.int64, np.uint64

DIGIT = 11
SIZE = 1 << DIGIT
KEY = u64(32)
FOREGROUND = u64(63)
PLACE = u64(0xFFFFFFFF)
DIGITS = u64((1 << 63) - 1)
MASK = u64(SIZE - 1)


@compile_kernel
def move(items, moved, count, shift, starts):
    """Put items in order of the digit at a shift; those with equal ones stay in theirs."""
    for k in range(SIZE):
        starts[k] = 0
    for i in range(count):
        starts[(items[i] >> shift) & MASK] += 1
    first = 0
    for k in range(SIZE):
        first, starts[k] = first + starts[k], first
    for i in range(count):
        digit = (items[i] >> shift) & MASK
        moved[starts[digit]] = items[i]
        starts[digit] += 1


@compile_kernel
def walk(items, count, shift, size, errors, ranks):
    """Replace errors by what each adds to the Jaccard loss, and return the sum of the products.

    Args:
        items: items in order of all digits but the one at `shift`.
        count: how many there are.
        shift: where the first digit is.
        size: number of foreground pixels, of those without an error as well.
        errors: errors by place.
        ranks: scratch, (SIZE, 2).
    """
    for k in range(SIZE):
        ranks[k, 0] = 0
        ranks[k, 1] = 0
    for i in range(count):
        ranks[((items[i] & DIGITS) >> shift) & MASK, i64(items[i] >> FOREGROUND)] += 1
    background, foreground = 0, 0
    for k in range(SIZE):
        background, ranks[k, 0] = background + ranks[k, 0], background
        foreground, ranks[k, 1] = foreground + ranks[k, 1], foreground
    total = 0.0
    for i in range(count):
        item = items[i]
        place, digit = i64(item & PLACE), ((item & DIGITS) >> shift) & MASK
        if item >> FOREGROUND:
            slope = f32(1.0) / f32(size + ranks[digit, 0])
            ranks[digit, 1] += 1
        else:
            union = f32(size + ranks[digit, 0])
            # Without foreground the first error is all that counts.
            slope = f32(size - ranks[digit, 1]) / (union * (union + f32(1.0))) if union > f32(0.0) else f32(1.0)
            ranks[digit, 0] += 1
        total += errors[place] * slope
        errors[place] = slope
    return total
