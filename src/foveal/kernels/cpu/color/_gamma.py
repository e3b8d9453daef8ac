# SPDX-License-Identifier: Apache-2.0
"""The transfer function of sRGB and its slopes, per value."""

import numpy as np

from foveal.kernels.cpu._compile import compile_kernel
from foveal.kernels.cpu._power import power

f32 = np.float32


@compile_kernel(inline="always")
def to_linear(value):
    """Return ((value + 0.055) / 1.055)^2.4, or value / 12.92 up to 0.04045."""
    inside = value if value > f32(0.04045) else f32(0.04045)
    curve = power((inside + f32(0.055)) * f32(1 / 1.055), f32(2.4))
    return curve if value > f32(0.04045) else value * f32(1 / 12.92)


@compile_kernel(inline="always")
def to_linear_slope(value, light):
    """Return d light / d value = 2.4 light / (value + 0.055), or 1 / 12.92."""
    return f32(2.4) * light / (value + f32(0.055)) if value > f32(0.04045) else f32(1 / 12.92)


@compile_kernel(inline="always")
def from_linear(light):
    """Return 1.055 light^(1 / 2.4) - 0.055, or 12.92 light up to 0.0031308."""
    inside = light if light > f32(0.0031308) else f32(0.0031308)
    curve = f32(1.055) * power(inside, f32(1 / 2.4)) - f32(0.055)
    return curve if light > f32(0.0031308) else light * f32(12.92)


@compile_kernel(inline="always")
def from_linear_slope(light, value):
    """Return d value / d light = (value + 0.055) / (2.4 light), or 12.92."""
    return (value + f32(0.055)) / (f32(2.4) * light) if light > f32(0.0031308) else f32(12.92)
