# SPDX-License-Identifier: Apache-2.0
"""The table of tone curves: what each makes of a pixel x and two factors a and b, and its derivatives.

    formula     y                       dy/dx               dy/da           dy/db
    AFFINE      x a + b                 a                   x               1
    STANDARD    (x - a) b               b                   -b              x - a
    POWER       b x^a                   b a x^a / x         b x^a ln x      x^a         (x <= 0: 0, or b if a = 0)
    LOGARITHM   b log2(1 + x)           b / (1 + x) / ln 2                  log2(1 + x)
    EXPONENT    b (2^x - 1)             b 2^x ln 2                          2^x - 1
    SIGMOID     1 / (1 + e^(b (a - x))) b y (1 - y)         -b y (1 - y)    (x - a) y (1 - y)
    SOLAR       x, or 1 - x from a on   1, or -1
    SHIFTED     SOLAR of x + b, clipped the same                            the same
    LEVELS      byte of x, under mask a 0, or 1 for all bits
    ABOVE       b above a, else 0                                           1 above a
    BELOW       0 above a, else b                                           0 above a
    CUT         a above a, else x       1, or 0             0, or 1
    KEPT        x above a, else 0       1 above a
    DROPPED     0 above a, else x       0 above a

`formula` is a constant where these are called: one branch of each is compiled.
"""

import math

import numpy as np

from foveal.kernels.cpu._compile import compile_kernel
from foveal.kernels.cpu._exp import exp2
from foveal.kernels.cpu._power import log2, power

AFFINE, STANDARD, POWER, LOGARITHM, EXPONENT, SIGMOID, SOLAR, SHIFTED, LEVELS = range(9)
ABOVE, BELOW, CUT, KEPT, DROPPED = range(9, 14)
LINEAR = (AFFINE, STANDARD)

f32, i32 = np.float32, np.int32
TINY = f32(np.finfo(np.float32).tiny)
LN_2, LOG2_E = f32(math.log(2)), f32(math.log2(math.e))
INFINITY, NAN = f32(np.inf), f32(np.nan)


@compile_kernel(inline="always")
def curve(formula, x, a, b):
    """Return y."""
    y = x
    if formula == AFFINE:
        y = x * a + b
    elif formula == STANDARD:
        y = (x - a) * b
    elif formula == POWER:
        y = b * _power(x, a)
    elif formula == LOGARITHM:
        y = b * _log2(f32(1.0) + x)
    elif formula == EXPONENT:
        y = b * (_exp2(x) - f32(1.0))
    elif formula == SIGMOID:
        y = _sigmoid((x - a) * b)
    elif formula == SOLAR:
        y = f32(1.0) - x if x >= a else x
    elif formula == SHIFTED:
        x = _unit(x + b)
        y = f32(1.0) - x if x >= a else x
    elif formula == LEVELS:
        level = i32(_unit(x) * f32(255.0)) & i32(a)
        y = x if a == f32(255.0) else f32(level) * f32(1 / 255)
    elif formula == ABOVE:
        y = b if x > a else f32(0.0)
    elif formula == BELOW:
        y = f32(0.0) if x > a else b
    elif formula == CUT:
        y = a if x > a else x
    elif formula == KEPT:
        y = x if x > a else f32(0.0)
    elif formula == DROPPED:
        y = f32(0.0) if x > a else x
    return y


@compile_kernel(inline="always")
def slopes(formula, x, a, b):
    """Return y, dy/dx, dy/da and dy/db."""
    y = x
    to_x, to_a, to_b = f32(1.0), f32(0.0), f32(0.0)
    if formula == AFFINE:
        y = x * a + b
        to_x, to_a, to_b = a, x, f32(1.0)
    elif formula == STANDARD:
        y = (x - a) * b
        to_x, to_a, to_b = b, -b, x - a
    elif formula == POWER:
        to_b = _power(x, a)
        y = b * to_b
        inside = x if x > TINY else TINY
        to_x = y * a / inside if x > f32(0.0) else f32(0.0)
        to_a = y * (log2(inside) * LN_2) if x > f32(0.0) else f32(0.0)
    elif formula == LOGARITHM:
        to_b = _log2(f32(1.0) + x)
        y = b * to_b
        to_x = b * LOG2_E / (f32(1.0) + x)
    elif formula == EXPONENT:
        doubled = _exp2(x)
        to_b = doubled - f32(1.0)
        y = b * to_b
        to_x = b * LN_2 * doubled
    elif formula == SIGMOID:
        y = _sigmoid((x - a) * b)
        bend = y * (f32(1.0) - y)
        to_x, to_a = b * bend, -b * bend
        # Far away 0 times infinity is meant to be 0.
        to_b = (x - a) * bend if bend > f32(0.0) else bend
    elif formula == SOLAR:
        y = f32(1.0) - x if x >= a else x
        to_x = f32(-1.0) if x >= a else f32(1.0)
    elif formula == SHIFTED:
        moved = x + b
        x = _unit(moved)
        y = f32(1.0) - x if x >= a else x
        to_x = f32(-1.0) if x >= a else f32(1.0)
        to_x = to_x if x == moved else f32(0.0)
        to_b = to_x
    elif formula == LEVELS:
        to_x = f32(1.0) if a == f32(255.0) else f32(0.0)
    elif formula == ABOVE:
        to_x, to_b = f32(0.0), f32(1.0) if x > a else f32(0.0)
    elif formula == BELOW:
        to_x, to_b = f32(0.0), f32(0.0) if x > a else f32(1.0)
    elif formula == CUT:
        to_x = f32(0.0) if x > a else f32(1.0)
        to_a = f32(1.0) - to_x
    elif formula == KEPT:
        to_x = f32(1.0) if x > a else f32(0.0)
    elif formula == DROPPED:
        to_x = f32(0.0) if x > a else f32(1.0)
    return y, to_x, to_a, to_b


@compile_kernel(inline="always")
def _unit(x):
    x = f32(0.0) if x < f32(0.0) else x
    return f32(1.0) if x > f32(1.0) else x


@compile_kernel(inline="always")
def _power(x, a):
    found = power(x if x > TINY else TINY, a)
    dark = f32(1.0) if a == f32(0.0) else f32(0.0)
    # The last one is NaN.
    return found if x > f32(0.0) else (dark if x <= f32(0.0) else x)


@compile_kernel(inline="always")
def _log2(x):
    found = log2(x if x > TINY else TINY)
    found = INFINITY if x == INFINITY else found
    return found if x > f32(0.0) else (-INFINITY if x == f32(0.0) else NAN)


@compile_kernel(inline="always")
def _exp2(x):
    found = exp2(x if x < f32(127.0) else f32(127.0))
    found = x if x != x else found
    return INFINITY if x >= f32(128.0) else found


@compile_kernel(inline="always")
def _sigmoid(height):
    exponent = height * -LOG2_E
    found = f32(1.0) / (f32(1.0) + exp2(f32(126.0) if exponent > f32(126.0) else exponent))
    return f32(0.0) if exponent > f32(126.0) else found
