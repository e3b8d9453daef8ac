# SPDX-License-Identifier: Apache-2.0
"""The pixelwise loops of the guided blur: products, the linear fit of every window, and its value at the pixel.

They go over blocks of pixels whose rows of channels stay in the first-level or second-level cache; every pass is a
vector loop over a block. With G guides, matrices are symmetric and kept as their upper triangle.
"""

import numpy as np

from foveal.kernels.cpu._compile import BARE, compile_kernel
from foveal.kernels.cpu._rows import copy

f32 = np.float32
BLOCK = 512


@compile_kernel(inline="always")
def _span(block, pixels):
    """Return image, first pixel and the one behind the last pixel of a block."""
    blocks = (pixels + BLOCK - 1) // BLOCK
    index = block // blocks
    first = (block - index * blocks) * BLOCK
    return index, first, min(first + BLOCK, pixels)


@compile_kernel(**BARE)
def _multiply(first, second, result):
    for x in range(result.shape[0]):
        result[x] = first[x] * second[x]


@compile_kernel(**BARE)
def _divide(first, second, result):
    for x in range(result.shape[0]):
        result[x] = first[x] / second[x]


@compile_kernel(**BARE)
def _take(first, second, result):
    """Subtract a product."""
    for x in range(result.shape[0]):
        result[x] -= first[x] * second[x]


@compile_kernel(**BARE)
def _add(first, second, result):
    """Add a product."""
    for x in range(result.shape[0]):
        result[x] += first[x] * second[x]


@compile_kernel(**BARE)
def _raise(row, value):
    for x in range(row.shape[0]):
        row[x] += value


@compile_kernel(**BARE)
def products(start, stop, guide, image, result):
    """Write the products of every guide with itself, the guides behind it and the channels: (B, P, pixels)."""
    guides, channels = guide.shape[1], image.shape[1]
    for block in range(start, stop):
        index, first, last = _span(block, guide.shape[2])
        place = 0
        for i in range(guides):
            here = guide[index, i, first:last]
            for k in range(i, guides + channels):
                other = guide[index, k, first:last] if k < guides else image[index, k - guides, first:last]
                _multiply(here, other, result[index, place, first:last])
                place += 1


@compile_kernel
def fit(start, stop, mean_guide, mean_image, mean_products, floors, result):
    """Solve (covariance + floor) slope = covariance with the channels; write slopes (G C), then offsets (C)."""
    guides, channels = mean_guide.shape[1], mean_image.shape[1]
    matrix = np.empty((guides, guides + channels, BLOCK), f32)
    factor = np.empty(BLOCK, f32)
    _fit(start, stop, mean_guide, mean_image, mean_products, floors, result, matrix, factor)


@compile_kernel(**BARE)
def _fit(start, stop, mean_guide, mean_image, mean_products, floors, result, matrix, factor):
    guides, channels = mean_guide.shape[1], mean_image.shape[1]
    for block in range(start, stop):
        index, first, last = _span(block, mean_guide.shape[2])
        n = last - first
        place = 0
        for i in range(guides):
            here = mean_guide[index, i, first:last]
            for k in range(i, guides + channels):
                other = mean_guide[index, k, first:last] if k < guides else mean_image[index, k - guides, first:last]
                cell = matrix[i, k, 0:n]
                copy(mean_products[index, place, first:last], cell)
                _take(here, other, cell)
                place += 1
            _raise(matrix[i, i, 0:n], floors[index])
        _solve(matrix, factor, n)
        for c in range(channels):
            offset = result[index, guides * channels + c, first:last]
            copy(mean_image[index, c, first:last], offset)
            for i in range(guides):
                slope = matrix[i, guides + c, 0:n]
                copy(slope, result[index, i * channels + c, first:last])
                _take(slope, mean_guide[index, i, first:last], offset)


@compile_kernel(**BARE)
def _solve(matrix, factor, n):
    """Solve for the columns behind the symmetric matrices, in place, by elimination: positive definite, no pivots."""
    guides, columns = matrix.shape[0], matrix.shape[1]
    part = factor[0:n]
    for i in range(guides):
        for k in range(i + 1, guides):
            _divide(matrix[i, k, 0:n], matrix[i, i, 0:n], part)
            for column in range(k, columns):
                _take(part, matrix[i, column, 0:n], matrix[k, column, 0:n])
    for i in range(guides - 1, -1, -1):
        for column in range(guides, columns):
            cell = matrix[i, column, 0:n]
            for k in range(i + 1, guides):
                _take(matrix[i, k, 0:n], matrix[k, column, 0:n], cell)
            _divide(cell, matrix[i, i, 0:n], cell)


@compile_kernel(**BARE)
def evaluate(start, stop, guide, fitted, result):
    """Write offsets plus slopes times guides."""
    guides, channels = guide.shape[1], result.shape[1]
    for block in range(start, stop):
        index, first, last = _span(block, guide.shape[2])
        for c in range(channels):
            value = result[index, c, first:last]
            copy(fitted[index, guides * channels + c, first:last], value)
            for i in range(guides):
                _add(fitted[index, i * channels + c, first:last], guide[index, i, first:last], value)
