# SPDX-License-Identifier: Apache-2.0
"""Levels of pixels, and how many pixels have each."""

import numpy as np

from foveal.kernels.cpu._compile import compile_kernel
from foveal.kernels.cpu._planes import PIXELWISE

f32 = np.float32

TABLES = 4
"""Equal neighbours count in different tables, so that no count waits for the one before it to be stored."""

SHORT = 256


@compile_kernel(fastmath=PIXELWISE)
def write_levels(row, levels):
    """Write the level of each float of a row; NaN is black."""
    for j in range(row.shape[0]):
        value = row[j] * f32(255.0)
        value = value if value > f32(0.0) else f32(0.0)
        value = value if value < f32(255.0) else f32(255.0)
        levels[j] = np.uint8(np.int32(value))


@compile_kernel
def count(levels, counts):
    """Add the levels of a row to `counts`, (TABLES, 256)."""
    first, second, third, fourth = counts[0], counts[1], counts[2], counts[3]
    quarter = levels.shape[0] // TABLES
    a, b = levels[0:quarter], levels[quarter : 2 * quarter]
    c, d = levels[2 * quarter : 3 * quarter], levels[3 * quarter : 4 * quarter]
    for j in range(quarter):
        first[a[j]] += np.uint32(1)
        second[b[j]] += np.uint32(1)
        third[c[j]] += np.uint32(1)
        fourth[d[j]] += np.uint32(1)
    for level in levels[4 * quarter :]:
        first[level] += np.uint32(1)


@compile_kernel(fastmath=PIXELWISE)
def count_floats(row, levels, counts):
    """Write the level of each float of a row, and add it to `counts`.

    A count waits for its store most of the time: the conversion of the next short block runs beside it.
    """
    first, second, third, fourth = counts[0], counts[1], counts[2], counts[3]
    whole = row.shape[0] // SHORT * SHORT
    for begin in range(0, whole, SHORT):
        pixels, part = row[begin : begin + SHORT], levels[begin : begin + SHORT]
        for j in range(SHORT):
            value = pixels[j] * f32(255.0)
            value = value if value > f32(0.0) else f32(0.0)
            value = value if value < f32(255.0) else f32(255.0)
            part[j] = np.uint8(np.int32(value))
        for j in range(SHORT // TABLES):
            first[part[4 * j]] += np.uint32(1)
            second[part[4 * j + 1]] += np.uint32(1)
            third[part[4 * j + 2]] += np.uint32(1)
            fourth[part[4 * j + 3]] += np.uint32(1)
    write_levels(row[whole:], levels[whole:])
    count(levels[whole : row.shape[0]], counts)


@compile_kernel
def count_rows(levels, stride, rows, side, counts):
    """Add the levels of so many rows of `side` levels, `stride` apart, to `counts`: four rows at a time."""
    first, second, third, fourth = counts[0], counts[1], counts[2], counts[3]
    for i in range(0, rows - 3, TABLES):
        begin = i * stride
        a, b = levels[begin : begin + side], levels[begin + stride : begin + stride + side]
        begin += 2 * stride
        c, d = levels[begin : begin + side], levels[begin + stride : begin + stride + side]
        for j in range(side):
            first[a[j]] += np.uint32(1)
            second[b[j]] += np.uint32(1)
            third[c[j]] += np.uint32(1)
            fourth[d[j]] += np.uint32(1)
    for i in range(rows // TABLES * TABLES, rows):
        count(levels[i * stride : i * stride + side], counts)


@compile_kernel
def add_tables(counts, total):
    """Write the sums of the tables."""
    first, second, third, fourth = counts[0], counts[1], counts[2], counts[3]
    for level in range(256):
        total[level] = first[level] + second[level] + third[level] + fourth[level]
