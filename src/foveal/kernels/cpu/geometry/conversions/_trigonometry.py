# SPDX-License-Identifier: Apache-2.0
"""Float32 functions of angles that vectorize, to a few units of rounding.

Their callers must not be compiled with reassociation, which would undo the reduction of angles.
"""

import math

import numpy as np

from foveal.kernels.cpu._compile import compile_kernel
from foveal.kernels.cpu._vector import select

f32 = np.float32
PI, HALF_PI = f32(np.pi), f32(np.pi / 2)
INVERSE_PI = f32(1 / np.pi)
# Pi in two parts: multiples of the first are exact.
COARSE, FINE = f32(3.140625), f32(np.pi - 3.140625)
ZERO, HALF, ONE, TWO = f32(0), f32(0.5), f32(1), f32(2)
TINY = f32(1e-37)

S = tuple(f32((-1) ** k / math.factorial(2 * k + 1)) for k in range(7))
C = tuple(f32((-1) ** k / math.factorial(2 * k)) for k in range(8))
C3 = tuple(f32((-1) ** k / math.factorial(2 * k + 3)) for k in range(5))
C4 = tuple(f32((-1) ** k / math.factorial(2 * k + 4)) for k in range(5))
# Chebyshev's fit of atan(t) / t in t^2 on [0, 1]: 4e-10 off, its derivative 1e-7.
A0, A1, A2, A3, A4, A5, A6, A7, A8, A9, A10 = (
    f32(value)
    for value in (
        1.0, -0.333333237, 0.199995959, -0.142790484, 0.110537848, -0.0879611756,
        0.0671011399, -0.0442736684, 0.022203455, -0.00716616495, 0.00108449276,
    )
)  # fmt: skip


@compile_kernel(inline="always")
def at_least(value, floor):
    """Return the larger of two, NaN where `value` is."""
    return select(value < floor, floor, value)


@compile_kernel(inline="always")
def reduced_sine_cosine(angle):
    """Return sine and cosine of an angle less the nearest multiple of pi, and that multiple."""
    turns = np.floor(angle * INVERSE_PI + HALF)
    rest = (angle - turns * COARSE) - turns * FINE
    q = rest * rest
    sine = rest * (S[0] + q * (S[1] + q * (S[2] + q * (S[3] + q * (S[4] + q * (S[5] + q * S[6]))))))
    cosine = C[0] + q * (C[1] + q * (C[2] + q * (C[3] + q * (C[4] + q * (C[5] + q * (C[6] + q * C[7]))))))
    return sine, cosine, turns


@compile_kernel(inline="always")
def sine_cosine(angle):
    """Return sine and cosine."""
    sine, cosine, turns = reduced_sine_cosine(angle)
    sign = ONE - TWO * (turns - TWO * np.floor(turns * HALF))
    return sine * sign, cosine * sign


@compile_kernel(inline="always")
def stumpff(square):
    """Return Stumpff's functions of orders 1 to 4 of a squared angle."""
    small = square < ONE
    x = select(small, square, ZERO)
    third = C3[0] + x * (C3[1] + x * (C3[2] + x * (C3[3] + x * C3[4])))
    fourth = C4[0] + x * (C4[1] + x * (C4[2] + x * (C4[3] + x * C4[4])))
    y = select(small, ONE, square)
    half = HALF * np.sqrt(y)
    sine, cosine, _ = reduced_sine_cosine(half)
    ratio = sine / half
    # The sign that the multiple of pi leaves out cancels in both products.
    first = select(small, ONE - x * third, ratio * cosine)
    second = select(small, HALF - x * fourth, HALF * ratio * ratio)
    return first, second, select(small, third, (ONE - first) / y), select(small, fourth, (HALF - second) / y)


@compile_kernel(inline="always")
def arctangent_series(square):
    """Return atan(t) / t of t^2 in [0, 1]."""
    tail = A6 + square * (A7 + square * (A8 + square * (A9 + square * A10)))
    return A0 + square * (A1 + square * (A2 + square * (A3 + square * (A4 + square * (A5 + square * tail)))))


@compile_kernel(inline="always")
def arctangent_slope(square):
    """Return the derivative of `arctangent_series`."""
    tail = f32(6) * A6 + square * (
        f32(7) * A7 + square * (f32(8) * A8 + square * (f32(9) * A9 + square * f32(10) * A10))
    )
    return A1 + square * (
        TWO * A2 + square * (f32(3) * A3 + square * (f32(4) * A4 + square * (f32(5) * A5 + square * tail)))
    )


@compile_kernel(inline="always")
def arctangent(y, x):
    """Return the angle of (x, y), zero at the origin."""
    rise, run = abs(y), abs(x)
    steep = rise > run
    ratio = select(steep, run, rise) / at_least(select(steep, rise, run), TINY)
    angle = ratio * arctangent_series(ratio * ratio)
    angle = select(steep, HALF_PI - angle, angle)
    angle = select(x < ZERO, PI - angle, angle)
    return select(y < ZERO, -angle, angle)


@compile_kernel(inline="always")
def angle_ratio(length, w):
    """Return atan2(n, w) / n for n^2 = `length` and w >= 0, which is 1 at the origin."""
    square = w * w
    steep = length > square
    root = np.sqrt(at_least(length, TINY))
    flat = arctangent_series(select(steep, ZERO, length) / at_least(square, TINY)) / at_least(w, TINY)
    ratio = select(steep, w, ZERO) / root
    upright = (HALF_PI - ratio * arctangent_series(ratio * ratio)) / root
    return select(length + square <= ZERO, ONE, select(steep, upright, flat))


@compile_kernel(inline="always")
def angle_ratio_slopes(length, w, ratio):
    """Return the derivatives of `angle_ratio`, whose value is `ratio`, by `length` and by `w`."""
    square = w * w
    steep = length > square
    total = length + square
    origin = total <= ZERO
    inverse = ONE / at_least(total, TINY)
    flat = arctangent_slope(select(steep, ZERO, length) / at_least(square, TINY)) / at_least(square * w, TINY)
    upright = HALF * (w * inverse - ratio) / at_least(length, TINY)
    return select(origin, ZERO, select(steep, upright, flat)), select(origin, ZERO, -inverse)
