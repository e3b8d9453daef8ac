# SPDX-License-Identifier: Apache-2.0
"""Compiled loops of the adjoints of warps of volumes: a scatter in a fixed order, and sums for the homography."""

import numpy as np

from foveal.kernels.cpu._compile import BARE, compile_kernel
from foveal.kernels.cpu._gather import divide, flatten, largest, store_indices, total, where_less
from foveal.kernels.cpu._vector import LANES, load, mix, splat, store
from foveal.kernels.cpu.geometry.transform._warp3d_rows import (
    gather_slice,
    lane,
    place_voxels,
    slices_of,
    start_row,
    taps,
)
from foveal.kernels.cpu.geometry.transform._warp_tiles import clamp, corners_of, weigh, within

f32 = np.float32
i32 = np.int32
u = np.uintp
EPS = float(np.finfo(np.float32).eps)


@compile_kernel(inline="always")
def _locate(m, row, j):
    """Return where a homography sends a voxel of a row, and what the position was divided by."""
    scale = m[12] * j + row[3]
    scale = EPS if scale == 0.0 else scale
    return (m[0] * j + row[0]) / scale, (m[4] * j + row[1]) / scale, (m[8] * j + row[2]) / scale, scale


@compile_kernel(inline="always")
def _is_past(m, row, columns, begin, end):
    """Say whether a row of the result surely reads no slice from `begin` to `end`."""
    _, _, first, scale = _locate(m, row, 0)
    _, _, last, other = _locate(m, row, columns - 1)
    # Along the row the position only rises or only falls, unless the horizon crosses it.
    return ((scale > 0) == (other > 0)) & ((max(first, last) < begin - 2) | (min(first, last) > end + 1))


@compile_kernel(**BARE)
def _scatter_row(volume, shape, begin, end, m, row, border, nearest, gradient, columns, places, values):
    """Add a padded row of the gradient to slices `begin` to `end` of a volume."""
    depth, height, width = shape
    size, count, zero, one = i32(height * width), end - begin, splat(f32(0)), splat(f32(1))
    for j in range(0, columns, LANES):
        x, y, z, _ = place_voxels(m, row, j)
        low_z, near, far = taps(z, depth, border, nearest)
        low_z = low_z - splat(f32(begin))
        column, stop = splat(f32(j)) + lane(), splat(f32(columns))
        near = where_less(column, stop, within(low_z, count, near), zero)
        far = where_less(column, stop, within(low_z + one, count, far), zero)
        if largest(near + far) == f32(0):
            continue
        low_x, lower, upper = taps(x, width, border, nearest)
        low_y, above, below = taps(y, height, border, nearest)
        corners = corners_of(low_x, low_y, width, height)
        # What has no weight goes to slices of this part, as a zero.
        front, back = slices_of(low_z, 0, count - 1)
        shares = mix(lower, above), mix(upper, above), mix(lower, below), mix(upper, below)
        for k in range(4):
            store_indices(places, k * LANES, flatten(front, corners[k], size))
            store_indices(places, (k + 4) * LANES, flatten(back, corners[k], size))
        for channel in range(volume.shape[0]):
            weight, voxels = load(gradient[channel], j), volume[channel]
            for k in range(4):
                store(values, k * LANES, mix(weight, mix(shares[k], near)))
                store(values, (k + 4) * LANES, mix(weight, mix(shares[k], far)))
            for number in range(LANES):
                for k in range(8):
                    voxels[u(begin * size) + u(places[number + k * LANES])] += values[number + k * LANES]


@compile_kernel
def scatter_to_volumes(
    start, stop, parts, shape, sizes, matrices, border, nearest, gradients, results
):  # fmt: skip
    """Compute the gradients to volumes, parts `start` to `stop` of `parts` of each volume's slices, counted through.

    Every voxel gets its terms in the order of the result's, however the slices are split: the sum is always the same.
    """
    depth, height, width = shape
    slices, rows, columns = sizes
    places, values = np.empty(8 * LANES, np.int32), np.empty(8 * LANES, f32)
    scratch = np.empty((gradients.shape[1], (columns + LANES - 1) // LANES * LANES), f32)
    for unit in range(start, stop):
        index = unit // parts
        part = unit - index * parts
        begin, end = depth * part // parts, depth * (part + 1) // parts
        m = matrices[index % matrices.shape[0]]
        volume, gradient = results[index], gradients[index]
        volume[:, begin * height * width : end * height * width] = f32(0)
        for k in range(slices):
            for i in range(rows):
                row = start_row(m, k, i)
                if not _is_past(m, row, columns, begin, end) or border:
                    _pad(gradient, (k * rows + i) * columns, columns, scratch)
                    _scatter_row(
                        volume, shape, begin, end, m, row, border, nearest, scratch, columns, places, values
                    )  # fmt: skip


@compile_kernel(inline="always")
def _pad(gradient, line, columns, scratch):
    """Copy a row to one of whole vectors, whose end is anything."""
    for channel in range(gradient.shape[0]):
        scratch[channel, :columns] = gradient[channel, line : line + columns]


@compile_kernel(inline="always")
def _changes(position, size, border):
    """Return the lower voxels of an axis, the weights of them and the next ones, and how these change by position."""
    zero, one, last = splat(f32(0)), splat(f32(1)), splat(f32(size - 1))
    if border:
        rise = where_less(position, zero, zero, where_less(last, position, zero, one))
        low, lower, upper = weigh(clamp(position, f32(size - 1)), size)
        return low, lower, upper, zero - rise, rise
    low, lower, upper = weigh(position, size)
    return low, lower, upper, zero - within(low, size, one), within(low + one, size, one)


@compile_kernel(inline="always")
def _derive_slice(voxels, along_x, along_y):
    """Return the mix of four voxels of a slice, and its derivatives by x and y."""
    a, b, c, d = voxels
    _, lower, upper, fall_x, rise_x = along_x
    _, above, below, fall_y, rise_y = along_y
    top, bottom = mix(a, lower) + mix(b, upper), mix(c, lower) + mix(d, upper)
    by_x = mix(mix(a, fall_x) + mix(b, rise_x), above) + mix(mix(c, fall_x) + mix(d, rise_x), below)
    return mix(top, above) + mix(bottom, below), by_x, mix(top, fall_y) + mix(bottom, rise_y)


@compile_kernel(**BARE)
def _add_row(volume, shape, m, row, border, gradient, columns, k, i, sums):
    """Add the gradient to a homography, from a padded row of the result's, to sixteen sums."""
    depth, height, width = shape
    zero = splat(f32(0))
    x_sum = y_sum = z_sum = scale_sum = x_by_j = y_by_j = z_by_j = scale_by_j = zero
    for j in range(0, columns, LANES):
        x, y, z, scale = place_voxels(m, row, j)
        along_x, along_y = _changes(x, width, border), _changes(y, height, border)
        low_z, near, far, fall_z, rise_z = _changes(z, depth, border)
        corners, (front, back) = corners_of(along_x[0], along_y[0], width, height), slices_of(low_z, 0, depth - 1)
        by_x = by_y = by_z = zero
        for channel in range(volume.shape[0]):
            weight = load(gradient[channel], j)
            ahead, ahead_x, ahead_y = _derive_slice(
                gather_slice(volume[channel], corners, front, height * width), along_x, along_y
            )
            behind, behind_x, behind_y = _derive_slice(
                gather_slice(volume[channel], corners, back, height * width), along_x, along_y
            )
            by_x = by_x + weight * (mix(ahead_x, near) + mix(behind_x, far))
            by_y = by_y + weight * (mix(ahead_y, near) + mix(behind_y, far))
            by_z = by_z + weight * (mix(ahead, fall_z) + mix(behind, rise_z))
        column, end = splat(f32(j)) + lane(), splat(f32(columns))
        by_x = divide(where_less(column, end, by_x, zero), scale)
        by_y = divide(where_less(column, end, by_y, zero), scale)
        by_z = divide(where_less(column, end, by_z, zero), scale)
        # Far outside a position may be infinite; nothing is multiplied by it.
        by_scale = zero - (mix(x, by_x) + mix(y, by_y) + mix(z, by_z))
        x_sum, y_sum, z_sum, scale_sum = x_sum + by_x, y_sum + by_y, z_sum + by_z, scale_sum + by_scale
        x_by_j, y_by_j, z_by_j = x_by_j + by_x * column, y_by_j + by_y * column, z_by_j + by_z * column
        scale_by_j = scale_by_j + by_scale * column
    _add_sums(sums, 0, x_by_j, x_sum, k, i)
    _add_sums(sums, 4, y_by_j, y_sum, k, i)
    _add_sums(sums, 8, z_by_j, z_sum, k, i)
    _add_sums(sums, 12, scale_by_j, scale_sum, k, i)


@compile_kernel(inline="always")
def _add_sums(sums, first, by_j, by_one, k, i):
    whole = np.float64(total(by_one))
    sums[first] += total(by_j)
    sums[first + 1] += whole * i
    sums[first + 2] += whole * k
    sums[first + 3] += whole


@compile_kernel
def warps_to_matrices3d(start, stop, volumes, shape, sizes, matrices, border, gradients, sums):
    """Compute the gradients to homographies, sixteen sums for each slice of each result, counted through."""
    slices, rows, columns = sizes
    scratch = np.empty((gradients.shape[1], (columns + LANES - 1) // LANES * LANES), f32)
    for unit in range(start, stop):
        index = unit // slices
        k = unit - index * slices
        m = matrices[index % matrices.shape[0]]
        for i in range(rows):
            _pad(gradients[index], (k * rows + i) * columns, columns, scratch)
            _add_row(volumes[index], shape, m, start_row(m, k, i), border, scratch, columns, k, i, sums[unit])
