# SPDX-License-Identifier: Apache-2.0
"""The table of colour changes: what each makes of the three channels of a pixel and a factor f, and its adjoint.

With v and m the largest and the smallest channel, c = v - m:

    TURN        v - c (1 - p(hue + f)), p the clipped ramps of `_hue`
    SATURATE    v - (v - x) r, r = f from 0 on, or v / c where f c > v
    BLEND       x f + luma (1 - f), clipped to [0, 1]
    TURN_RAW    (hue + f mod 2 pi, s, v)
    SATURATE_RAW    (hue, s f clipped to [0, 1], v)

Adjoints: of TURN gc = sum of -g (1 - p), gv = sum of g, and the hue's, c g p', goes on to the channels by its own
adjoint, and to f; of SATURATE each channel gets g r, v gets sum of g (1 - r), r gets -sum of g (v - x), which goes on
to f or to v and c. gv + gc goes to the channels that equal v, -gc to those that equal m, in equal shares.

`formula` is a constant where these are called: one branch of each is compiled.
"""

import numpy as np

from foveal.kernels.cpu._compile import compile_kernel
from foveal.kernels.cpu.color._hue import (
    clipped,
    hue_adjoint,
    hue_of,
    largest_of,
    ramp,
    ramp_slope,
    red_ramp,
    shared_by,
    smallest_of,
    turned,
)

TURN, SATURATE, BLEND, TURN_RAW, SATURATE_RAW = range(5)

f32 = np.float32
PER_RADIAN = f32(3 / np.pi)
FULL_TURN = f32(2 * np.pi)


@compile_kernel(inline="always")
def change(formula, x, y, z, f):
    """Return the three channels of the result."""
    p, q, r = x, y, z
    if formula == TURN:
        v = largest_of(x, y, z)
        c = v - smallest_of(x, y, z)
        h = turned(hue_of(x, y, z, v, c, f32(0.0)) + f * PER_RADIAN)
        p = v - c * (f32(1.0) - clipped(red_ramp(h)))
        q = v - c * (f32(1.0) - clipped(ramp(h, f32(2.0))))
        r = v - c * (f32(1.0) - clipped(ramp(h, f32(4.0))))
    elif formula == SATURATE:
        v = largest_of(x, y, z)
        scale, _ = _scale(v, v - smallest_of(x, y, z), f)
        p, q, r = v - (v - x) * scale, v - (v - y) * scale, v - (v - z) * scale
    elif formula == BLEND:
        grey = _luma(x, y, z) * (f32(1.0) - f)
        p, q, r = clipped(x * f + grey), clipped(y * f + grey), clipped(z * f + grey)
    elif formula == TURN_RAW:
        h = x + f
        h = h - np.floor(h * f32(1 / (2 * np.pi))) * FULL_TURN
        h = h + FULL_TURN if h < f32(0.0) else h
        p = h - FULL_TURN if h >= FULL_TURN else h
    elif formula == SATURATE_RAW:
        q = clipped(y * f)
    return p, q, r


@compile_kernel(inline="always")
def change_adjoint(formula, x, y, z, f, gp, gq, gr):
    """Return the gradients to the three channels and to the factor."""
    gx, gy, gz, gf = gp, gq, gr, f32(0.0)
    if formula == TURN:
        v, m = largest_of(x, y, z), smallest_of(x, y, z)
        c = v - m
        h = turned(hue_of(x, y, z, v, c, f32(0.0)) + f * PER_RADIAN)
        red, green, blue = red_ramp(h), ramp(h, f32(2.0)), ramp(h, f32(4.0))
        gv = gp + gq + gr
        gc = gp * clipped(red) + gq * clipped(green) + gr * clipped(blue) - gv
        gh = c * (
            gq * ramp_slope(h, f32(2.0), green) + gr * ramp_slope(h, f32(4.0), blue) - gp * ramp_slope(h, f32(3.0), red)
        )
        gf = gh * PER_RADIAN
        gx, gy, gz, part = hue_adjoint(x, y, z, v, c, f32(0.0), gh)
        gx, gy, gz = _to_extremes(x, y, z, v, m, gx, gy, gz, gv, gc + part)
    elif formula == SATURATE:
        v, m = largest_of(x, y, z), smallest_of(x, y, z)
        c = v - m
        scale, pure = _scale(v, c, f)
        to_scale = -(gp * (v - x) + gq * (v - y) + gr * (v - z))
        gv = (gp + gq + gr) * (f32(1.0) - scale)
        through = to_scale / c if pure else f32(0.0)
        gv = gv + through
        gc = -through * scale
        gf = to_scale if (f >= f32(0.0)) & (not pure) else f32(0.0)
        gx, gy, gz = _to_extremes(x, y, z, v, m, gp * scale, gq * scale, gr * scale, gv, gc)
    elif formula == BLEND:
        luma = _luma(x, y, z)
        grey = luma * (f32(1.0) - f)
        gp, gq, gr = _kept(x * f + grey, gp), _kept(y * f + grey, gq), _kept(z * f + grey, gr)
        total = gp + gq + gr
        shared = total * (f32(1.0) - f)
        gx = gp * f + shared * f32(0.299)
        gy = gq * f + shared * f32(0.587)
        gz = gr * f + shared * f32(0.114)
        gf = gp * x + gq * y + gr * z - total * luma
    elif formula == TURN_RAW:
        gf = gp
    elif formula == SATURATE_RAW:
        gq = _kept(y * f, gq)
        gy, gf = gq * f, gq * y
    return gx, gy, gz, gf


@compile_kernel(inline="always")
def _luma(red, green, blue):
    return f32(0.299) * red + f32(0.587) * green + f32(0.114) * blue


@compile_kernel(inline="always")
def _kept(value, gradient):
    return gradient if (value >= f32(0.0)) & (value <= f32(1.0)) else f32(0.0)


@compile_kernel(inline="always")
def _scale(v, c, f):
    """Return what the distances from v are multiplied by, and whether that is bound by v."""
    f = f32(0.0) if f < f32(0.0) else f
    pure = f * c > v
    return (v / c if pure else f), pure


@compile_kernel(inline="always")
def _to_extremes(x, y, z, v, m, gx, gy, gz, gv, gc):
    """Add the gradients to v and to c = v - m to those of the channels."""
    high, low = shared_by(x, y, z, v, gv + gc), shared_by(x, y, z, m, -gc)
    gx = gx + (high if x == v else f32(0.0)) + (low if x == m else f32(0.0))
    gy = gy + (high if y == v else f32(0.0)) + (low if y == m else f32(0.0))
    gz = gz + (high if z == v else f32(0.0)) + (low if z == m else f32(0.0))
    return gx, gy, gz
