# SPDX-License-Identifier: Apache-2.0
"""Compiled loops of the adjoints of warps: to the image, and to matrices or maps."""

import numpy as np

from foveal.kernels.cpu._compile import BARE, compile_kernel
from foveal.kernels.cpu._gather import (
    SIDE,
    across,
    divide,
    down,
    floor,
    gather,
    load_tile,
    offset_by,
    pick,
    store_indices,
    store_tile,
    to_indices,
    total,
    where_equal,
    where_less,
    window,
)
from foveal.kernels.cpu._vector import LANES, mix, splat, store
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
    share,
    tiles,
    weigh,
    within,
)

f32 = np.float32
i32 = np.int32


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
def _fresh(tile, first_row, first_column):
    """Return a tile with zeros where the tile before has been: the last one overlaps it."""
    zero = splat(f32(0))
    tile = where_less(across(), splat(f32(first_column)), zero, tile)
    return where_less(down(), splat(f32(first_row)), zero, tile)


@compile_kernel(inline="always")
def _below(y, low, row):
    """Return the derivative of a row's weight: -1 for the upper row of a position, 1 for the lower one."""
    zero, number = splat(f32(0)), splat(f32(row))
    return where_equal(low, number, splat(f32(-1)), where_equal(low + splat(f32(1)), number, splat(f32(1)), zero))


@compile_kernel(inline="always")
def _derive(image, width, height, x, y, options, gradient, place, stride, first_row, first_column):
    """Return the gradient of a tile to its positions."""
    padding, align_corners, _ = options
    slope_x, slope_y = _slope(x, width, padding, align_corners), _slope(y, height, padding, align_corners)
    x, y = pad(x, width, padding, align_corners, False), pad(y, height, padding, align_corners, False)
    low, lower, upper = weigh(x, width)
    row_low = floor(y)
    one = splat(f32(1))
    change, change_upper = within(low, width, splat(f32(-1))), within(low + one, width, one)
    by_x = by_y = splat(f32(0))
    left, right = extent(low, width)
    first, last = extent(row_low, height)
    start = max(min(left, width - LANES), 0)
    if width >= LANES and right - start < LANES and last - first < ROWS:
        columns = offset_by(to_indices(confine(low, -1, width)), i32(-start))
        neighbours = offset_by(columns, i32(1))
        for channel in range(image.shape[0]):
            plane = image[channel]
            weight = _fresh(load_tile(gradient[channel], place, stride), first_row, first_column)
            sum_x = sum_y = splat(f32(0))
            for row in range(first, last + 1):
                pixels = window(plane, row * width + start)
                a, b = pick(pixels, columns), pick(pixels, neighbours)
                sum_x = sum_x + mix(mix(a, change) + mix(b, change_upper), share(y, row))
                sum_y = sum_y + mix(mix(a, lower) + mix(b, upper), _below(y, row_low, row))
            by_x = by_x + mix(sum_x, weight)
            by_y = by_y + mix(sum_y, weight)
    else:
        _, above, below = weigh(y, height)
        fall, rise = within(row_low, height, splat(f32(-1))), within(row_low + one, height, one)
        places = corners_of(low, row_low, width, height)
        for channel in range(image.shape[0]):
            plane = image[channel]
            weight = _fresh(load_tile(gradient[channel], place, stride), first_row, first_column)
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
def _add_band(image, width, height, matrix, options, gradient, constant, rows, columns, band, sums):
    """Add the gradient to a homography, from one row of tiles, to nine sums."""
    i = min(band * SIDE, rows - SIDE)
    x0 = x1 = x2 = y0 = y1 = y2 = s0 = s1 = s2 = splat(f32(0))
    for step in range(tiles(columns)):
        j = min(step * SIDE, columns - SIDE)
        place, stride = (0, 0) if constant else (i * columns + j, columns)
        x, y = place_tile(matrix, i, j)
        scale = scale_tile(matrix, i, j)
        x, y = divide(x, scale), divide(y, scale)
        by_x, by_y = _derive(
            image, width, height, x, y, options, gradient, place, stride, band * SIDE - i, step * SIDE - j
        )
        by_x, by_y = divide(by_x, scale), divide(by_y, scale)
        by_scale = mix(x, by_x) + mix(y, by_y)
        column, row = splat(f32(j)) + across(), down()
        x0, x1, x2 = x0 + by_x * column, x1 + by_x * row, x2 + by_x
        y0, y1, y2 = y0 + by_y * column, y1 + by_y * row, y2 + by_y
        s0, s1, s2 = s0 + by_scale * column, s1 + by_scale * row, s2 + by_scale
    sums[0], sums[1], sums[2] = total(x0), total(x1) + np.float64(total(x2)) * i, total(x2)
    sums[3], sums[4], sums[5] = total(y0), total(y1) + np.float64(total(y2)) * i, total(y2)
    sums[6], sums[7], sums[8] = -total(s0), -total(s1) - np.float64(total(s2)) * i, -total(s2)


@compile_kernel
def warps_to_matrices(start, stop, images, width, matrices, options, gradients, constant, rows, columns, sums):
    """Compute the gradients to homographies, nine sums for each row of tiles, counted through all images."""
    bands = tiles(rows)
    height = images.shape[2] // width
    for unit in range(start, stop):
        index = unit // bands
        _add_band(
            images[index % images.shape[0]], width, height, matrices[index % matrices.shape[0]], options,
            gradients[index % gradients.shape[0]], constant, rows, columns, unit - index * bands, sums[unit],
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
    for step in range(tiles(columns)):
        j = min(step * SIDE, columns - SIDE)
        k = i * columns + j
        place, stride = (0, 0) if constant else (k, columns)
        x, y = load_tile(map_x, k, columns), load_tile(map_y, k, columns)
        by_x, by_y = _derive(image, width, height, x, y, options, gradient, place, stride, 0, 0)
        store_tile(to_x, k, columns, by_x)
        store_tile(to_y, k, columns, by_y)


@compile_kernel(inline="always")
def _scatter_tile(
    width, height, x, y, options, begin, end, gradient, place, stride, first_row, first_column, places, shares, values,
    result,
):  # fmt: skip
    """Add a tile of the gradient to rows `begin` to `end` of the image's."""
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
    for channel in range(gradient.shape[0]):
        store(values, 0, _fresh(load_tile(gradient[channel], place, stride), first_row, first_column))
        plane = result[channel][begin * width : end * width]
        for lane in range(LANES):
            value = values[lane]
            plane[np.uint32(places[lane])] += value * shares[lane]
            plane[np.uint32(places[lane + LANES])] += value * shares[lane + LANES]
            plane[np.uint32(places[lane + 2 * LANES])] += value * shares[lane + 2 * LANES]
            plane[np.uint32(places[lane + 3 * LANES])] += value * shares[lane + 3 * LANES]


@compile_kernel(**BARE)
def _scatter_by_matrix(
    width, height, matrix, options, begin, end, gradient, constant, rows, columns, places, shares, values, result
):
    for band in range(tiles(rows)):
        i = min(band * SIDE, rows - SIDE)
        for step in range(tiles(columns)):
            j = min(step * SIDE, columns - SIDE)
            place, stride = (0, 0) if constant else (i * columns + j, columns)
            x, y = place_tile(matrix, i, j)
            scale = scale_tile(matrix, i, j)
            _scatter_tile(
                width, height, divide(x, scale), divide(y, scale), options, begin, end, gradient, place, stride,
                band * SIDE - i, step * SIDE - j, places, shares, values, result,
            )  # fmt: skip


@compile_kernel(**BARE)
def _scatter_by_map(
    width, height, map_x, map_y, options, begin, end, gradient, constant, rows, columns, places, shares, values, result
):
    for band in range(tiles(rows)):
        i = min(band * SIDE, rows - SIDE)
        for step in range(tiles(columns)):
            j = min(step * SIDE, columns - SIDE)
            k = i * columns + j
            place, stride = (0, 0) if constant else (k, columns)
            x, y = load_tile(map_x, k, columns), load_tile(map_y, k, columns)
            _scatter_tile(
                width, height, x, y, options, begin, end, gradient, place, stride, band * SIDE - i, step * SIDE - j,
                places, shares, values, result,
            )  # fmt: skip


@compile_kernel
def warps_to_images(
    start, stop, parts, width, height, matrices, map_x, map_y, options, gradients, constant, rows, columns, result
):
    """Compute the gradients to images, parts `start` to `stop` of `parts` of each image's rows, counted through.

    Every pixel gets its terms in the order of the tiles, however the rows are split: the sum is always the same.
    """
    places, shares, values = np.empty(4 * LANES, np.int32), np.empty(4 * LANES, f32), np.empty(LANES, f32)
    for unit in range(start, stop):
        index = unit // parts
        part = unit - index * parts
        begin, end = height * part // parts, height * (part + 1) // parts
        image, gradient = result[index], gradients[index % gradients.shape[0]]
        image[:, begin * width : end * width] = f32(0)
        if end == begin:
            continue
        if matrices.shape[0] > 0:
            matrix = matrices[index % matrices.shape[0]]
            _scatter_by_matrix(
                width, height, matrix, options, begin, end, gradient, constant, rows, columns, places, shares, values,
                image,
            )  # fmt: skip
        else:
            _scatter_by_map(
                width, height, map_x[index % map_x.shape[0]], map_y[index % map_y.shape[0]], options, begin, end,
                gradient, constant, rows, columns, places, shares, values, image,
            )  # fmt: skip
