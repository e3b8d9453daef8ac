# SPDX-License-Identifier: Apache-2.0
"""Compiled loops of the adjoints of warps of volumes: a scatter in a fixed order, and sums for the homography."""

import numpy as np

from foveal.kernels.cpu._compile import BARE, compile_kernel

f32 = np.float32
EPS = float(np.finfo(np.float32).eps)


@compile_kernel(inline="always")
def _start_row(m, k, i):
    """Return the numerators and the scale of the first voxel of a row of the result."""
    return (
        (m[1] * i + m[2] * k) + m[3], (m[5] * i + m[6] * k) + m[7],
        (m[9] * i + m[10] * k) + m[11], (m[13] * i + m[14] * k) + m[15],
    )  # fmt: skip


@compile_kernel(inline="always")
def _locate(m, row, j):
    """Return where a homography sends a voxel of a row, and what the position was divided by."""
    scale = m[12] * j + row[3]
    scale = EPS if scale == 0.0 else scale
    return (m[0] * j + row[0]) / scale, (m[4] * j + row[1]) / scale, (m[8] * j + row[2]) / scale, scale


@compile_kernel(inline="always")
def _taps(position, size, border, nearest):
    """Return the lower voxel that a position mixes, the weights of it and the next one, and the slope of the position.

    A voxel outside the volume has no weight, and neither has any at a position that is not a number.
    """
    slope = 1.0
    if position != position:
        return 0, 0.0, 0.0, 0.0
    if border:
        slope = 1.0 if 0.0 <= position <= size - 1.0 else 0.0
        position = min(max(position, 0.0), size - 1.0)
    if nearest:
        position = np.floor(position + 0.5)
    if not (-1.0 < position < size):
        return 0, 0.0, 0.0, 0.0
    low = np.int64(np.floor(position))
    fraction = position - low
    return low, 1.0 - fraction if low >= 0 else 0.0, fraction if low + 1 < size else 0.0, slope


@compile_kernel(inline="always")
def _is_past(m, row, columns, begin, end):
    """Say whether a row of the result surely reads no slice from `begin` to `end`."""
    _, _, first, scale = _locate(m, row, 0)
    _, _, last, other = _locate(m, row, columns - 1)
    # Along the row the position only rises or only falls, unless the horizon crosses it.
    return ((scale > 0) == (other > 0)) & ((max(first, last) < begin - 2) | (min(first, last) > end + 1))


@compile_kernel(**BARE)
def _scatter_row(volume, shape, begin, end, m, row, border, nearest, gradient, line, columns):
    """Add a row of the gradient to slices `begin` to `end` of a volume."""
    depth, height, width = shape
    size = height * width
    for j in range(columns):
        x, y, z, _ = _locate(m, row, j)
        low_z, near, far, _ = _taps(z, depth, border, nearest)
        near, far = near if begin <= low_z < end else 0.0, far if begin <= low_z + 1 < end else 0.0
        if near == 0.0 and far == 0.0:
            continue
        low_x, lower, upper, _ = _taps(x, width, border, nearest)
        low_y, above, below, _ = _taps(y, height, border, nearest)
        for step in range(8):
            weight = (far if step & 4 else near) * (below if step & 2 else above) * (upper if step & 1 else lower)
            if weight != 0.0:
                place = (low_z + (step >> 2)) * size + (low_y + (step >> 1 & 1)) * width + low_x + (step & 1)
                for channel in range(volume.shape[0]):
                    volume[channel, place] += f32(weight) * gradient[channel, line + j]


@compile_kernel
def scatter_to_volumes(
    start, stop, parts, shape, sizes, matrices, border, nearest, gradients, results
):  # fmt: skip
    """Compute the gradients to volumes, parts `start` to `stop` of `parts` of each volume's slices, counted through.

    Every voxel gets its terms in the order of the result's, however the slices are split: the sum is always the same.
    """
    depth, height, width = shape
    slices, rows, columns = sizes
    for unit in range(start, stop):
        index = unit // parts
        part = unit - index * parts
        begin, end = depth * part // parts, depth * (part + 1) // parts
        m = matrices[index % matrices.shape[0]]
        volume, gradient = results[index], gradients[index]
        volume[:, begin * height * width : end * height * width] = f32(0)
        for k in range(slices):
            for i in range(rows):
                row = _start_row(m, k, i)
                if not _is_past(m, row, columns, begin, end) or border:
                    line = (k * rows + i) * columns
                    _scatter_row(volume, shape, begin, end, m, row, border, nearest, gradient, line, columns)


@compile_kernel(inline="always")
def _change(low, size, slope):
    """Return what the weights of the lower voxel and of the next one change by where the position does."""
    return -slope if 0 <= low < size else 0.0, slope if 0 <= low + 1 < size else 0.0


@compile_kernel(**BARE)
def _add_row(volume, shape, m, row, border, gradient, line, columns, k, i, sums):
    """Add the gradient to a homography, from a row of the result, to sixteen sums."""
    depth, height, width = shape
    size = height * width
    x_sum = y_sum = z_sum = scale_sum = x_by_j = y_by_j = z_by_j = scale_by_j = 0.0
    for j in range(columns):
        x, y, z, scale = _locate(m, row, j)
        low_x, lower, upper, slope_x = _taps(x, width, border, False)
        low_y, above, below, slope_y = _taps(y, height, border, False)
        low_z, near, far, slope_z = _taps(z, depth, border, False)
        # A slope of zero besides a border: no voxel is near enough, along this axis or another.
        if not border and (slope_x == 0.0 or slope_y == 0.0 or slope_z == 0.0):
            continue
        fall_x, rise_x = _change(low_x, width, slope_x)
        fall_y, rise_y = _change(low_y, height, slope_y)
        fall_z, rise_z = _change(low_z, depth, slope_z)
        by_x = by_y = by_z = 0.0
        for step in range(8):
            column, line_of, place = low_x + (step & 1), low_y + (step >> 1 & 1), low_z + (step >> 2)
            if not (0 <= column < width and 0 <= line_of < height and 0 <= place < depth):
                continue
            at = place * size + line_of * width + column
            value = 0.0
            for channel in range(volume.shape[0]):
                value += volume[channel, at] * gradient[channel, line + j]
            across, change_x = (upper, rise_x) if step & 1 else (lower, fall_x)
            down, change_y = (below, rise_y) if step & 2 else (above, fall_y)
            behind, change_z = (far, rise_z) if step & 4 else (near, fall_z)
            by_x += value * change_x * down * behind
            by_y += value * across * change_y * behind
            by_z += value * across * down * change_z
        by_x, by_y, by_z = by_x / scale, by_y / scale, by_z / scale
        by_scale = -(x * by_x + y * by_y + z * by_z)
        x_sum, y_sum, z_sum, scale_sum = x_sum + by_x, y_sum + by_y, z_sum + by_z, scale_sum + by_scale
        x_by_j, y_by_j, z_by_j = x_by_j + by_x * j, y_by_j + by_y * j, z_by_j + by_z * j
        scale_by_j += by_scale * j
    _add_sums(sums, 0, x_by_j, x_sum, k, i)
    _add_sums(sums, 4, y_by_j, y_sum, k, i)
    _add_sums(sums, 8, z_by_j, z_sum, k, i)
    _add_sums(sums, 12, scale_by_j, scale_sum, k, i)


@compile_kernel(inline="always")
def _add_sums(sums, first, by_j, whole, k, i):
    sums[first] += by_j
    sums[first + 1] += whole * i
    sums[first + 2] += whole * k
    sums[first + 3] += whole


@compile_kernel
def warps_to_matrices3d(start, stop, volumes, shape, sizes, matrices, border, gradients, sums):
    """Compute the gradients to homographies, sixteen sums for each slice of each result, counted through."""
    slices, rows, columns = sizes
    for unit in range(start, stop):
        index = unit // slices
        k = unit - index * slices
        m = matrices[index % matrices.shape[0]]
        for i in range(rows):
            _add_row(
                volumes[index], shape, m, _start_row(m, k, i), border, gradients[index], (k * rows + i) * columns,
                columns, k, i, sums[unit],
            )  # fmt: skip
