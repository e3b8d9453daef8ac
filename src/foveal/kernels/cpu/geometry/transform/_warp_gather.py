# SPDX-License-Identifier: Apache-2.0
"""Compiled loops of the adjoint of warps to the image as a gather, for homographies that enlarge little.

A pixel of the image has terms from the pixels of the result that are sent to less than one pixel from it. Where the
map back moves by less than 3/2 over one pixel, these are among the 3 x 3 around the pixel's own place in the result:
nothing is scattered, every pixel is written once, and the order of its terms is always the same.
"""

import numpy as np

from foveal.kernels.cpu._compile import BARE, compile_kernel
from foveal.kernels.cpu._gather import SIDE, across, divide, down, floor, load_tile, magnitude, store_tile, where_less
from foveal.kernels.cpu._table import TABLE, empty_table, load_table, pick_at
from foveal.kernels.cpu._vector import mix_onto, splat
from foveal.kernels.cpu.geometry.transform._homographies import adjugate
from foveal.kernels.cpu.geometry.transform._warp_tiles import (
    MARGIN,
    place_in_table,
    place_tile,
    scale_tile,
    tiles,
    within,
)
from foveal.kernels.cpu.geometry.transform._warps import BLOCK, GROUP, call_ahead, flush, project, reach_tile

f32 = np.float32
i32 = np.int32

STEP = 1.495
"""How far the map back may move over one pixel; less than 3/2, as positions are rounded."""
TURN = 5e-4
"""What a homography's scale may change over one pixel: its inverse is then linear to the precision of float32."""


@compile_kernel
def invert_maps(matrices, affine, width, height, inverses):
    """Invert homographies from the result to an image, and say whether the image's gradient can be gathered."""
    for index in range(matrices.shape[0]):
        m, inverse = matrices[index], inverses[index]
        adjugate(m, inverse)
        determinant = m[0] * inverse[0] + m[1] * inverse[3] + m[2] * inverse[6]
        inverse /= inverse[8] if affine else 1.0
        least, most, step, positive = np.inf, 0.0, 0.0, 0
        for corner in range(4):
            # A pixel has terms from up to one pixel beyond the image.
            x, y = -1.0 if corner % 2 else 1.0 * width, -1.0 if corner // 2 else 1.0 * height
            scale = inverse[6] * x + inverse[7] * y + inverse[8]
            positive += scale > 0
            least, most = min(least, abs(scale)), max(most, abs(scale))
            for axis in range(2):
                a, b = inverse[3 * axis], inverse[3 * axis + 1]
                place = (a * x + b * y + inverse[3 * axis + 2]) / scale
                # Linear in the place, which is greatest at a corner, as the numerator of the derivative is.
                step = max(step, abs(a - place * inverse[6]) + abs(b - place * inverse[7]))
        turn = 2.0 * (abs(m[6]) + abs(m[7])) * most / abs(determinant)
        if not ((step < STEP * least) & (turn < TURN) & (positive % 4 == 0)):
            return False
    return True


@compile_kernel
def gather_to_images(
    start, stop, width, height, matrices, inverses, affine, gradients, constant, rows, columns, streamed, results
):  # fmt: skip
    """Compute the gradients to images, groups of tile rows `start` to `stop` of all images, counted through."""
    groups = (height + GROUP - 1) // GROUP
    scratch = np.empty((results.shape[1], SIDE * BLOCK), f32)
    for group in range(start, stop):
        index = group // groups
        top = (group - index * groups) * GROUP
        matrix, inverse = matrices[index % matrices.shape[0]], inverses[index % matrices.shape[0]]
        gradient, result = gradients[index % gradients.shape[0]], results[index]
        for begin in range(0, width, BLOCK):
            end = min(begin + BLOCK, width)
            for i in range(top, min(top + GROUP, height), SIDE):
                i = min(i, height - SIDE)
                if streamed:
                    _gather_band(
                        matrix, inverse, affine, gradient, constant, rows, columns, i, begin, end, scratch, 0, BLOCK
                    )
                    flush(scratch, i, begin, end, width, result)
                else:
                    place = i * width + begin
                    _gather_band(
                        matrix, inverse, affine, gradient, constant, rows, columns, i, begin, end, result, place, width
                    )


@compile_kernel(**BARE)
def _gather_band(matrix, inverse, affine, gradient, constant, rows, columns, i, begin, end, result, origin, stride):
    """Fill a row of tiles of the gradient to an image."""
    channels = result.shape[0]
    threes = channels // 3 * 3
    for step in range(tiles(end - begin)):
        j = min(begin + step * SIDE, end - SIDE)
        place = origin + j - begin
        least_x, most_x, least_y, most_y = reach_tile(inverse, affine, i, j)
        if not ((most_x > -STEP) & (least_x < columns + 0.5) & (most_y > -STEP) & (least_y < rows + 0.5)):
            for channel in range(channels):
                store_tile(result[channel], place, stride, splat(f32(0)))
            continue
        if not constant:
            ahead_x, ahead_y = project(inverse, affine, i + 2 * SIDE, j)
            call_ahead(gradient, columns, rows, ahead_x, ahead_y)
        # The first of the 3 x 3 pixels around the least place, and the same within the result.
        left = np.int64(np.floor(least_x + (0.5 - MARGIN))) - 1
        top = np.int64(np.floor(least_y + (0.5 - MARGIN))) - 1
        start, first = max(min(left, columns - TABLE), 0), max(min(top, rows - TABLE), 0)
        inside = (start == left) & (first == top)
        x, y = place_tile(inverse, i, j)
        if not affine:
            scale = scale_tile(inverse, i, j)
            x, y = divide(x, scale), divide(y, scale)
        half = splat(f32(0.5))
        x, y = floor(x + half), floor(y + half)
        errors = _begin_errors(matrix, affine, i, j, left, top, x, y)
        edges = (x, y, rows, columns, inside)
        places, offset = place_in_table(x, y, start, first), first * columns + start
        if constant:
            a, _, _ = _add_terms(errors, affine, edges, places, gradient, 0, 0, 0, 0)
            for channel in range(channels):
                store_tile(result[channel], place, stride, a * load_tile(gradient[channel], 0, 0))
            continue
        for channel in range(0, threes, 3):
            a, b, c = _add_terms(errors, affine, edges, places, gradient, channel, offset, columns, 3)
            store_tile(result[channel], place, stride, a)
            store_tile(result[channel + 1], place, stride, b)
            store_tile(result[channel + 2], place, stride, c)
        for channel in range(threes, channels):
            a, _, _ = _add_terms(errors, affine, edges, places, gradient, channel, offset, columns, 1)
            store_tile(result[channel], place, stride, a)


@compile_kernel(inline="always")
def _begin_errors(m, affine, i, j, left, top, x, y):
    """Return how far from its pixel of the image each place (x, y) is sent, and how that changes per column and row.

    All is relative to the pixel (left, top) of the result, from which numbers are small, and divided by its scale.
    """
    columns, rows = across(), down()
    unit = 1.0 / (m[6] * left + m[7] * top + m[8])
    if affine:
        unit = 1.0
    right, below = m[6] * unit, m[7] * unit
    by_x, by_y = x - splat(f32(left)), y - splat(f32(top))
    change = splat(f32(right)) * by_x + splat(f32(below)) * by_y
    a, b = f32(m[0] * unit - j * right), f32(m[1] * unit - j * below)
    c, d = f32(m[3] * unit - i * right), f32(m[4] * unit - i * below)
    error_x = splat(f32((m[0] * left + m[1] * top + m[2]) * unit - j)) - columns
    error_y = splat(f32((m[3] * left + m[4] * top + m[5]) * unit - i)) - rows
    error_x = error_x + (splat(a) * by_x + splat(b) * by_y) - columns * change
    error_y = error_y + (splat(c) * by_x + splat(d) * by_y) - rows * change
    inverse = divide(splat(f32(1)), splat(f32(1)) + change)
    turn_x, turn_y = splat(f32(right)), splat(f32(below))
    slopes = (
        splat(a) - columns * turn_x, splat(b) - columns * turn_y, splat(c) - rows * turn_x, splat(d) - rows * turn_y
    )  # fmt: skip
    return error_x, error_y, slopes, inverse, inverse * inverse, f32(right), f32(below)


@compile_kernel(inline="always")
def _add_terms(errors, affine, edges, places, gradient, channel, offset, columns, count):
    """Return the sums of three channels, or of one, over the 3 x 3 places; for none, that of the weights."""
    zero = splat(f32(0))
    tables = (empty_table(), empty_table(), empty_table())
    if count > 0:
        last = channel + count - 1
        tables = (
            load_table(gradient[channel], offset, columns),
            load_table(gradient[min(channel + 1, last)], offset, columns),
            load_table(gradient[last], offset, columns),
        )
    for_all = (errors, affine, edges, tables, places, count)
    a, b, c = _add_row(for_all, -1, zero, zero, zero)
    a, b, c = _add_row(for_all, 0, a, b, c)
    return _add_row(for_all, 1, a, b, c)


@compile_kernel(inline="always")
def _add_row(for_all, down, a, b, c):
    a, b, c = _add_place(for_all, -1, down, a, b, c)
    a, b, c = _add_place(for_all, 0, down, a, b, c)
    return _add_place(for_all, 1, down, a, b, c)


@compile_kernel(inline="always")
def _add_place(for_all, right, down, a, b, c):
    """Add the terms of the place that lies so many columns to the right and so many rows down."""
    errors, affine, edges, tables, places, count = for_all
    error_x, error_y, (x_by_x, x_by_y, y_by_x, y_by_y), inverse, square, turn_x, turn_y = errors
    error_x = error_x + (splat(f32(right)) * x_by_x + splat(f32(down)) * x_by_y)
    error_y = error_y + (splat(f32(right)) * y_by_x + splat(f32(down)) * y_by_y)
    if not affine:
        inverse = inverse - square * splat(f32(right) * turn_x + f32(down) * turn_y)
        error_x, error_y = error_x * inverse, error_y * inverse
    weight = _share(error_x) * _share(error_y)
    x, y, rows, columns, inside = edges
    if not inside:
        weight = within(x + splat(f32(right)), columns, within(y + splat(f32(down)), rows, weight))
    if count == 0:
        return a + weight, b, c
    place = i32(down * TABLE + right)
    a = mix_onto(a, pick_at(tables[0], places, place), weight)
    if count > 1:
        b = mix_onto(b, pick_at(tables[1], places, place), weight)
        c = mix_onto(c, pick_at(tables[2], places, place), weight)
    return a, b, c


@compile_kernel(inline="always")
def _share(error):
    """Return the weight of a pixel at a distance: 1 - |error|, at least 0."""
    zero = splat(f32(0))
    weight = splat(f32(1)) - magnitude(error)
    return where_less(zero, weight, weight, zero)
