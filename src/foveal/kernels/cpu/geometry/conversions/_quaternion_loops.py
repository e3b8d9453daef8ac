# SPDX-License-Identifier: Apache-2.0
"""Loops over quaternions, and their adjoints."""

import numpy as np

from foveal.kernels.cpu._compile import compile_kernel
from foveal.kernels.cpu._vector import select
from foveal.kernels.cpu.geometry.conversions._rows import ROWS, u
from foveal.kernels.cpu.geometry.conversions._trigonometry import (
    ONE,
    TWO,
    ZERO,
    angle_ratio,
    angle_ratio_slopes,
    at_least,
)

f32 = np.float32
# The least length that is divided by, as in the reference.
SHORTEST = f32(1e-12)
SHORTEST_SQUARE = f32(1e-24)


@compile_kernel(inline="always")
def divisor(square):
    """Return the length, at the least the shortest, but one for zero."""
    least = select(square > ZERO, SHORTEST, ONE)
    return select(square <= SHORTEST_SQUARE, least, np.sqrt(square))


@compile_kernel(**ROWS)
def normalized(start, stop, quaternions, result):
    """Divide by the length."""
    quaternions, result = quaternions[4 * start : 4 * stop], result[4 * start : 4 * stop]
    for i in range(u(stop - start)):
        p = u(4) * i
        w, x, y, z = quaternions[p], quaternions[p + u(1)], quaternions[p + u(2)], quaternions[p + u(3)]
        scale = ONE / divisor(w * w + x * x + y * y + z * z)
        result[p] = w * scale
        result[p + u(1)] = x * scale
        result[p + u(2)] = y * scale
        result[p + u(3)] = z * scale


@compile_kernel(**ROWS)
def normalized_adjoint(start, stop, quaternions, gradients, result):
    """What is across the unit quaternion, over the length."""
    quaternions, gradients = quaternions[4 * start : 4 * stop], gradients[4 * start : 4 * stop]
    result = result[4 * start : 4 * stop]
    for i in range(u(stop - start)):
        p = u(4) * i
        w, x, y, z = quaternions[p], quaternions[p + u(1)], quaternions[p + u(2)], quaternions[p + u(3)]
        a, b, c, d = gradients[p], gradients[p + u(1)], gradients[p + u(2)], gradients[p + u(3)]
        square = w * w + x * x + y * y + z * z
        scale = ONE / divisor(square)
        w, x, y, z = w * scale, x * scale, y * scale, z * scale
        along = select(square > SHORTEST_SQUARE, a * w + b * x + c * y + d * z, ZERO)
        result[p] = (a - along * w) * scale
        result[p + u(1)] = (b - along * x) * scale
        result[p + u(2)] = (c - along * y) * scale
        result[p + u(3)] = (d - along * z) * scale


@compile_kernel(**ROWS)
def to_matrix(start, stop, quaternions, matrices):
    """Write rotation matrices."""
    quaternions, matrices = quaternions[4 * start : 4 * stop], matrices[9 * start : 9 * stop]
    for i in range(u(stop - start)):
        p, o = u(4) * i, u(9) * i
        w, x, y, z = quaternions[p], quaternions[p + u(1)], quaternions[p + u(2)], quaternions[p + u(3)]
        scale = TWO / at_least(w * w + x * x + y * y + z * z, SHORTEST_SQUARE)
        matrices[o] = ONE - scale * (y * y + z * z)
        matrices[o + u(1)] = scale * (x * y - w * z)
        matrices[o + u(2)] = scale * (x * z + w * y)
        matrices[o + u(3)] = scale * (x * y + w * z)
        matrices[o + u(4)] = ONE - scale * (x * x + z * z)
        matrices[o + u(5)] = scale * (y * z - w * x)
        matrices[o + u(6)] = scale * (x * z - w * y)
        matrices[o + u(7)] = scale * (y * z + w * x)
        matrices[o + u(8)] = ONE - scale * (x * x + y * y)


@compile_kernel(**ROWS)
def to_matrix_adjoint(start, stop, quaternions, gradients, result):
    """The matrix is quadratic in the quaternion, but for its scale 2 / q^2, whose derivative is -scale^2 q."""
    quaternions, gradients = quaternions[4 * start : 4 * stop], gradients[9 * start : 9 * stop]
    result = result[4 * start : 4 * stop]
    for i in range(u(stop - start)):
        p, o = u(4) * i, u(9) * i
        w, x, y, z = quaternions[p], quaternions[p + u(1)], quaternions[p + u(2)], quaternions[p + u(3)]
        a, b, c = gradients[o], gradients[o + u(1)], gradients[o + u(2)]
        d, e, f = gradients[o + u(3)], gradients[o + u(4)], gradients[o + u(5)]
        g, h, k = gradients[o + u(6)], gradients[o + u(7)], gradients[o + u(8)]
        square = w * w + x * x + y * y + z * z
        scale = TWO / at_least(square, SHORTEST_SQUARE)
        by_w = x * (h - f) + y * (c - g) + z * (d - b)
        by_x = w * (h - f) + y * (b + d) + z * (c + g) - TWO * x * (e + k)
        by_y = w * (c - g) + x * (b + d) + z * (f + h) - TWO * y * (a + k)
        by_z = w * (d - b) + x * (c + g) + y * (f + h) - TWO * z * (a + e)
        # The quadratic form itself is half of what Euler's theorem sums up.
        form = (w * by_w + x * by_x + y * by_y + z * by_z) * f32(0.5)
        radial = select(square > SHORTEST_SQUARE, scale * form, ZERO)
        result[p] = scale * (by_w - radial * w)
        result[p + u(1)] = scale * (by_x - radial * x)
        result[p + u(2)] = scale * (by_y - radial * y)
        result[p + u(3)] = scale * (by_z - radial * z)


@compile_kernel(inline="always")
def axis_angle_scale(w, length):
    """Return what the vector of a quaternion is multiplied by."""
    scale = TWO * angle_ratio(length, abs(w))
    return select(w < ZERO, -scale, scale)


@compile_kernel(inline="always")
def axis_angle_pull_back(w, x, y, z, a, b, c):
    """Return the gradients of a quaternion's components from those of the axis-angle vector."""
    length = x * x + y * y + z * z
    ratio = angle_ratio(length, abs(w))
    by_length, by_w = angle_ratio_slopes(length, abs(w), ratio)
    sign = select(w < ZERO, -TWO, TWO)
    along = a * x + b * y + c * z
    radial = TWO * along * by_length
    # The sign and the magnitude of w change together: their product has the slope of positive ones.
    return (
        TWO * along * by_w,
        sign * (ratio * a + radial * x),
        sign * (ratio * b + radial * y),
        sign * (ratio * c + radial * z),
    )


@compile_kernel(**ROWS)
def to_axis_angle(start, stop, quaternions, vectors):
    """Write axis-angle vectors."""
    quaternions, vectors = quaternions[4 * start : 4 * stop], vectors[3 * start : 3 * stop]
    for i in range(u(stop - start)):
        p, o = u(4) * i, u(3) * i
        w, x, y, z = quaternions[p], quaternions[p + u(1)], quaternions[p + u(2)], quaternions[p + u(3)]
        scale = axis_angle_scale(w, x * x + y * y + z * z)
        vectors[o] = scale * x
        vectors[o + u(1)] = scale * y
        vectors[o + u(2)] = scale * z


@compile_kernel(**ROWS)
def to_axis_angle_adjoint(start, stop, quaternions, gradients, result):
    """Pull gradients of axis-angle vectors back."""
    quaternions, gradients = quaternions[4 * start : 4 * stop], gradients[3 * start : 3 * stop]
    result = result[4 * start : 4 * stop]
    for i in range(u(stop - start)):
        p, o = u(4) * i, u(3) * i
        w, x, y, z = quaternions[p], quaternions[p + u(1)], quaternions[p + u(2)], quaternions[p + u(3)]
        by_w, by_x, by_y, by_z = axis_angle_pull_back(
            w, x, y, z, gradients[o], gradients[o + u(1)], gradients[o + u(2)]
        )
        result[p] = by_w
        result[p + u(1)] = by_x
        result[p + u(2)] = by_y
        result[p + u(3)] = by_z
