# SPDX-License-Identifier: Apache-2.0
"""Compiled loops that warp images."""

import numpy as np

from foveal.kernels.cpu._compile import BARE, compile_kernel
from foveal.kernels.cpu._gather import (
    SIDE,
    divide,
    floor,
    gather,
    offset_by,
    pick,
    store_tile,
    to_indices,
    window,
)
from foveal.kernels.cpu._vector import LANES, lanes, load, mix, prefetch, splat, stream
from foveal.kernels.cpu.geometry.transform._warp_tiles import (
    FILL,
    REFLECTION,
    ROWS,
    ZEROS,
    confine,
    corners_of,
    extent,
    fill_around,
    mix_window,
    pad,
    place_tile,
    scale_tile,
    share,
    tiles,
    weigh,
)

f32 = np.float32
i32 = np.int32

BLOCK = 256
"""Columns of a block."""
FAR = 1 << 18
"""Planes of more pixels lie too far off to wait for."""
GROUP = 128
"""Rows of the groups that threads share out."""


@compile_kernel(inline="always")
def _mix_three(image, channel, width, start, first, last, y, left, right, lower, upper, result, place, stride):
    """Mix three channels at once, which share the weights."""
    red, green, blue = image[channel], image[channel + 1], image[channel + 2]
    a = b = c = splat(f32(0))
    for row in range(first, last + 1):
        k = row * width + start
        weight = share(y, row)
        pixels = window(red, k)
        a = a + mix(mix(pick(pixels, left), lower) + mix(pick(pixels, right), upper), weight)
        pixels = window(green, k)
        b = b + mix(mix(pick(pixels, left), lower) + mix(pick(pixels, right), upper), weight)
        pixels = window(blue, k)
        c = c + mix(mix(pick(pixels, left), lower) + mix(pick(pixels, right), upper), weight)
    store_tile(result[channel], place, stride, a)
    store_tile(result[channel + 1], place, stride, b)
    store_tile(result[channel + 2], place, stride, c)


@compile_kernel(inline="always")
def sample_tile(image, width, height, x, y, options, fill, result, place, stride):
    """Fill a tile of all channels of a result from the pixels at positions (x, y)."""
    padding, align_corners, nearest = options
    x = pad(x, width, padding, align_corners, nearest)
    y = pad(y, height, padding, align_corners, nearest)
    low, lower, upper = weigh(x, width)
    left, right = extent(low, width)
    first, last = extent(floor(y), height)
    channels = image.shape[0]
    start = max(min(left, width - LANES), 0)
    if width >= LANES and right - start < LANES and last - first < ROWS:
        columns = offset_by(to_indices(confine(low, -1, width)), i32(-start))
        neighbours = offset_by(columns, i32(1))
        threes = channels // 3 * 3
        for channel in range(0, threes, 3):
            _mix_three(
                image, channel, width, start, first, last, y, columns, neighbours, lower, upper, result, place, stride
            )
        for channel in range(threes, channels):
            tile = mix_window(image[channel], width, start, first, last, y, columns, neighbours, lower, upper)
            store_tile(result[channel], place, stride, tile)
        if padding == FILL:
            fill_around(y, lower, upper, first, last, fill, result, place, stride)
    else:
        row, above, below = weigh(y, height)
        a, b, c, d = corners_of(low, row, width, height)
        for channel in range(channels):
            plane = image[channel]
            top = mix(gather(plane, a), lower) + mix(gather(plane, b), upper)
            bottom = mix(gather(plane, c), lower) + mix(gather(plane, d), upper)
            tile = mix(top, above) + mix(bottom, below)
            if padding == FILL:
                tile = tile + mix(splat(fill[channel]), splat(f32(1)) - (above + below) * (lower + upper))
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
        count = _window_rows(matrix, width, height, options) if affine else 0
        for begin in range(0, columns, BLOCK):
            end = min(begin + BLOCK, columns)
            for i in range(top, min(top + GROUP, rows), SIDE):
                i = min(i, rows - SIDE)
                if count == 0 and streamed:
                    _warp_band(image, width, height, matrix, options, fill, i, begin, end, scratch, 0, BLOCK)
                    flush(scratch, i, begin, end, columns, result)
                elif streamed:
                    _affine_band(image, width, height, matrix, options, count, fill, i, begin, end, scratch, 0, BLOCK)
                    flush(scratch, i, begin, end, columns, result)
                elif count > 0:
                    _affine_band(
                        image,
                        width,
                        height,
                        matrix,
                        options,
                        count,
                        fill,
                        i,
                        begin,
                        end,
                        result,
                        i * columns + begin,
                        columns,
                    )
                else:
                    first = i * columns + begin
                    _warp_band(image, width, height, matrix, options, fill, i, begin, end, result, first, columns)


@compile_kernel(**BARE)
def flush(scratch, i, begin, end, columns, result):
    """Write tiles past the caches."""
    for channel in range(result.shape[0]):
        tile, plane = scratch[channel], result[channel]
        for row in range(SIDE):
            k = (i + row) * columns + begin
            for j in range(0, end - begin, lanes(plane)):
                stream(plane, k + j, load(tile, row * BLOCK + j))


@compile_kernel
def _window_rows(matrix, width, height, options):
    """Return how many rows the window of a tile has at most under an affine map, 0 where it may be too large."""
    least_x, most_x = _spread(matrix[0], matrix[1])
    least_y, most_y = _spread(matrix[3], matrix[4])
    margin = 2 if options[2] else 1
    rows = min(most_y - least_y, 1e6) + margin
    count = np.int64(np.ceil(rows)) + 1 if rows == rows else ROWS
    fits = most_x - least_x + margin <= LANES - 4 and count < ROWS
    return count if fits and width >= LANES and height >= count and options[0] != REFLECTION else 0


@compile_kernel(inline="always")
def _spread(a, b):
    """Return the least and the greatest of a * column + b * row over a tile."""
    a, b = a * (SIDE - 1), b * (SIDE - 1)
    return min(a, 0.0) + min(b, 0.0), max(a, 0.0) + max(b, 0.0)


@compile_kernel(**BARE)
def _affine_band(image, width, height, matrix, options, count, fill, i, begin, end, result, origin, stride):
    """Fill a row of tiles by an affine map: all windows have as many rows, and their corners follow from the map."""
    padding, align_corners, nearest = options
    channels = image.shape[0]
    threes = channels // 3 * 3
    least_x, most_x = _spread(matrix[0], matrix[1])
    least_y, most_y = _spread(matrix[3], matrix[4])
    outside_x, outside_y = least_x - most_x - 2, least_y - most_y - 2
    far = image.shape[1] > FAR
    ahead_x, ahead_y = 2.0 * SIDE * matrix[1], 2.0 * SIDE * matrix[4]
    # A position that rounding moves over the window's edge has next to no weight there.
    for step in range(tiles(end - begin)):
        j = min(begin + step * SIDE, end - SIDE)
        edge_x = (matrix[0] * j + matrix[1] * i) + matrix[2] + least_x
        edge_y = (matrix[3] * j + matrix[4] * i) + matrix[5] + least_y
        place = origin + j - begin
        inside = (outside_x < edge_x) & (edge_x < width + 1) & (outside_y < edge_y) & (edge_y < height + 1)
        if not inside and (padding in (ZEROS, FILL)):
            for channel in range(channels):
                store_tile(result[channel], place, stride, splat(fill[channel]))
            continue
        x, y = place_tile(matrix, i, j)
        start = max(min(np.int64(min(max(edge_x, 0.0), width - 1.0)) - 1, width - LANES), 0)
        first = min(np.int64(min(max(edge_y, 0.0), height - 1.0)), height - count)
        x = pad(x, width, padding, align_corners, nearest)
        y = pad(y, height, padding, align_corners, nearest)
        low, lower, upper = weigh(x, width)
        left = offset_by(to_indices(confine(low, -1, width)), i32(-start))
        right = offset_by(left, i32(1))
        last = first + count - 1
        if far:
            # The windows of the next but one row of tiles: those of the next one are half read.
            call_ahead(image, width, height, edge_x + ahead_x, edge_y + ahead_y)
        for channel in range(0, threes, 3):
            _mix_three(image, channel, width, start, first, last, y, left, right, lower, upper, result, place, stride)
        for channel in range(threes, channels):
            tile = mix_window(image[channel], width, start, first, last, y, left, right, lower, upper)
            store_tile(result[channel], place, stride, tile)
        if padding == FILL:
            fill_around(y, lower, upper, first, last, fill, result, place, stride)


@compile_kernel(**BARE)
def _general_tile(image, width, height, x, y, options, fill, result, place, stride):
    sample_tile(image, width, height, x, y, options, fill, result, place, stride)


@compile_kernel(inline="always")
def project(matrix, i, j):
    """Return where a homography sends a pixel, and the sign of what it divides by."""
    scale = matrix[6] * j + matrix[7] * i + matrix[8]
    inverse = 1.0 / scale
    x = (matrix[0] * j + matrix[1] * i + matrix[2]) * inverse
    return x, (matrix[3] * j + matrix[4] * i + matrix[5]) * inverse, scale > 0.0


@compile_kernel(**BARE)
def _warp_band(image, width, height, matrix, options, fill, i, begin, end, result, origin, stride):
    """Fill a row of tiles by a homography: the window of a tile follows from its four corners."""
    padding, align_corners, nearest = options
    channels = image.shape[0]
    threes = channels // 3 * 3
    far = image.shape[1] > FAR
    bottom = i + SIDE
    right_x, right_y, right_sign = project(matrix, i, begin)
    low_x, low_y, low_sign = project(matrix, bottom, begin)
    for step in range(tiles(end - begin)):
        j = min(begin + step * SIDE, end - SIDE)
        place = origin + j - begin
        left_x, left_y, left_sign = right_x, right_y, right_sign
        under_x, under_y, under_sign = low_x, low_y, low_sign
        if j < begin + step * SIDE:
            left_x, left_y, left_sign = project(matrix, i, j)
            under_x, under_y, under_sign = project(matrix, bottom, j)
        right_x, right_y, right_sign = project(matrix, i, j + SIDE)
        low_x, low_y, low_sign = project(matrix, bottom, j + SIDE)
        least_x = min(min(left_x, under_x), min(right_x, low_x))
        most_x = max(max(left_x, under_x), max(right_x, low_x))
        least_y = min(min(left_y, under_y), min(right_y, low_y))
        most_y = max(max(left_y, under_y), max(right_y, low_y))
        x, y = place_tile(matrix, i, j)
        scale = scale_tile(matrix, i, j)
        x, y = divide(x, scale), divide(y, scale)
        one_side = (left_sign == under_sign) & (right_sign == low_sign) & (left_sign == right_sign)
        least_x, most_x = max(least_x - 1.0, 0.0), min(most_x + 1.5, width - 1.0)
        least_y, most_y = max(least_y - 0.5 * nearest, 0.0), min(most_y + 1.0 + 0.5 * nearest, height - 1.0)
        fits = (most_x - least_x <= LANES - 2) & (most_y - least_y <= ROWS) & (padding != REFLECTION)
        if not (one_side and fits and width >= LANES):
            _general_tile(image, width, height, x, y, options, fill, result, place, stride)
            continue
        start = max(min(np.int64(min(least_x, width - 1.0)), width - LANES), 0)
        # Beyond the image: with a border its last rows, without one none.
        first, last = min(np.int64(least_y), height - 1), max(np.int64(most_y), 0)
        x = pad(x, width, padding, align_corners, nearest)
        y = pad(y, height, padding, align_corners, nearest)
        low, lower, upper = weigh(x, width)
        left = offset_by(to_indices(confine(low, -1, width)), i32(-start))
        right = offset_by(left, i32(1))
        if far:
            call_ahead(image, width, height, 3.0 * under_x - 2.0 * left_x, 3.0 * under_y - 2.0 * left_y)
        for channel in range(0, threes, 3):
            _mix_three(image, channel, width, start, first, last, y, left, right, lower, upper, result, place, stride)
        for channel in range(threes, channels):
            tile = mix_window(image[channel], width, start, first, last, y, left, right, lower, upper)
            store_tile(result[channel], place, stride, tile)
        if padding == FILL:
            fill_around(y, lower, upper, first, last, fill, result, place, stride)


@compile_kernel(inline="always")
def call_ahead(image, width, height, x, y):
    """Ask for some rows of the image around a position."""
    column, row = np.int64(min(max(x, 0.0), width - 1.0)), np.int64(min(max(y, 0.0), height - 1.0 - SIDE))
    for channel in range(image.shape[0]):
        for step in range(SIDE):
            prefetch(image[channel], (row + step) * width + column)
