# SPDX-License-Identifier: Apache-2.0
"""The adjoint of sums over small windows: the same strips of the gradient, between zeros, by the turned window.

What this gives to the pixels of the border, a frame as wide as the radius around the image, is added to those that the
forward pass read instead: a vector more at either end of a row, and a few rows more of each plane.
"""

import numpy as np

from foveal.kernels.cpu._compile import BARE, compile_kernel
from foveal.kernels.cpu.filters._box import add_up
from foveal.kernels.cpu.filters._strips import FOUR, ONE, address, fold, strip

f32 = np.float32


@compile_kernel(**BARE)
def _strip_and_ends(
    flat, base, row_step, rows, y, columns, outside, weights, result, place, edges, all_sources, targets, side, few,
    some, many, frames, ends, end_sources, end_targets, folded, count,
):  # fmt: skip
    """Write rows of the result, and add to them what their frames get on the left and right.

    Before the pixels of `frames` there are zeros, as many as two radii. `folded` are the pixels that the border shows.
    """
    width, radius = outside.shape[0], len(side) // 2
    folds = folded[0] >= 0
    if folds:
        for i in range(len(count) + len(side) - 1):
            for k in range(radius):
                if rows[y + i] >= 0:
                    begin = base + rows[y + i] * row_step
                    frames[0, i, 2 * radius + k] = flat[begin + k]
                    frames[1, i, k] = flat[begin + width - radius + k]
                else:
                    frames[0, i, 2 * radius + k] = f32(0)
                    frames[1, i, k] = f32(0)
    strip(
        flat, base, row_step, rows, y, columns, outside, weights, result, place, edges, all_sources, targets, side, few,
        some, many, count,
    )  # fmt: skip
    if folds:
        for end in range(2):
            for i in range(len(count)):
                end_targets[i] = address(ends[end, i], 0)
            fold(frames[0, 0], end_sources[end], ends[0, 0], end_targets, weights, 0, 1, few, side, count)
        for i in range(len(count)):
            row = result[place + i * width : place + (i + 1) * width]
            for k in range(radius):
                row[folded[k]] += ends[0, i, k]
                row[folded[radius + width + k]] += ends[1, i, k]


@compile_kernel(**BARE)
def spread_windows(
    start, stop, flat, plane_step, row_step, result, rows, columns, folded_rows, folded_columns, outside, weights,
    edges, all_sources, targets, side, few, some, many, frames, ends, end_sources, end_targets, spare,
):  # fmt: skip
    """Fill rows start to stop of the gradient to the images, counted through all planes.

    `rows` is of the image with two radii of nothing around it, `columns` with one, and the folded ones of what the
    forward pass saw.
    """
    radius = len(side) // 2
    height, width = rows.shape[0] - 4 * radius, outside.shape[0]
    for end in range(2):
        for i in range(len(FOUR) + len(side) - 1):
            end_sources[end, i] = address(frames[end, i], 0)
    while start < stop:
        plane = start // height
        first = start - plane * height
        last = min(height, first + stop - start)
        start += last - first
        base, taps = plane * plane_step, weights[min(plane, weights.shape[0] - 1)]
        y = first
        while y < last:
            if last - first >= len(FOUR):
                # Some rows a second time.
                y = min(y, last - len(FOUR))
                _strip_and_ends(
                    flat, base, row_step, rows, y + radius, columns, outside, taps, result,
                    (plane * height + y) * width, edges, all_sources, targets, side, few, some, many, frames, ends,
                    end_sources, end_targets, folded_columns, FOUR,
                )  # fmt: skip
                y += len(FOUR)
            else:
                _strip_and_ends(
                    flat, base, row_step, rows, y + radius, columns, outside, taps, result,
                    (plane * height + y) * width, edges, all_sources, targets, side, few, some, many, frames, ends,
                    end_sources, end_targets, folded_columns, ONE,
                )  # fmt: skip
                y += 1
        for number in range(2 * radius):
            around = number if number < radius else height + number
            y = folded_rows[around]
            if first <= y < last:
                _strip_and_ends(
                    flat, base, row_step, rows, around, columns, outside, taps, spare, 0, edges, all_sources, targets,
                    side, few, some, many, frames, ends, end_sources, end_targets, folded_columns, ONE,
                )  # fmt: skip
                place = (plane * height + y) * width
                row = result[place : place + width]
                add_up(row, spare, row)
