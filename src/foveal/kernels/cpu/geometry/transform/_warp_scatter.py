# SPDX-License-Identifier: Apache-2.0
"""Compiled loops of the adjoint of warps to the image: a scatter that adds up in a fixed order.

A part of the image's rows is added up with four channels side by side, small enough for the second-level cache.
"""

import numpy as np

from foveal.kernels.cpu._compile import BARE, compile_kernel
from foveal.kernels.cpu._gather import SIDE, divide, largest, load_tile, smallest, store_indices, where_less
from foveal.kernels.cpu._vector import LANES, mix, splat, store
from foveal.kernels.cpu.geometry.transform._quads import QUAD, add_quad, interleave
from foveal.kernels.cpu.geometry.transform._warp_adjoints import fresh
from foveal.kernels.cpu.geometry.transform._warp_tiles import (
    corners_of,
    extent,
    pad,
    place_tile,
    scale_tile,
    tiles,
    weigh,
    within,
)

f32 = np.float32
u = np.uintp

BLOCK = 64
"""Columns of a block of tiles; the rows of the image that a block reaches are known."""


@compile_kernel(inline="always")
def _scatter_tile(
    width, height, x, y, options, begin, end, gradient, channel, place, stride, first_row, first_column, places,
    shares, values, quads,
):  # fmt: skip
    """Add a tile of the gradient, four channels of it, to rows `begin` to `end` of the image's."""
    padding, align_corners, nearest = options
    x, y = pad(x, width, padding, align_corners, nearest), pad(y, height, padding, align_corners, nearest)
    low, lower, upper = weigh(x, width)
    row, above, below = weigh(y, height)
    first, last = extent(row, height)
    if first >= end or last < begin:
        return
    one, count = splat(f32(1)), end - begin
    top = row - splat(f32(begin))
    above, below = within(top, count, above), within(top + one, count, below)
    a, b, c, d = corners_of(low, top, width, count)
    store_indices(places, 0, a)
    store_indices(places, LANES, b)
    store_indices(places, 2 * LANES, c)
    store_indices(places, 3 * LANES, d)
    store(shares, 0, mix(lower, above))
    store(shares, LANES, mix(upper, above))
    store(shares, 2 * LANES, mix(lower, below))
    store(shares, 3 * LANES, mix(upper, below))
    left = gradient.shape[0] - channel
    first_tile = second = third = fourth = splat(f32(0))
    first_tile = fresh(load_tile(gradient[channel], place, stride), first_row, first_column)
    if left > 1:
        second = fresh(load_tile(gradient[channel + 1], place, stride), first_row, first_column)
    if left > 2:
        third = fresh(load_tile(gradient[channel + 2], place, stride), first_row, first_column)
    if left > 3:
        fourth = fresh(load_tile(gradient[channel + 3], place, stride), first_row, first_column)
    interleave(values, first_tile, second, third, fourth)
    for lane in range(LANES):
        add_quad(quads, places[lane], values, lane, shares[lane])
        add_quad(quads, places[lane + LANES], values, lane, shares[lane + LANES])
        add_quad(quads, places[lane + 2 * LANES], values, lane, shares[lane + 2 * LANES])
        add_quad(quads, places[lane + 3 * LANES], values, lane, shares[lane + 3 * LANES])


@compile_kernel(**BARE)
def _scatter_by_matrix(
    width, height, matrix, affine, options, begin, end, gradient, channel, constant, columns, i, first_row, left,
    right, places, shares, values, quads,
):  # fmt: skip
    for step in range(left // SIDE, tiles(right)):
        j = min(step * SIDE, columns - SIDE)
        place, stride = (0, 0) if constant else (i * columns + j, columns)
        x, y = place_tile(matrix, i, j)
        if not affine:
            scale = scale_tile(matrix, i, j)
            x, y = divide(x, scale), divide(y, scale)
        _scatter_tile(
            width, height, x, y, options, begin, end, gradient, channel, place, stride, first_row, step * SIDE - j,
            places, shares, values, quads,
        )  # fmt: skip


@compile_kernel(**BARE)
def _scatter_by_map(
    width, height, map_x, map_y, options, begin, end, gradient, channel, constant, columns, i, first_row, left, right,
    places, shares, values, quads,
):  # fmt: skip
    for step in range(left // SIDE, tiles(right)):
        j = min(step * SIDE, columns - SIDE)
        k = i * columns + j
        place, stride = (0, 0) if constant else (k, columns)
        x, y = load_tile(map_x, k, columns), load_tile(map_y, k, columns)
        _scatter_tile(
            width, height, x, y, options, begin, end, gradient, channel, place, stride, first_row, step * SIDE - j,
            places, shares, values, quads,
        )  # fmt: skip


@compile_kernel(**BARE)
def _spread(quads, plane, offset, channel):
    """Copy one channel out of the quads."""
    count = u(quads.shape[0] // QUAD)
    for k in range(count):
        plane[k + u(offset)] = quads[u(QUAD) * k + u(channel)]


@compile_kernel
def reach_by_maps(map_y, rows, columns):
    """Return the least and the greatest row of an image in every block of tiles; NaN is nowhere."""
    blocks = (columns + BLOCK - 1) // BLOCK
    reached = np.empty((map_y.shape[0], tiles(rows), blocks, 2))
    for index in range(reached.shape[0]):
        for band in range(reached.shape[1]):
            _reach_of_band(map_y[index], columns, min(band * SIDE, rows - SIDE), reached[index, band])
    return reached


@compile_kernel(**BARE)
def _reach_of_band(map_y, columns, i, reached):
    for block in range(reached.shape[0]):
        left, right = block * BLOCK, min(block * BLOCK + BLOCK, columns)
        least, most = splat(f32(np.inf)), splat(f32(-np.inf))
        for step in range(left // SIDE, tiles(right)):
            y = load_tile(map_y, i * columns + min(step * SIDE, columns - SIDE), columns)
            least, most = where_less(y, least, y, least), where_less(most, y, y, most)
        reached[block, 0], reached[block, 1] = smallest(least), largest(most)


@compile_kernel
def warps_to_images(
    start, stop, parts, width, height, matrices, affine, map_x, map_y, reached, options, gradients, constant, rows,
    columns, result,
):  # fmt: skip
    """Compute the gradients to images, parts `start` to `stop` of `parts` of each image's rows, counted through.

    Every pixel gets its terms in the order of the tiles, however the rows are split: the sum is always the same.
    `reached` are the first and the last position in the image of every block of tiles, (images, bands, blocks, 2).
    """
    places, shares, values = np.empty(4 * LANES, np.int32), np.empty(4 * LANES, f32), np.empty(QUAD * LANES, f32)
    scratch = np.empty(((height + parts - 1) // parts) * width * QUAD, f32)
    for unit in range(start, stop):
        index = unit // parts
        part = unit - index * parts
        begin, end = height * part // parts, height * (part + 1) // parts
        image, gradient = result[index], gradients[index % gradients.shape[0]]
        extents = reached[index % reached.shape[0]]
        quads = scratch[: (end - begin) * width * QUAD]
        for channel in range(0, image.shape[0], QUAD):
            quads[:] = f32(0)
            for block in range(extents.shape[1]):
                left, right = block * BLOCK, min(block * BLOCK + BLOCK, columns)
                for band in range(extents.shape[0]):
                    if extents[band, block, 1] < begin - 2 or extents[band, block, 0] > end + 1:
                        continue
                    i = min(band * SIDE, rows - SIDE)
                    if matrices.shape[0] > 0:
                        _scatter_by_matrix(
                            width, height, matrices[index % matrices.shape[0]], affine, options, begin, end, gradient,
                            channel, constant, columns, i, band * SIDE - i, left, right, places, shares, values, quads,
                        )  # fmt: skip
                    else:
                        _scatter_by_map(
                            width, height, map_x[index % map_x.shape[0]], map_y[index % map_y.shape[0]], options,
                            begin, end, gradient, channel, constant, columns, i, band * SIDE - i, left, right, places,
                            shares, values, quads,
                        )  # fmt: skip
            for place in range(channel, min(channel + QUAD, image.shape[0])):
                _spread(quads, image[place], begin * width, place - channel)
