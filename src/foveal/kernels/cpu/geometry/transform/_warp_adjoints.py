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
    store_tile,
    total,
    where_less,
)
from foveal.kernels.cpu._table import add_tables, load_table, pick_four
from foveal.kernels.cpu._vector import mix, splat
from foveal.kernels.cpu.geometry.transform._warp_tiles import (
    BORDER,
    REFLECTION,
    begin_extent,
    begin_table,
    corners_of,
    fold,
    pad,
    place_in_table,
    place_tile,
    scale_tile,
    tiles,
    weigh,
    within,
)
from foveal.kernels.cpu.geometry.transform._warps import call_ahead, project, reach_tile

f32 = np.float32

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
        # The last pixel is repeated: from there on, itself included, nothing changes.
        slope = where_less(position, zero, zero, where_less(position, last, slope, zero))
    return slope


@compile_kernel(inline="always")
def fresh(tile, first_row, first_column):
    """Return a tile with zeros where the tile before has been: the last one overlaps it."""
    zero = splat(f32(0))
    tile = where_less(across(), splat(f32(first_column)), zero, tile)
    return where_less(down(), splat(f32(first_row)), zero, tile)


@compile_kernel(inline="always")
def _derive(image, width, height, fits, start, first, x, y, options, gradient, constant, place, stride):
    """Return the gradient of a tile to its positions; `fits`, `start` and `first` as for `sample_tile`.

    Of each pixel around a position the products with the gradient are added up over the channels, and weighed after.
    """
    padding, align_corners, _ = options
    slope_x, slope_y = _slope(x, width, padding, align_corners), _slope(y, height, padding, align_corners)
    x, y = pad(x, width, padding, align_corners, False), pad(y, height, padding, align_corners, False)
    low, lower, upper = weigh(x, width)
    row, above, below = weigh(y, height)
    a = b = c = d = splat(f32(0))
    if fits:
        places, origin = place_in_table(low, row, start, first), first * width + start
        if constant:
            table = load_table(image[0], origin, width)
            for channel in range(1, image.shape[0]):
                table = add_tables(table, load_table(image[channel], origin, width))
            weight = load_tile(gradient[0], 0, 0)
            pixels = pick_four(table, places)
            a, b, c, d = weight * pixels[0], weight * pixels[1], weight * pixels[2], weight * pixels[3]
        else:
            for channel in range(image.shape[0]):
                weight = load_tile(gradient[channel], place, stride)
                pixels = pick_four(load_table(image[channel], origin, width), places)
                a, b = a + weight * pixels[0], b + weight * pixels[1]
                c, d = c + weight * pixels[2], d + weight * pixels[3]
    else:
        corners = corners_of(low, row, width, height)
        for channel in range(image.shape[0]):
            plane, weight = image[channel], load_tile(gradient[channel], place, stride)
            a, b = a + weight * gather(plane, corners[0]), b + weight * gather(plane, corners[1])
            c, d = c + weight * gather(plane, corners[2]), d + weight * gather(plane, corners[3])
    # Beyond the image there are no pixels, whatever was read there.
    one = splat(f32(1))
    a, b = within(low, width, a), within(low + one, width, b)
    c, d = within(low, width, c), within(low + one, width, d)
    a, b = within(row, height, a), within(row, height, b)
    c, d = within(row + one, height, c), within(row + one, height, d)
    by_x = mix(b - a, above) + mix(d - c, below)
    by_y = mix(c - a, lower) + mix(d - b, upper)
    return by_x * slope_x, by_y * slope_y


@compile_kernel(**BARE)
def _add_band(
    image, width, height, matrix, affine, options, gradient, constant, rows, columns, band, left, right, sums
):
    """Add the gradient to a homography, from tiles of one row, to nine sums."""
    i = min(band * SIDE, rows - SIDE)
    x0 = x1 = x2 = y0 = y1 = y2 = s0 = s1 = s2 = splat(f32(0))
    for step in range(left // SIDE, tiles(right)):
        j = min(step * SIDE, columns - SIDE)
        place, stride = (0, 0) if constant else (i * columns + j, columns)
        ahead_x, ahead_y = project(matrix, affine, i + 2 * SIDE, j)
        call_ahead(image, width, height, ahead_x, ahead_y)
        least_x, most_x, least_y, most_y = reach_tile(matrix, affine, i, j)
        start, fits_x = begin_table(least_x, most_x, width, False)
        first, fits_y = begin_table(least_y, most_y, height, False)
        fits = fits_x & fits_y & (options[0] != REFLECTION)
        x, y = place_tile(matrix, i, j)
        scale = splat(f32(1))
        if not affine:
            scale = scale_tile(matrix, i, j)
            x, y = divide(x, scale), divide(y, scale)
        by_x, by_y = _derive(
            image, width, height, fits, start, first, x, y, options, gradient, constant, place, stride
        )  # fmt: skip
        by_x = fresh(by_x, band * SIDE - i, step * SIDE - j)
        by_y = fresh(by_y, band * SIDE - i, step * SIDE - j)
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
    padding, align_corners, _ = options
    for step in range(tiles(columns)):
        j = min(step * SIDE, columns - SIDE)
        k = i * columns + j
        place, stride = (0, 0) if constant else (k, columns)
        ahead = k + 2 * SIDE * columns
        if ahead < map_x.shape[0]:
            call_ahead(image, width, height, np.float64(map_x[ahead]), np.float64(map_y[ahead]))
        x, y = load_tile(map_x, k, columns), load_tile(map_y, k, columns)
        start, fits_x = begin_extent(pad(x, width, padding, align_corners, False), width)
        first, fits_y = begin_extent(pad(y, height, padding, align_corners, False), height)
        by_x, by_y = _derive(
            image, width, height, fits_x & fits_y, start, first, x, y, options, gradient, constant, place, stride
        )
        store_tile(to_x, k, columns, by_x)
        store_tile(to_y, k, columns, by_y)
