# SPDX-License-Identifier: Apache-2.0
"""Compiled loops of the adjoints of upright crops: to the image and to the boxes."""

import numpy as np

from foveal.kernels.cpu._compile import compile_kernel
from foveal.kernels.cpu.geometry.transform._crop_tables import SCATTERED, call_ahead, clean, mix, tabulate

f32 = np.float32
u32 = np.uint32


@compile_kernel
def _visits(down, down_table, begin, end, rows, weights):
    """List what a crop adds to rows `begin` to `end` of the image: row of the crop, row of the image, and weight."""
    count = 0
    for i in range(down.shape[1]):
        for side in range(2):
            row = np.int64(down[side, i])
            if begin <= row < end and down_table[side, i] != f32(0):
                rows[0, count] = i
                rows[1, count] = row
                weights[count] = down_table[side, i]
                count += 1
    return count


@compile_kernel
def _spread(gradient, first, table, rows, weights, visits, shares, padded, result):
    """Add the rows of a crop whose columns lie beside each other."""
    count = gradient.shape[2]
    # Pixel j of the image takes the low share of column j and the high share of column j - 1.
    low, high = shares[0], shares[1]
    low[:count], low[count] = table[0], f32(0)
    high[1:], high[0] = table[1], f32(0)
    here, before = padded[1:], padded[: count + 1]
    before[0], here[count] = f32(0), f32(0)
    # Without a right neighbour in the image nothing is mixed, and its share is zero.
    span = min(count + 1, result.shape[2] - first)
    for channel in range(gradient.shape[0]):
        plane = result[channel]
        for visit in range(visits):
            source = gradient[channel, rows[0, visit]]
            for j in range(count):
                here[j] = source[j]
            weight = weights[visit]
            target = plane[rows[1, visit]][first : first + span]
            for j in range(span):
                target[j] += (here[j] * low[j] + before[j] * high[j]) * weight


@compile_kernel
def _scatter(gradient, index, table, rows, weights, visits, result):
    """Add the rows of any crop."""
    near, far, low, high = index[0], index[1], table[0], table[1]
    for channel in range(gradient.shape[0]):
        plane = result[channel]
        for visit in range(visits):
            source, weight, target = gradient[channel, rows[0, visit]], weights[visit], plane[rows[1, visit]]
            for j in range(source.shape[0]):
                value = source[j] * weight
                target[near[j]] += value * low[j]
                target[far[j]] += value * high[j]


@compile_kernel
def crops_to_image(start, stop, boxes, per_image, options, gradients, result):
    """Add the gradients of all crops to rows `start` to `stop` of all images, counted through.

    Every pixel gets its terms in the order of the crops, however the rows are split: the sum is always the same.
    """
    count, columns = gradients.shape[2:]
    height, width = result.shape[2:]
    across, across_table = np.empty((2, columns), u32), np.empty((4, columns), f32)
    down, down_table = np.empty((2, count), u32), np.empty((4, count), f32)
    rows, weights = np.empty((2, 2 * count), np.int64), np.empty(2 * count, f32)
    shares, padded = np.empty((2, columns + 1), f32), np.empty(columns + 2, f32)
    for sample in range(start // height, (stop - 1) // height + 1):
        begin, end = max(start - sample * height, 0), min(stop - sample * height, height)
        image = result[sample]
        for crop in range(sample * per_image, (sample + 1) * per_image):
            kind = tabulate(boxes[crop], width, height, options, across, across_table, down, down_table)
            visits = _visits(down, down_table, begin, end, rows, weights)
            if kind == SCATTERED:
                _scatter(gradients[crop], across, across_table, rows, weights, visits, image)
            else:
                first = np.int64(across[0, 0])
                _spread(gradients[crop], first, across_table, rows, weights, visits, shares, padded, image)


@compile_kernel(inline="always")
def _derivatives(a, b, c, d, low, high, change_low, change_high, above, below, change_above, change_below):
    """Return the derivatives of a pixel by x and y, from the four pixels around it."""
    left, right, left_below, right_below = clean(a, low), clean(b, high), clean(c, low), clean(d, high)
    by_x = mix(left * change_low + right * change_high, above)
    by_x += mix(left_below * change_low + right_below * change_high, below)
    upper = clean(left * low + right * high, above)
    lower = clean(left_below * low + right_below * high, below)
    return by_x, upper * change_above + lower * change_below


@compile_kernel
def _derive_slices(image, start, stop, gradient, first, table, down, down_table, by_x, by_y):
    """Add the derivatives by the position of each pixel to `by_x` and `by_y`, where columns lie beside each other."""
    count = gradient.shape[2]
    low, high, change_low, change_high = table[0], table[1], table[2], table[3]
    for channel in range(gradient.shape[0]):
        plane = image[channel]
        for i in range(start, stop):
            call_ahead(plane, down, i, stop, first, first + count)
            source, line_x, line_y = gradient[channel, i], by_x[i], by_y[i]
            above, below = down_table[0, i], down_table[1, i]
            change_above, change_below = down_table[2, i], down_table[3, i]
            top, bottom = plane[down[0, i]], plane[down[1, i]]
            a, b = top[first : first + count], top[first + 1 : first + 1 + count]
            c, d = bottom[first : first + count], bottom[first + 1 : first + 1 + count]
            for j in range(count):
                x, y = _derivatives(
                    a[j], b[j], c[j], d[j], low[j], high[j], change_low[j], change_high[j],
                    above, below, change_above, change_below,
                )  # fmt: skip
                line_x[j] += source[j] * x
                line_y[j] += source[j] * y


@compile_kernel
def _derive(image, start, stop, gradient, index, table, down, down_table, corners, by_x, by_y):
    """Add the derivatives by the position of each pixel to `by_x` and `by_y`, for any crop."""
    near, far = index[0], index[1]
    low, high, change_low, change_high = table[0], table[1], table[2], table[3]
    a, b, c, d = corners[0], corners[1], corners[2], corners[3]
    for channel in range(gradient.shape[0]):
        plane = image[channel]
        for i in range(start, stop):
            source, line_x, line_y = gradient[channel, i], by_x[i], by_y[i]
            above, below = down_table[0, i], down_table[1, i]
            change_above, change_below = down_table[2, i], down_table[3, i]
            top, bottom = plane[down[0, i]], plane[down[1, i]]
            # Gathered apart, the pixels leave a loop that vectorizes.
            for j in range(source.shape[0]):
                a[j], b[j], c[j], d[j] = top[near[j]], top[far[j]], bottom[near[j]], bottom[far[j]]
            for j in range(source.shape[0]):
                x, y = _derivatives(
                    a[j], b[j], c[j], d[j], low[j], high[j], change_low[j], change_high[j],
                    above, below, change_above, change_below,
                )  # fmt: skip
                line_x[j] += source[j] * x
                line_y[j] += source[j] * y


@compile_kernel
def crops_to_boxes(start, stop, images, boxes, per_image, options, gradients, fractions, moments):
    """Sum, over each row of the crops, the derivative by x times 1, u and u^2, and that by y times 1 and u.

    x and y are the positions in the image and u, in `fractions`, is the position from the left (0) to the right (1) of
    the box.
    """
    rows, columns = gradients.shape[2:]
    across, across_table = np.empty((2, columns), u32), np.empty((4, columns), f32)
    down, down_table = np.empty((2, rows), u32), np.empty((4, rows), f32)
    corners = np.empty((4, columns), f32)
    by_x, by_y = np.empty((rows, columns), f32), np.empty((rows, columns), f32)
    for crop in range(start // rows, (stop - 1) // rows + 1):
        begin, end = max(start - crop * rows, 0), min(stop - crop * rows, rows)
        image = images[min(crop // per_image, images.shape[0] - 1)]
        height, width = image.shape[1:]
        kind = tabulate(boxes[crop], width, height, options, across, across_table, down, down_table)
        first, gradient = np.int64(across[0, 0]), gradients[crop]
        by_x[begin:end] = f32(0)
        by_y[begin:end] = f32(0)
        if kind != SCATTERED and first + columns < width:
            _derive_slices(image, begin, end, gradient, first, across_table, down, down_table, by_x, by_y)
        else:
            _derive(image, begin, end, gradient, across, across_table, down, down_table, corners, by_x, by_y)
        for i in range(begin, end):
            sums, line_x, line_y = moments[crop, i], by_x[i], by_y[i]
            x0, x1, x2, y0, y1 = f32(0), f32(0), f32(0), f32(0), f32(0)
            for j in range(columns):
                u = fractions[j]
                x0 += line_x[j]
                x1 += line_x[j] * u
                x2 += line_x[j] * u * u
                y0 += line_y[j]
                y1 += line_y[j] * u
            sums[0], sums[1], sums[2], sums[3], sums[4] = x0, x1, x2, y0, y1
