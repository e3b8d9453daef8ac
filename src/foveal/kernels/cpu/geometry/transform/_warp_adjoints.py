# SPDX-License-Identifier: Apache-2.0
"""Compiled loops of the adjoints of warps to matrices or maps."""

import numpy as np

from foveal.kernels.cpu._compile import BARE, compile_kernel
from foveal.kernels.cpu._gather import (
    SIDE,
    across,
    divide,
    down,
    gather,
    load_tile,
    offset_by,
    pick,
    store_tile,
    to_indices,
    total,
    where_equal,
    where_less,
    window,
)
from foveal.kernels.cpu._vector import LANES, mix, splat
from foveal.kernels.cpu.geometry.transform._warp_tiles import (
    BORDER,
    REFLECTION,
    ROWS,
    confine,
    corners_of,
    extent,
    fold,
    pad,
    place_tile,
    scale_tile,
    tiles,
    weigh,
    within,
)
from foveal.kernels.cpu.geometry.transform._warps import FAR, call_ahead, project

f32 = np.float32
i32 = np.int32

BLOCK = 64
"""Columns of a block."""
GROUP = 8
"""Rows of tiles of the groups that threads share out."""


@compile_kernel(inline="always")
def _slope(position, size, padding, align_corners):
    """Return the derivative of a padded position by the position."""
    one, zero, last = splat(f32(1)), splat(f32(0)), splat(f32(size - 1))
    slope = one
    if padding == REFLECTION:
        position, slope = fold(position, size, align_corners)
    if padding in (BORDER, REFLECTION):
        slope = where_less(position, zero, zero, where_less(last, position, zero, slope))
    return slope


@compile_kernel(inline="always")
def fresh(tile, first_row, first_column):
    """Return a tile with zeros where the tile before has been: the last one overlaps it."""
    zero = splat(f32(0))
    tile = where_less(across(), splat(f32(first_column)), zero, tile)
    return where_less(down(), splat(f32(first_row)), zero, tile)


@compile_kernel(inline="always")
def _derive(image, width, height, x, y, options, gradient, place, stride, first_row, first_column):
    """Return the gradient of a tile to its positions."""
    padding, align_corners, _ = options
    slope_x, slope_y = _slope(x, width, padding, align_corners), _slope(y, height, padding, align_corners)
    x, y = pad(x, width, padding, align_corners, False), pad(y, height, padding, align_corners, False)
    low, lower, upper = weigh(x, width)
    one = splat(f32(1))
    row_low, above, below = weigh(y, height)
    row_next = row_low + one
    fall, rise = within(row_low, height, splat(f32(-1))), within(row_next, height, one)
    change, change_upper = within(low, width, splat(f32(-1))), within(low + one, width, one)
    by_x = by_y = splat(f32(0))
    left, right = extent(low, width)
    first, last = extent(row_low, height)
    start = max(min(left, width - LANES), 0)
    if width >= LANES and right - start < LANES and last - first < ROWS:
        columns = offset_by(to_indices(confine(low, -1, width)), i32(-start))
        neighbours = offset_by(columns, i32(1))
        # Neighbouring tiles that differ in their rows by one or two would make every loop over them end unforeseen.
        count = (last - first + 4) // 4 * 4
        if count <= height:
            first = min(first, height - count)
            last = first + count - 1
        for channel in range(image.shape[0]):
            plane = image[channel]
            weight = fresh(load_tile(gradient[channel], place, stride), first_row, first_column)
            a = b = c = d = splat(f32(0))
            for row in range(first, last + 1):
                pixels = window(plane, row * width + start)
                left, right, number = pick(pixels, columns), pick(pixels, neighbours), splat(f32(row))
                a, b = where_equal(row_low, number, left, a), where_equal(row_low, number, right, b)
                c, d = where_equal(row_next, number, left, c), where_equal(row_next, number, right, d)
            sum_x = mix(mix(a, change) + mix(b, change_upper), above)
            sum_x = sum_x + mix(mix(c, change) + mix(d, change_upper), below)
            sum_y = mix(mix(a, lower) + mix(b, upper), fall) + mix(mix(c, lower) + mix(d, upper), rise)
            by_x = by_x + mix(sum_x, weight)
            by_y = by_y + mix(sum_y, weight)
    else:
        places = corners_of(low, row_low, width, height)
        for channel in range(image.shape[0]):
            plane = image[channel]
            weight = fresh(load_tile(gradient[channel], place, stride), first_row, first_column)
            a, b, c, d = (
                gather(plane, places[0]), gather(plane, places[1]), gather(plane, places[2]), gather(plane, places[3])
            )  # fmt: skip
            sum_x = mix(mix(a, change) + mix(b, change_upper), above)
            sum_x = sum_x + mix(mix(c, change) + mix(d, change_upper), below)
            sum_y = mix(mix(a, lower) + mix(b, upper), fall) + mix(mix(c, lower) + mix(d, upper), rise)
            by_x = by_x + mix(sum_x, weight)
            by_y = by_y + mix(sum_y, weight)
    return by_x * slope_x, by_y * slope_y


@compile_kernel(**BARE)
def _add_band(
    image, width, height, matrix, affine, options, gradient, constant, rows, columns, band, left, right, sums
):
    """Add the gradient to a homography, from tiles of one row, to nine sums."""
    i = min(band * SIDE, rows - SIDE)
    far = image.shape[1] > FAR
    x0 = x1 = x2 = y0 = y1 = y2 = s0 = s1 = s2 = splat(f32(0))
    for step in range(left // SIDE, tiles(right)):
        j = min(step * SIDE, columns - SIDE)
        place, stride = (0, 0) if constant else (i * columns + j, columns)
        if far:
            ahead_x, ahead_y, _ = project(matrix, i + 2 * SIDE, j)
            call_ahead(image, width, height, ahead_x, ahead_y)
        x, y = place_tile(matrix, i, j)
        scale = splat(f32(1))
        if not affine:
            scale = scale_tile(matrix, i, j)
            x, y = divide(x, scale), divide(y, scale)
        by_x, by_y = _derive(
            image, width, height, x, y, options, gradient, place, stride, band * SIDE - i, step * SIDE - j
        )
        if not affine:
            by_x, by_y = divide(by_x, scale), divide(by_y, scale)
        by_scale = mix(x, by_x) + mix(y, by_y)
        column, row = splat(f32(j)) + across(), down()
        x0, x1, x2 = x0 + by_x * column, x1 + by_x * row, x2 + by_x
        y0, y1, y2 = y0 + by_y * column, y1 + by_y * row, y2 + by_y
        s0, s1, s2 = s0 + by_scale * column, s1 + by_scale * row, s2 + by_scale
    _add_row(sums, 0, 1.0, x0, x1, x2, i)
    _add_row(sums, 3, 1.0, y0, y1, y2, i)
    _add_row(sums, 6, -1.0, s0, s1, s2, i)


@compile_kernel(inline="always")
def _add_row(sums, first, sign, by_column, by_row, by_one, i):
    whole = np.float64(total(by_one))
    sums[first] += sign * total(by_column)
    sums[first + 1] += sign * (total(by_row) + whole * i)
    sums[first + 2] += sign * whole


@compile_kernel
def warps_to_matrices(start, stop, images, width, matrices, affine, options, gradients, constant, rows, columns, sums):
    """Compute the gradients to homographies, nine sums for each group of rows of tiles, counted through all images.

    A group is read block by block of columns, whose part of the image stays in the first-level cache.
    """
    bands = tiles(rows)
    groups = (bands + GROUP - 1) // GROUP
    height = images.shape[2] // width
    for unit in range(start, stop):
        index = unit // groups
        top = (unit - index * groups) * GROUP
        for left in range(0, columns, BLOCK):
            for band in range(top, min(top + GROUP, bands)):
                _add_band(
                    images[index % images.shape[0]], width, height, matrices[index % matrices.shape[0]], affine,
                    options, gradients[index % gradients.shape[0]], constant, rows, columns, band, left,
                    min(left + BLOCK, columns), sums[unit],
                )  # fmt: skip


@compile_kernel
def warps_to_maps(start, stop, images, width, map_x, map_y, options, gradients, constant, rows, columns, to_x, to_y):
    """Compute the gradients to maps, rows of tiles `start` to `stop`, counted through all images."""
    bands = tiles(rows)
    height = images.shape[2] // width
    for unit in range(start, stop):
        index = unit // bands
        i = min((unit - index * bands) * SIDE, rows - SIDE)
        _map_band(
            images[index % images.shape[0]], width, height, map_x[index % map_x.shape[0]],
            map_y[index % map_y.shape[0]], options, gradients[index % gradients.shape[0]], constant, i, columns,
            to_x[index], to_y[index],
        )  # fmt: skip


@compile_kernel(**BARE)
def _map_band(image, width, height, map_x, map_y, options, gradient, constant, i, columns, to_x, to_y):
    far = image.shape[1] > FAR
    for step in range(tiles(columns)):
        j = min(step * SIDE, columns - SIDE)
        k = i * columns + j
        place, stride = (0, 0) if constant else (k, columns)
        ahead = k + 2 * SIDE * columns
        if far and ahead < map_x.shape[0]:
            call_ahead(image, width, height, np.float64(map_x[ahead]), np.float64(map_y[ahead]))
        x, y = load_tile(map_x, k, columns), load_tile(map_y, k, columns)
        by_x, by_y = _derive(image, width, height, x, y, options, gradient, place, stride, 0, 0)
        store_tile(to_x, k, columns, by_x)
        store_tile(to_y, k, columns, by_y)
