# SPDX-License-Identifier: Apache-2.0
"""The loops over strips of rows that make the soft-argmax of windows and its adjoint; maps are volumes of one plane."""

import numpy as np

from foveal.kernels.cpu._compile import compile_kernel
from foveal.kernels.cpu.geometry.subpix._window_softmax import (
    KINDS,
    VALUE,
    X,
    Y,
    Z,
    join_planes,
    load_plane,
    take_means,
)
from foveal.kernels.cpu.geometry.subpix._window_softmax_adjoint import MARGIN, pull_means, pull_plane, pull_planes

f32 = np.float32


@compile_kernel
def windows(start, stop, volumes, size, stride, padding, rows, sharpness, steps, origins, points, value):
    depth, width = volumes.shape[1], volumes.shape[3]
    _, axes, out_depth, out_height, out_width = points.shape
    with_value = value.shape[0] > 0
    strips, length, columns = _layout(rows, out_height, out_width, width, size, stride, padding)
    scores, common, weight, wide, thin, sums, joint, evens, shifts = _scratch(1, length, columns, rows, size, stride)
    base_x = np.empty(out_width, f32)
    for j in range(out_width):
        base_x[j] = f32(j * stride[2] - padding[2]) * steps[2] + origins[2]

    for index in range(start, stop):
        image, top = index // strips, index % strips * rows
        ready = 0
        for out_plane in range(out_depth):
            low = out_plane * stride[0] - padding[0]
            high = min(low + size[0], depth)
            for d in range(max(low, ready), high):
                evens[d % size[0]], shifts[d % size[0]] = load_plane(
                    volumes[image, d], top * stride[1] - padding[1], size, stride, padding[2], columns, sharpness,
                    with_value, scores[0], common[0], weight, wide[0], thin[0], sums[d % size[0]],
                )  # fmt: skip
            ready = max(ready, high)
            means, _ = join_planes(sums, low, high, evens, shifts, sharpness, with_value, weight, joint)
            take_means(axes, with_value, means)
            for row in range(min(rows, out_height - top)):
                at, i = row * columns, top + row
                y, z = f32(i * stride[1] - padding[1]), f32(low)
                _write(means[X, at : at + out_width], steps[2], base_x, points[image, axes - 2, out_plane, i])
                _shift(means[Y, at : at + out_width], y, steps[1], origins[1], points[image, axes - 1, out_plane, i])
                if axes == 3:
                    _shift(means[Z, at : at + out_width], z, steps[0], origins[0], points[image, 0, out_plane, i])
                if with_value:
                    value[image, out_plane, i] = means[VALUE, at : at + out_width]


@compile_kernel
def _layout(rows, out_height, out_width, width, size, stride, padding):
    """Return strips per image, length of a strip, and columns of its sums, for strips of `rows` rows of windows."""
    pitch = width + 2 * padding[2]
    length = ((rows - 1) * stride[1] + size[1]) * pitch
    return (out_height + rows - 1) // rows, length, pitch if stride[2] == 1 else out_width


@compile_kernel
def _scratch(strips, length, columns, rows, size, stride):
    """Return the arrays of `load_plane` and `join_planes`, with room for some strips at a time."""
    loaded = (rows - 1) * stride[1] + size[1]
    scores = np.full((strips, length + size[2]), f32(-np.inf), f32)
    return (
        scores, np.empty_like(scores), np.empty(length + size[2], f32), np.empty((strips, VALUE + 1, length), f32),
        np.empty((strips, VALUE + 1, loaded * columns if stride[2] > 1 else 0), f32),
        np.zeros((size[0], KINDS, rows * columns), f32), np.empty((KINDS, rows * columns), f32),
        np.empty(size[0], np.bool_), np.empty(size[0], f32),
    )  # fmt: skip


@compile_kernel
def _write(mean, step, base, result):
    for j in range(result.shape[0]):
        result[j] = mean[j] * step + base[j]


@compile_kernel
def _shift(mean, first, step, origin, result):
    for j in range(result.shape[0]):
        result[j] = (mean[j] + first) * step + origin


@compile_kernel
def windows_adjoint(
    start, stop, volumes, size, stride, padding, rows, sharpness, steps, temperature, point_gradients,
    value_gradients, result,
):  # fmt: skip
    _, depth, height, width = volumes.shape
    _, axes, out_depth, out_height, out_width = point_gradients.shape
    with_value = value_gradients.shape[0] > 0
    # A strip is `rows` rows of pixels here, with all windows that they are part of.
    out_rows = (rows + size[1] - 2) // stride[1] + 1
    _, length, columns = _layout(out_rows, out_height, out_width, width, size, stride, padding)
    strips, pitch = (height + rows - 1) // rows, width + 2 * padding[2]
    scores, common, weight, wide, thin, sums, joint, evens, shifts = _scratch(
        size[0], length, columns, out_rows, size, stride
    )
    plane_factors = np.zeros((size[0], KINDS, out_rows * columns), f32)
    factors = plane_factors[0] if size[0] == 1 else np.zeros((KINDS, out_rows * columns), f32)
    thin_factors = np.zeros((VALUE + 1, thin.shape[2]), f32)
    row_factors = np.zeros((VALUE + 1, length + 2 * MARGIN), f32)
    gradient = np.empty(length + size[2] + MARGIN, f32)
    inside = gradient[padding[2] : padding[2] + length].reshape(-1, pitch)
    held = np.empty(size[0], np.int64)

    for index in range(start, stop):
        image, begin = index // strips, index % strips * rows
        end = min(begin + rows, height)
        top = max(0, -((size[1] - 1 - begin - padding[1]) // stride[1]))
        count = min(out_height, (end - 1 + padding[1]) // stride[1] + 1) - top
        if count <= 0:
            continue
        first, ready = top * stride[1] - padding[1], 0
        held[:] = -1
        # One step more than there are planes of windows: it lets go of the last planes.
        for out_plane in range(out_depth + 1):
            low = out_plane * stride[0] - padding[0] if out_plane < out_depth else depth
            high = min(low + size[0], depth)
            for slot in range(size[0]):
                if 0 <= held[slot] < low:
                    pull_plane(
                        plane_factors[slot], size, stride, pitch, columns, evens[slot], sharpness, with_value,
                        scores[slot], common[slot], weight, wide[slot], thin[slot], sums[slot], thin_factors,
                        row_factors, gradient,
                    )  # fmt: skip
                    for i in range(max(begin, first), min(end, first + inside.shape[0])):
                        for j in range(width):
                            result[image, held[slot], i, j] = inside[i - first, j]
                    held[slot] = -1
            for d in range(max(low, ready), high):
                slot = d % size[0]
                evens[slot], shifts[slot] = load_plane(
                    volumes[image, d], first, size, stride, padding[2], columns, sharpness, with_value, scores[slot],
                    common[slot], weight, wide[slot], thin[slot], sums[slot],
                )  # fmt: skip
                plane_factors[slot] = f32(0)
                held[slot] = d
            ready = max(ready, high)
            if out_plane == out_depth:
                break
            means, even = join_planes(sums, low, high, evens, shifts, sharpness, with_value, weight, joint)
            take_means(axes, with_value, means)
            for row in range(out_rows):
                here = slice(row * columns, row * columns + out_width)
                i = top + row
                if row >= count:
                    factors[X:, here] = f32(0)
                    continue
                _scaled(point_gradients[image, axes - 2, out_plane, i], steps[2], factors[X, here])
                _scaled(point_gradients[image, axes - 1, out_plane, i], steps[1], factors[Y, here])
                if axes == 3:
                    _scaled(point_gradients[image, 0, out_plane, i], steps[0], factors[Z, here])
                if with_value:
                    factors[VALUE, here] = value_gradients[image, out_plane, i]
            pull_means(means, count, columns, out_width, axes, with_value, temperature, factors)
            if size[0] > 1:
                pull_planes(factors, low, high, even, shifts, sums, means, sharpness, with_value, weight, plane_factors)


@compile_kernel
def _scaled(gradient, step, result):
    for j in range(result.shape[0]):
        result[j] = gradient[j] * step
