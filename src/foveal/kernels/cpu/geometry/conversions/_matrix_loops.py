# SPDX-License-Identifier: Apache-2.0
"""Loops over rotation matrices, and their adjoints."""

import numpy as np

from foveal.kernels.cpu._compile import compile_kernel
from foveal.kernels.cpu._vector import select
from foveal.kernels.cpu.geometry.conversions._quaternion_loops import axis_angle_pull_back, axis_angle_scale
from foveal.kernels.cpu.geometry.conversions._rows import ROWS, u
from foveal.kernels.cpu.geometry.conversions._trigonometry import ONE, ZERO

f32 = np.float32
HALF = f32(0.5)


@compile_kernel(inline="always")
def choose(case, first, second, third, fourth):
    """Return the value of a case, 0 to 3."""
    return select(case == 0, first, select(case == 1, second, select(case == 2, third, fourth)))


@compile_kernel(inline="always")
def largest(a, e, i):
    """Return which component is divided by: w for a positive trace, else that of the largest diagonal entry."""
    by_y = 2 if e >= i else 3
    by_x = 1 if (a >= e) & (a >= i) else by_y
    return 0 if a + e + i > ZERO else by_x


@compile_kernel(inline="always")
def quaternion_of(a, b, c, d, e, f, g, h, i):
    """Return the case, the scale of its column of 4 q q^T, and the quaternion."""
    case = largest(a, e, i)
    wx, wy, wz, xy, xz, yz = h - f, c - g, d - b, b + d, c + g, f + h
    pivot = choose(case, ONE + a + e + i, ONE + a - e - i, ONE - a + e - i, ONE - a - e + i)
    root = np.sqrt(pivot)
    scale = HALF / root
    own = HALF * root
    w = choose(case, own, wx * scale, wy * scale, wz * scale)
    x = choose(case, wx * scale, own, xy * scale, xz * scale)
    y = choose(case, wy * scale, xy * scale, own, yz * scale)
    z = choose(case, wz * scale, xz * scale, yz * scale, own)
    return case, scale, w, x, y, z


@compile_kernel(**ROWS)
def matrix_to_quaternion(start, stop, matrices, result):
    """Write quaternions."""
    matrices, result = matrices[9 * start : 9 * stop], result[4 * start : 4 * stop]
    for row in range(u(stop - start)):
        p, o = u(9) * row, u(4) * row
        _, _, w, x, y, z = quaternion_of(
            matrices[p], matrices[p + u(1)], matrices[p + u(2)], matrices[p + u(3)], matrices[p + u(4)],
            matrices[p + u(5)], matrices[p + u(6)], matrices[p + u(7)], matrices[p + u(8)],
        )  # fmt: skip
        result[o] = w
        result[o + u(1)] = x
        result[o + u(2)] = y
        result[o + u(3)] = z


@compile_kernel(**ROWS)
def matrix_to_axis_angle(start, stop, matrices, result):
    """Write axis-angle vectors."""
    matrices, result = matrices[9 * start : 9 * stop], result[3 * start : 3 * stop]
    for row in range(u(stop - start)):
        p, o = u(9) * row, u(3) * row
        _, _, w, x, y, z = quaternion_of(
            matrices[p], matrices[p + u(1)], matrices[p + u(2)], matrices[p + u(3)], matrices[p + u(4)],
            matrices[p + u(5)], matrices[p + u(6)], matrices[p + u(7)], matrices[p + u(8)],
        )  # fmt: skip
        scale = axis_angle_scale(w, x * x + y * y + z * z)
        result[o] = scale * x
        result[o + u(1)] = scale * y
        result[o + u(2)] = scale * z


@compile_kernel(inline="always")
def matrix_pull_back(case, scale, w, x, y, z, gw, gx, gy, gz):
    """Return the gradients of the matrix's entries from those of its quaternion.

    The quaternion is column / (2 sqrt(pivot)): the pivot, besides being a component of the column, has the slope
    -q / (2 pivot).
    """
    gw, gx, gy, gz = gw * scale, gx * scale, gy * scale, gz * scale
    own = choose(case, gw, gx, gy, gz)
    component = choose(case, w, x, y, z)
    # sqrt(pivot) is twice the component.
    pivot = own - HALF * (gw * w + gx * x + gy * y + gz * z) / component
    ww, xx = choose(case, pivot, ZERO, ZERO, ZERO), choose(case, ZERO, pivot, ZERO, ZERO)
    yy, zz = choose(case, ZERO, ZERO, pivot, ZERO), choose(case, ZERO, ZERO, ZERO, pivot)
    wx, wy, wz = choose(case, gx, gw, ZERO, ZERO), choose(case, gy, ZERO, gw, ZERO), choose(case, gz, ZERO, ZERO, gw)
    xy, xz, yz = choose(case, ZERO, gy, gx, ZERO), choose(case, ZERO, gz, ZERO, gx), choose(case, ZERO, ZERO, gz, gy)
    return (
        ww + xx - yy - zz, xy - wz, xz + wy,
        xy + wz, ww - xx + yy - zz, yz - wx,
        xz - wy, yz + wx, ww - xx - yy + zz,
    )  # fmt: skip


@compile_kernel(inline="always")
def write_row(result, p, a, b, c, d, e, f, g, h, i):
    """Write a matrix."""
    result[p] = a
    result[p + u(1)] = b
    result[p + u(2)] = c
    result[p + u(3)] = d
    result[p + u(4)] = e
    result[p + u(5)] = f
    result[p + u(6)] = g
    result[p + u(7)] = h
    result[p + u(8)] = i


@compile_kernel(**ROWS)
def matrix_to_quaternion_adjoint(start, stop, matrices, gradients, result):
    """Pull gradients of quaternions back."""
    matrices, gradients = matrices[9 * start : 9 * stop], gradients[4 * start : 4 * stop]
    result = result[9 * start : 9 * stop]
    for row in range(u(stop - start)):
        p, o = u(9) * row, u(4) * row
        case, scale, w, x, y, z = quaternion_of(
            matrices[p], matrices[p + u(1)], matrices[p + u(2)], matrices[p + u(3)], matrices[p + u(4)],
            matrices[p + u(5)], matrices[p + u(6)], matrices[p + u(7)], matrices[p + u(8)],
        )  # fmt: skip
        a, b, c, d, e, f, g, h, i = matrix_pull_back(
            case, scale, w, x, y, z, gradients[o], gradients[o + u(1)], gradients[o + u(2)], gradients[o + u(3)]
        )
        write_row(result, p, a, b, c, d, e, f, g, h, i)


@compile_kernel(**ROWS)
def matrix_to_axis_angle_adjoint(start, stop, matrices, gradients, result):
    """Pull gradients of axis-angle vectors back, by way of the quaternion."""
    matrices, gradients = matrices[9 * start : 9 * stop], gradients[3 * start : 3 * stop]
    result = result[9 * start : 9 * stop]
    for row in range(u(stop - start)):
        p, o = u(9) * row, u(3) * row
        case, scale, w, x, y, z = quaternion_of(
            matrices[p], matrices[p + u(1)], matrices[p + u(2)], matrices[p + u(3)], matrices[p + u(4)],
            matrices[p + u(5)], matrices[p + u(6)], matrices[p + u(7)], matrices[p + u(8)],
        )  # fmt: skip
        gw, gx, gy, gz = axis_angle_pull_back(w, x, y, z, gradients[o], gradients[o + u(1)], gradients[o + u(2)])
        a, b, c, d, e, f, g, h, i = matrix_pull_back(case, scale, w, x, y, z, gw, gx, gy, gz)
        write_row(result, p, a, b, c, d, e, f, g, h, i)
