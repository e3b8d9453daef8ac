# SPDX-License-Identifier: Apache-2.0
"""The adjoint of medians: each gradient goes to the first pixel of its window, row by row, that equals the median.

Every thread owns rows of the image's gradient; it goes through all windows that reach them.
"""

import numpy as np

from foveal.kernels.cpu._compile import BARE, compile_kernel
from foveal.kernels.cpu._rows import row_at
from foveal.kernels.cpu.filters._selection import surrounded

i32 = np.int32


@compile_kernel(**BARE)
def _find(pixels, medians, number, places):
    """Note the number of a cell of the window where its pixel is the median, or is NaN."""
    for j in range(places.shape[0]):
        found = pixels[j] == medians[j] or pixels[j] != pixels[j]
        places[j] = number if found else places[j]


@compile_kernel(**BARE)
def _reaches(rows, y, height, first, last):
    found = False
    for i in range(height):
        found = found or first <= rows[y + i] < last
    return found


@compile_kernel
def adjoint(start, stop, image, medians, gradient, result, rows, columns, height, width):
    """Fill rows start to stop of the gradient, counted through all planes (count, height, width)."""
    row = np.zeros(image.shape[2] + width - 1, image.dtype)
    outside = np.zeros(image.shape[2], image.dtype)
    places = np.zeros(image.shape[2], i32)
    _adjoint(
        start, stop, image, medians, gradient, result, rows, columns, height, width, row, outside, places
    )  # fmt: skip


@compile_kernel(**BARE)
def _adjoint(start, stop, image, medians, gradient, result, rows, columns, height, width, row, outside, places):
    size, across = image.shape[1], image.shape[2]
    while start < stop:
        index = start // size
        first = start - index * size
        last = min(size, first + stop - start)
        start += last - first
        plane, results, gradients = image[index], result[index], gradient[index]
        results[first:last] = np.float32(0)
        for y in range(size):
            if not _reaches(rows, y, height, first, last):
                continue
            for i in range(height - 1, -1, -1):
                surrounded(row_at(plane, rows[y + i], outside), 0, width // 2, columns, row)
                for j in range(width - 1, -1, -1):
                    _find(row[j : j + across], medians[index, y], i32(i * width + j), places)
            for x in range(across):
                place = places[x]
                i = place // width
                target, column = rows[y + i], columns[x + place - i * width]
                if first <= target < last and column >= 0:
                    results[target, column] += gradients[y, x]
