# SPDX-License-Identifier: Apache-2.0
"""Hue in sixths of a turn, with the derivatives that HSV and HLS share, per pixel.

With s the place of the largest channel (red 0, green 2, blue 4), x and y the channels after it in the circle red,
green, blue, and c the chroma: hue = s + (x - y) / c, in [0, 6).

What the conversions need, not their adjoints, takes a pixel or a vector of pixels.
"""

import numpy as np

from foveal.kernels.cpu._compile import compile_kernel
from foveal.kernels.cpu._formula import either
from foveal.kernels.cpu._maximum import maximum
from foveal.kernels.cpu._vector import select

f32 = np.float32


@compile_kernel(inline="always")
def largest_of(red, green, blue):
    """Return the largest channel, NaN if any is."""
    return maximum(maximum(red, green), blue)


@compile_kernel(inline="always")
def smallest_of(red, green, blue):
    """Return the smallest channel."""
    least = select(green < red, green, red)
    return select(blue < least, blue, least)


@compile_kernel(inline="always")
def hue_of(red, green, blue, largest, chroma, eps):
    """Return the hue in [0, 6), with eps added to the chroma; of grey it is 0."""
    is_red, is_green = largest == red, largest == green
    difference = select(is_red, green - blue, select(is_green, blue - red, red - green))
    place = select(is_red, f32(0.0), select(is_green, f32(2.0), f32(4.0)))
    # Not by a reciprocal, which would overflow next to black.
    hue = difference / (chroma + eps) + place
    hue = select(hue < f32(0.0), hue + f32(6.0), hue)
    return select(either(hue >= f32(6.0), chroma == f32(0.0)), f32(0.0), hue)


@compile_kernel(inline="always")
def hue_adjoint(red, green, blue, largest, chroma, eps, gradient):
    """Return the gradients to red, green, blue by x - y, and the one to the chroma: -(x - y) / c^2 gradient."""
    reciprocal = f32(1.0) / (chroma + eps) if chroma != f32(0.0) else f32(0.0)
    is_red, is_green = largest == red, largest == green
    difference = green - blue if is_red else (blue - red if is_green else red - green)
    t = gradient * reciprocal
    to_red = f32(0.0) if is_red else (-t if is_green else t)
    to_green = t if is_red else (f32(0.0) if is_green else -t)
    to_blue = -t if is_red else (t if is_green else f32(0.0))
    return to_red, to_green, to_blue, -t * (difference * reciprocal)


@compile_kernel(inline="always")
def shared_by(red, green, blue, extreme, gradient):
    """Return the gradient to the extreme channel, shared among those that equal it."""
    count = f32(1.0) if red == extreme else f32(0.0)
    count = count + f32(1.0) if green == extreme else count
    count = count + f32(1.0) if blue == extreme else count
    return gradient if count == f32(1.0) else gradient / count


@compile_kernel(inline="always")
def turned(hue):
    """Bring a hue of any turn to [0, 6]."""
    return hue - f32(6.0) * np.floor(hue * f32(1 / 6))


@compile_kernel(inline="always")
def ramp(hue, centre):
    """Return how far a channel is on, before it is clipped to [0, 1]: green about 2, blue about 4."""
    return f32(2.0) - abs(hue - centre)


@compile_kernel(inline="always")
def red_ramp(hue):
    """Return how far red is on, before it is clipped to [0, 1]: it is off about 3."""
    return abs(hue - f32(3.0)) - f32(1.0)


@compile_kernel(inline="always")
def clipped(value):
    """Clip to [0, 1]; NaN stays."""
    value = select(value < f32(0.0), f32(0.0), value)
    return select(value > f32(1.0), f32(1.0), value)


@compile_kernel(inline="always")
def ramp_slope(hue, centre, on):
    """Return d clipped(ramp) / d hue, `on` being the ramp; the same of red is the negative about 3."""
    slope = f32(-1.0) if hue > centre else (f32(1.0) if hue < centre else f32(0.0))
    return slope if (on >= f32(0.0)) & (on <= f32(1.0)) else f32(0.0)
