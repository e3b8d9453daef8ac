# SPDX-License-Identifier: Apache-2.0
"""Adjoints: the gradient of each pixel of the result goes to the pixel that it was taken from.

That pixel is found anew, by the same choices as forward but on pairs (value, number of the pixel), where a later pair
has to beat an earlier one: of equal pixels the first row, and in it the first column, is the one. Hence rows are first
searched along, then down. A piece of the work owns rows of the image: it looks at every window that reaches them and
adds what falls into them, so that no two threads write to one place and sums have one order.
"""

import numpy as np

from foveal.kernels.cpu._compile import BARE, compile_kernel
from foveal.kernels.cpu.morphology._runs import load
from foveal.kernels.cpu.morphology._stronger import beats

f32, i32 = np.float32, np.int32


@compile_kernel(**BARE)
def _pair(kind, first, first_number, second, second_number, result, number):
    """Write the stronger of two rows of pairs, the first where they are equal."""
    for j in range(result.shape[0]):
        a, b = first[j], second[j]
        later = beats(kind, b, a)
        result[j] = b if later else a
        number[j] = second_number[j] if later else first_number[j]


@compile_kernel(**BARE)
def _count(columns, row, across, numbers):
    """Number the pixels of a surrounded row within their image; -1 is outside."""
    for j in range(numbers.shape[0]):
        column = columns[j]
        numbers[j] = i32(-1) if column < 0 or row < 0 else row * i32(across) + column


@compile_kernel(**BARE)
def _along(kind, values, numbers, base, width, result, number):
    """Write the strongest pairs of `width` columns; rows of `values` and `numbers` are scratch but for the first."""
    size = result.shape[0]
    length, reach, place = values.shape[1], 1, 0
    while 2 * reach < width:
        length -= reach
        _pair(
            kind, values[place, 0:length], numbers[place, 0:length],
            values[place, reach : reach + length], numbers[place, reach : reach + length],
            values[1 - place, 0:length], numbers[1 - place, 0:length],
        )  # fmt: skip
        reach, place = 2 * reach, 1 - place
    near, far = base, base + width - reach
    _pair(
        kind, values[place, near : near + size], numbers[place, near : near + size],
        values[place, far : far + size], numbers[place, far : far + size], result, number,
    )  # fmt: skip


@compile_kernel(**BARE)
def _scatter(numbers, gradient, first, last, result):
    """Add gradients to the pixels with their numbers, if these lie between two."""
    for j in range(numbers.shape[0]):
        number = numbers[j]
        if number >= first and number < last:
            result[np.uint32(number)] += gradient[j]


@compile_kernel
def rectangle_adjoint(
    start, stop, unit, kind, image, gradient, result, rows, columns, lead, base, fill, height, width, top
):
    """Add to the rows that units start to stop own, each `unit` rows, counted through all images."""
    across, sources = image.shape[2], columns.shape[0]
    outside = np.full(across, fill, np.float32)
    values, numbers = np.empty((2, sources), np.float32), np.empty((2, sources), np.int32)
    block, block_numbers = np.empty((height, across), np.float32), np.empty((height, across), np.int32)
    so_far, so_far_numbers = np.empty((2, across), np.float32), np.empty((2, across), np.int32)
    _rectangle_adjoint(
        start * unit, stop * unit, unit, kind, image, gradient, result, rows, columns, lead, base, fill, height, width,
        top, outside, values, numbers, block, block_numbers, so_far, so_far_numbers,
    )  # fmt: skip


@compile_kernel(**BARE)
def _rectangle_adjoint(
    start, stop, unit, kind, image, gradient, result, rows, columns, lead, base, fill, height, width,
    top, outside, values, numbers, block, block_numbers, so_far, so_far_numbers,
):  # fmt: skip
    size, across = image.shape[1], image.shape[2]
    while start < stop:
        index = start // size
        first = start - index * size
        last = min(size, first + stop - start)
        start += last - first
        plane, gradients, results = image[index], gradient[index], result[index].reshape(-1)
        low, high = windows(first, last, top, height, size, unit)
        for i in range(height if low < high else 0):
            load(plane, rows[low + i], outside, values[0], lead, columns, fill)
            _count(columns, rows[low + i], across, numbers[0])
            _along(kind, values, numbers, base, width, block[i], block_numbers[i])
        for y in range(low, high, height):
            for i in range(height - 2, -1, -1):
                _pair(kind, block[i], block_numbers[i], block[i + 1], block_numbers[i + 1], block[i], block_numbers[i])
            for i in range(min(height, high - y)):
                found = block_numbers[i]
                if i > 0:
                    now = i % 2
                    if i == 1:
                        _pair(
                            kind, block[0], block_numbers[0], block[0], block_numbers[0],
                            so_far[now], so_far_numbers[now],
                        )  # fmt: skip
                    else:
                        _pair(
                            kind, so_far[1 - now], so_far_numbers[1 - now], block[i - 1], block_numbers[i - 1],
                            so_far[now], so_far_numbers[now],
                        )  # fmt: skip
                    _pair(
                        kind,
                        block[i],
                        block_numbers[i],
                        so_far[now],
                        so_far_numbers[now],
                        values[1, 0:across],
                        numbers[1],
                    )
                    found = numbers[1]
                _scatter(found[0:across], gradients[y + i], first * across, last * across, results)
                if y + i + 1 < high:
                    # A row of the next block takes the place that is free now.
                    load(plane, rows[y + height + i], outside, values[0], lead, columns, fill)
                    _count(columns, rows[y + height + i], across, numbers[0])
                    _along(kind, values, numbers, base, width, block[i], block_numbers[i])


@compile_kernel(**BARE)
def windows(first, last, top, height, size, unit):
    """Return the range of windows that reach rows of the image from first to last."""
    if unit == size:
        return 0, size
    return max(0, first + top - height + 1), min(size, last + top)
