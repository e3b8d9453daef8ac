# SPDX-License-Identifier: Apache-2.0
"""Compiled loops that solve for homographies from four points, and their adjoint.

In float64, and without contraction: points on a line have areas of zero, exactly, as in the reference.
"""

from typing import Any

import numpy as np

from foveal.kernels.cpu._compile import BARE, compile_kernel
from foveal.kernels.cpu.geometry.conversions._rows import u

f32 = np.float32
f64 = np.float64

EXACT: dict[str, Any] = {**BARE, "fastmath": {"nsz"}}


@compile_kernel(inline="always", **EXACT)
def _corner(points, row, corner):
    k = u(8) * row + u(2) * u(corner)
    return f64(points[k]), f64(points[k + u(1)])


@compile_kernel(inline="always", **EXACT)
def _shifted(points, row, corner):
    x, y = _corner(points, row, 0)
    a, b = _corner(points, row, corner)
    return a - x, b - y


@compile_kernel(inline="always", **EXACT)
def _solve(p1, p2, p3, q1, q2, q3):
    """Return the areas, the two equations, their determinant, 0 where the map is affine, and the six unknowns."""
    n1, n2, n3 = p2[0] * p3[1] - p2[1] * p3[0], p3[0] * p1[1] - p3[1] * p1[0], p1[0] * p2[1] - p1[1] * p2[0]
    outer = (p2[0] - p1[0]) * (p3[1] - p1[1]) - (p2[1] - p1[1]) * (p3[0] - p1[0])
    u1, u2, u3 = n1 * q1[0], n2 * q2[0], n3 * q3[0]
    v1, v2, v3 = n1 * q1[1], n2 * q2[1], n3 * q3[1]
    ax, ay = u1 * p1[0] + u2 * p2[0] + u3 * p3[0], u1 * p1[1] + u2 * p2[1] + u3 * p3[1]
    bx, by = v1 * p1[0] + v2 * p2[0] + v3 * p3[0], v1 * p1[1] + v2 * p2[1] + v3 * p3[1]
    right_u, right_v = u1 + u2 + u3, v1 + v2 + v3
    determinant = ax * by - ay * bx
    lost = (n1 == 0.0) | (n2 == 0.0) | (n3 == 0.0) | (outer == 0.0)
    flat = (determinant == 0.0) & (right_u == 0.0) & (right_v == 0.0)
    # 1 / 0 - 1 / 0 is NaN, which all entries inherit.
    inverse = 1.0 / (0.0 if lost else determinant)
    inverse = inverse - inverse + inverse
    inverse = 0.0 if (flat & (not lost)) else inverse
    g, h = (ay * right_v - by * right_u) * inverse, (bx * right_u - ax * right_v) * inverse
    w1, w3 = 1.0 + g * p1[0] + h * p1[1], 1.0 + g * p3[0] + h * p3[1]
    area = -1.0 / n2
    a, b = (q1[0] * w1 * p3[1] - q3[0] * w3 * p1[1]) * area, (q3[0] * w3 * p1[0] - q1[0] * w1 * p3[0]) * area
    c, d = (q1[1] * w1 * p3[1] - q3[1] * w3 * p1[1]) * area, (q3[1] * w3 * p1[0] - q1[1] * w1 * p3[0]) * area
    return (n1, n2, n3), (ax, ay, bx, by, inverse), (a, b, c, d, g, h)


@compile_kernel(**EXACT)
def solve_four_points(start, stop, source, destination, result):
    """Write the homography of rows `start` to `stop`."""
    for row in range(u(start), u(stop)):
        x, y = _corner(source, row, 0)
        moved_x, moved_y = _corner(destination, row, 0)
        _, _, (a, b, c, d, g, h) = _solve(
            _shifted(source, row, 1), _shifted(source, row, 2), _shifted(source, row, 3),
            _shifted(destination, row, 1), _shifted(destination, row, 2), _shifted(destination, row, 3),
        )  # fmt: skip
        a, b, c, d = a + moved_x * g, b + moved_x * h, c + moved_y * g, d + moved_y * h
        scale = 1.0 / (1.0 - g * x - h * y)
        k = u(9) * row
        result[k], result[k + u(1)] = f32(a * scale), f32(b * scale)
        result[k + u(2)] = f32((moved_x - a * x - b * y) * scale)
        result[k + u(3)], result[k + u(4)] = f32(c * scale), f32(d * scale)
        result[k + u(5)] = f32((moved_y - c * x - d * y) * scale)
        result[k + u(6)], result[k + u(7)] = f32(g * scale), f32(h * scale)
        result[k + u(8)] = f32((1.0 - g * x - h * y) * scale)


@compile_kernel(inline="always", **EXACT)
def _write(result, row, corner, pair):
    k = u(8) * row + u(2) * u(corner)
    result[k], result[k + u(1)] = f32(pair[0]), f32(pair[1])


@compile_kernel(inline="always", **EXACT)
def _to_corner(multiplier, p, q, unknowns):
    """Return the gradients to a source and a destination point, from the multipliers of their two equations."""
    a, b, c, d, g, h = unknowns
    first, second = multiplier
    scale = 1.0 + g * p[0] + h * p[1]
    to_x = -(first * (a - q[0] * g) + second * (c - q[1] * g))
    to_y = -(first * (b - q[0] * h) + second * (d - q[1] * h))
    return (to_x, to_y), (first * scale, second * scale)


@compile_kernel(**EXACT)
def pull_back_four_points(start, stop, source, destination, gradient, to_source, to_destination):
    """Write the gradients to both points: the transposed equations are solved as the equations are."""
    for row in range(u(start), u(stop)):
        x, y = _corner(source, row, 0)
        moved_x, moved_y = _corner(destination, row, 0)
        p1, p2, p3 = _shifted(source, row, 1), _shifted(source, row, 2), _shifted(source, row, 3)
        q1, q2, q3 = _shifted(destination, row, 1), _shifted(destination, row, 2), _shifted(destination, row, 3)
        (n1, n2, n3), (ax, ay, bx, by, inverse), unknowns = _solve(p1, p2, p3, q1, q2, q3)
        a, b, c, d, g, h = unknowns
        m00, m01, m10, m11 = a + moved_x * g, b + moved_x * h, c + moved_y * g, d + moved_y * h
        scale = 1.0 / (1.0 - g * x - h * y)
        m02, m12 = moved_x - m00 * x - m01 * y, moved_y - m10 * x - m11 * y
        k = u(9) * row
        g00, g01, g02 = f64(gradient[k]) * scale, f64(gradient[k + u(1)]) * scale, f64(gradient[k + u(2)]) * scale
        g10, g11, g12 = (
            f64(gradient[k + u(3)]) * scale, f64(gradient[k + u(4)]) * scale, f64(gradient[k + u(5)]) * scale
        )  # fmt: skip
        g20, g21 = f64(gradient[k + u(6)]) * scale, f64(gradient[k + u(7)]) * scale
        # The last entry is 1 by the division.
        g22 = -(g00 * m00 + g01 * m01 + g02 * m02 + g10 * m10 + g11 * m11 + g12 * m12 + g20 * g + g21 * h) * scale
        to_x, to_y = -(g02 * m00 + g12 * m10 + g22 * g), -(g02 * m01 + g12 * m11 + g22 * h)
        g00, g01, g10, g11 = g00 - x * g02, g01 - y * g02, g10 - x * g12, g11 - y * g12
        to_g = g20 - x * g22 + moved_x * g00 + moved_y * g10
        to_h = g21 - y * g22 + moved_x * g01 + moved_y * g11
        to_moved_x, to_moved_y = g00 * g + g01 * h + g02, g10 * g + g11 * h + g12
        # Multipliers of the equations of the first and the third point, to which multiples of the areas are added.
        area = -1.0 / n2
        first1, first3 = (g00 * p3[1] - g01 * p3[0]) * area, (p1[0] * g01 - p1[1] * g00) * area
        second1, second3 = (g10 * p3[1] - g11 * p3[0]) * area, (p1[0] * g11 - p1[1] * g10) * area
        along, across = first1 * q1[0] + second1 * q1[1], first3 * q3[0] + second3 * q3[1]
        rest_x = -to_g - along * p1[0] - across * p3[0]
        rest_y = -to_h - along * p1[1] - across * p3[1]
        s, t = (rest_x * by - rest_y * bx) * inverse, (ax * rest_y - ay * rest_x) * inverse
        to_p1, to_q1 = _to_corner((first1 + s * n1, second1 + t * n1), p1, q1, unknowns)
        to_p2, to_q2 = _to_corner((s * n2, t * n2), p2, q2, unknowns)
        to_p3, to_q3 = _to_corner((first3 + s * n3, second3 + t * n3), p3, q3, unknowns)
        _write(to_source, row, 0, (to_x - to_p1[0] - to_p2[0] - to_p3[0], to_y - to_p1[1] - to_p2[1] - to_p3[1]))
        _write(to_source, row, 1, to_p1)
        _write(to_source, row, 2, to_p2)
        _write(to_source, row, 3, to_p3)
        rest = (to_moved_x - to_q1[0] - to_q2[0] - to_q3[0], to_moved_y - to_q1[1] - to_q2[1] - to_q3[1])
        _write(to_destination, row, 0, rest)
        _write(to_destination, row, 1, to_q1)
        _write(to_destination, row, 2, to_q2)
        _write(to_destination, row, 3, to_q3)
