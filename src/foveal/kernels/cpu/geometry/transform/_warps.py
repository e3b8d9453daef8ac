# SPDX-License-Identifier: Apache-2.0
"""Compiled loops that warp images."""

import numpy as np

from foveal.kernels.cpu._compile import BARE, compile_kernel
from foveal.kernels.cpu._gather import SIDE, divide, gather, store_tile
from foveal.kernels.cpu._table import load_table, pick_four
from foveal.kernels.cpu._vector import lanes, load, mix, mix_onto, prefetch, splat, stream
from foveal.kernels.cpu.geometry.transform._warp_tiles import (
    FILL,
    REFLECTION,
    ZEROS,
    begin_table,
    corners_of,
    pad,
    place_in_table,
    place_tile,
    scale_tile,
    tiles,
    weigh,
)

f32 = np.float32

BLOCK = 256
"""Columns of a block."""
GROUP = 128
"""Rows of the groups that threads share out."""


@compile_kernel(inline="always")
def sample_tile(image, width, height, fits, start, first, x, y, padding, fill, result, place, stride):
    """Fill a tile of all channels of a result from the pixels at padded positions (x, y).

    Where the tile `fits`, the window that begins at (start, first) holds all pixels that are mixed.
    """
    low, lower, upper = weigh(x, width)
    row, above, below = weigh(y, height)
    a, b, c, d = lower * above, upper * above, lower * below, upper * below
    bare = splat(f32(1)) - (above + below) * (lower + upper)
    if fits:
        places, origin = place_in_table(low, row, start, first), first * width + start
        for channel in range(image.shape[0]):
            pixels = pick_four(load_table(image[channel], origin, width), places)
            tile = mix_onto(mix_onto(mix(pixels[0], a), pixels[1], b), pixels[2], c)
            tile = mix_onto(tile, pixels[3], d)
            if padding == FILL:
                tile = mix_onto(tile, splat(fill[channel]), bare)
            store_tile(result[channel], place, stride, tile)
    else:
        corners = corners_of(low, row, width, height)
        for channel in range(image.shape[0]):
            plane = image[channel]
            tile = mix_onto(mix(gather(plane, corners[0]), a), gather(plane, corners[1]), b)
            tile = mix_onto(mix_onto(tile, gather(plane, corners[2]), c), gather(plane, corners[3]), d)
            if padding == FILL:
                tile = mix_onto(tile, splat(fill[channel]), bare)
            store_tile(result[channel], place, stride, tile)


@compile_kernel
def warp_by_matrices(start, stop, images, width, matrices, affine, options, fills, streamed, rows, columns, results):
    """Warp by homographies, groups of tile rows `start` to `stop` of all images, counted through.

    A group is filled block by block of columns, whose part of the image stays in the first-level cache.
    """
    groups = (rows + GROUP - 1) // GROUP
    height = images.shape[2] // width
    scratch = np.empty((results.shape[1], SIDE * BLOCK), results.dtype)
    for group in range(start, stop):
        index = group // groups
        top = (group - index * groups) * GROUP
        image, result, matrix = images[index % images.shape[0]], results[index], matrices[index % matrices.shape[0]]
        fill = fills[index % fills.shape[0]]
        for begin in range(0, columns, BLOCK):
            end = min(begin + BLOCK, columns)
            for i in range(top, min(top + GROUP, rows), SIDE):
                i = min(i, rows - SIDE)
                if streamed:
                    _warp_band(image, width, height, matrix, affine, options, fill, i, begin, end, scratch, 0, BLOCK)
                    flush(scratch, i, begin, end, columns, result)
                else:
                    place = i * columns + begin
                    _warp_band(
                        image, width, height, matrix, affine, options, fill, i, begin, end, result, place, columns
                    )


@compile_kernel(**BARE)
def flush(scratch, i, begin, end, columns, result):
    """Write tiles past the caches."""
    for channel in range(result.shape[0]):
        tile, plane = scratch[channel], result[channel]
        for row in range(SIDE):
            k = (i + row) * columns + begin
            for j in range(0, end - begin, lanes(plane)):
                stream(plane, k + j, load(tile, row * BLOCK + j))


@compile_kernel(**BARE)
def _warp_band(image, width, height, matrix, affine, options, fill, i, begin, end, result, origin, stride):
    """Fill a row of tiles by a homography: where the window of a tile lies follows from its corners."""
    padding, align_corners, nearest = options
    for step in range(tiles(end - begin)):
        j = min(begin + step * SIDE, end - SIDE)
        place = origin + j - begin
        least_x, most_x, least_y, most_y = reach_tile(matrix, affine, i, j)
        # False where the horizon crosses the tile, whose reach is NaN.
        outside = (most_x <= -1.0) | (least_x >= width) | (most_y <= -1.0) | (least_y >= height)
        if outside and padding in (ZEROS, FILL):
            for channel in range(image.shape[0]):
                store_tile(result[channel], place, stride, splat(fill[channel]))
            continue
        start, fits_x = begin_table(least_x, most_x, width, nearest)
        first, fits_y = begin_table(least_y, most_y, height, nearest)
        x, y = place_tile(matrix, i, j)
        if not affine:
            scale = scale_tile(matrix, i, j)
            x, y = divide(x, scale), divide(y, scale)
        x = pad(x, width, padding, align_corners, nearest)
        y = pad(y, height, padding, align_corners, nearest)
        # The windows of the next but one row of tiles: those of the next one are half read.
        ahead_x, ahead_y = project(matrix, affine, i + 2 * SIDE, j)
        call_ahead(image, width, height, ahead_x, ahead_y)
        fits = fits_x & fits_y & (padding != REFLECTION)
        sample_tile(image, width, height, fits, start, first, x, y, padding, fill, result, place, stride)


@compile_kernel(inline="always")
def project(matrix, affine, i, j):
    """Return where a homography sends a pixel."""
    x, y = matrix[0] * j + matrix[1] * i + matrix[2], matrix[3] * j + matrix[4] * i + matrix[5]
    if affine:
        return x, y
    inverse = 1.0 / (matrix[6] * j + matrix[7] * i + matrix[8])
    return x * inverse, y * inverse


@compile_kernel(inline="always")
def reach_tile(matrix, affine, i, j):
    """Return the least and the greatest x, and the same of y, of a tile; NaN where the horizon may cross it."""
    last = SIDE - 1
    x, y = matrix[0] * j + matrix[1] * i + matrix[2], matrix[3] * j + matrix[4] * i + matrix[5]
    right_x, right_y, down_x, down_y = matrix[0] * last, matrix[3] * last, matrix[1] * last, matrix[4] * last
    if affine:
        return (
            x + (min(right_x, 0.0) + min(down_x, 0.0)), x + (max(right_x, 0.0) + max(down_x, 0.0)),
            y + (min(right_y, 0.0) + min(down_y, 0.0)), y + (max(right_y, 0.0) + max(down_y, 0.0)),
        )  # fmt: skip
    right, down = matrix[6] * last, matrix[7] * last
    scale = matrix[6] * j + matrix[7] * i + matrix[8]
    a, b, c, d = 1.0 / scale, 1.0 / (scale + right), 1.0 / (scale + down), 1.0 / (scale + right + down)
    least_x, most_x = _extremes(x * a, (x + right_x) * b, (x + down_x) * c, (x + right_x + down_x) * d)
    least_y, most_y = _extremes(y * a, (y + right_y) * b, (y + down_y) * c, (y + right_y + down_y) * d)
    one_side = ((a > 0) == (b > 0)) & ((c > 0) == (d > 0)) & ((a > 0) == (c > 0))
    if one_side:
        return least_x, most_x, least_y, most_y
    return np.nan, np.nan, np.nan, np.nan


@compile_kernel(inline="always")
def _extremes(a, b, c, d):
    return min(min(a, b), min(c, d)), max(max(a, b), max(c, d))


@compile_kernel(inline="always")
def call_ahead(image, width, height, x, y):
    """Ask for some rows of the image around a position."""
    column, row = np.int64(min(max(x, 0.0), width - 1.0)), np.int64(min(max(y, 0.0), height - 1.0 - SIDE))
    for channel in range(image.shape[0]):
        for step in range(SIDE):
            prefetch(image[channel], (row + step) * width + column)
