# SPDX-License-Identifier: Apache-2.0
"""What warps share: positions, weights and windows of tiles of 4 x 4 pixels, and the pixels that they mix.

A tile reads a window of the image, from which the four pixels that each of its pixels mixes are picked by permutations.
Only where these do not lie in one window are they gathered.
"""

import numpy as np

from foveal.kernels.cpu._compile import compile_kernel
from foveal.kernels.cpu._gather import (
    SIDE,
    across,
    divide,
    down,
    flatten,
    floor,
    largest,
    magnitude,
    smallest,
    to_indices,
    where_equal,
    where_less,
)
from foveal.kernels.cpu._table import TABLE
from foveal.kernels.cpu._vector import splat

f32 = np.float32
i32 = np.int32

ZEROS, BORDER, REFLECTION, FILL = 0, 1, 2, 3
EPS = float(np.finfo(np.float32).eps)

REACH = 5.9
"""How far apart positions may be for one window to hold the pixels that they mix."""
MARGIN = 1 / 64
"""Positions may be rounded so far past the least and the greatest one."""


@compile_kernel(inline="always")
def tiles(size):
    """Return how many tiles cover a side."""
    return (size + SIDE - 1) // SIDE


@compile_kernel(inline="always")
def place_tile(matrix, i, j):
    """Return where a homography (nine numbers, the last two zero and the third last one if affine) sends a tile.

    The origin of the tile is computed in float64: what is exact there, as shifts, stays exact.
    """
    x = splat(f32((matrix[0] * j + matrix[1] * i) + matrix[2]))
    y = splat(f32((matrix[3] * j + matrix[4] * i) + matrix[5]))
    columns, rows = across(), down()
    x = x + (splat(f32(matrix[0])) * columns + splat(f32(matrix[1])) * rows)
    y = y + (splat(f32(matrix[3])) * columns + splat(f32(matrix[4])) * rows)
    return x, y


@compile_kernel(inline="always")
def scale_tile(matrix, i, j):
    """Return what the positions of a tile are divided by; at the horizon something small."""
    scale = splat(f32((matrix[6] * j + matrix[7] * i) + matrix[8]))
    scale = scale + (splat(f32(matrix[6])) * across() + splat(f32(matrix[7])) * down())
    return where_equal(scale, splat(f32(0)), splat(f32(EPS)), scale)


@compile_kernel(inline="always")
def clamp(position, last):
    """Move positions into [0, last]; NaN stays."""
    zero, end = splat(f32(0)), splat(last)
    position = where_less(position, zero, zero, position)
    return where_less(end, position, end, position)


@compile_kernel(inline="always")
def fold(position, size, align_corners):
    """Fold positions into [0, size - 1] by mirrors, and return the sign of the slope; the formula of the reference."""
    first = f32(0) if align_corners else f32(-0.5)
    span = f32(size - 1) if align_corners else f32(size)
    if span == f32(0):
        return position * splat(f32(0)), splat(f32(0))
    distance = position - splat(first)
    turns = floor(divide(distance, splat(f32(2) * span)))
    distance = distance - turns * splat(f32(2) * span)
    past = distance - splat(span)
    one = splat(f32(1))
    slope = where_less(past, splat(f32(0)), one, where_equal(past, splat(f32(0)), splat(f32(0)), splat(f32(-1))))
    return splat(first) + (splat(span) - magnitude(past)), slope


@compile_kernel(inline="always")
def pad(position, size, padding, align_corners, nearest):
    """Move positions as the padding asks, and round them where the nearest pixel is wanted."""
    if padding == REFLECTION:
        position, _ = fold(position, size, align_corners)
    if padding in (BORDER, REFLECTION):
        position = clamp(position, f32(size - 1))
    if nearest:
        position = floor(position + splat(f32(0.5)))
    return position


@compile_kernel(inline="always")
def within(pixel, size, weight):
    """Return the weight of a pixel, 0 where there is no such pixel (there is none of number NaN)."""
    zero = splat(f32(0))
    return where_less(splat(f32(-1)), pixel, where_less(pixel, splat(f32(size)), weight, zero), zero)


@compile_kernel(inline="always")
def weigh(position, size):
    """Return the lower pixel of each position, and the weights of this one and the next."""
    low = floor(position)
    fraction = position - low
    one = splat(f32(1))
    return low, within(low, size, one - fraction), within(low + one, size, fraction)


@compile_kernel(inline="always")
def confine(pixel, lowest, highest):
    """Move pixels into a range, NaN to its beginning, so that they can be integers."""
    start, end = splat(f32(lowest)), splat(f32(highest))
    return where_less(start, pixel, where_less(pixel, end, pixel, end), start)


@compile_kernel(inline="always")
def extent(low, size):
    """Return the first and the last pixel that lower pixels and their neighbours reach."""
    confined = confine(low, -1, size)
    return max(np.int64(smallest(confined)), 0), min(np.int64(largest(confined)) + 1, size - 1)


@compile_kernel(inline="always")
def begin_table(least, most, size, nearest):
    """Return where on an axis the window of positions `least` to `most` begins, and whether it holds their pixels."""
    least, most = least + 0.5 * nearest, most + 0.5 * nearest
    least, most = max(least, -1.0), min(most, np.float64(size))
    begin = np.int64(min(max(least - MARGIN, 0.0), np.float64(size)))
    return max(min(begin, size - TABLE), 0), (most - least <= REACH) & (size >= TABLE)


@compile_kernel(inline="always")
def begin_extent(position, size):
    """Return the same of positions themselves."""
    first, last = extent(floor(position), size)
    return max(min(first, size - TABLE), 0), (last - first < TABLE) & (size >= TABLE)


@compile_kernel(inline="always")
def place_in_table(low_x, low_y, start, first):
    """Return where in a window that begins at (start, first) lower pixels are; those outside it are anywhere."""
    places = (low_y - splat(f32(first))) * splat(f32(TABLE)) + (low_x - splat(f32(start)))
    # A place past an edge may have neighbours within it.
    return to_indices(confine(places, -2 * TABLE, (TABLE + 2) * TABLE))


@compile_kernel(inline="always")
def corners_of(low_x, low_y, width, height):
    """Return the places in a plane of the four pixels around each position, moved into the image."""
    left, right = to_indices(confine(low_x, 0, width - 1)), to_indices(confine(low_x + splat(f32(1)), 0, width - 1))
    top, bottom = to_indices(confine(low_y, 0, height - 1)), to_indices(confine(low_y + splat(f32(1)), 0, height - 1))
    return (
        flatten(top, left, i32(width)),
        flatten(top, right, i32(width)),
        flatten(bottom, left, i32(width)),
        flatten(bottom, right, i32(width)),
    )
