# SPDX-License-Identifier: Apache-2.0
"""What CIE L*a*b* and L*u*v* share per pixel: the cube root with its straight part, linear light to and from XYZ."""

import numpy as np

from foveal.color.lab import DARK, DARK_ROOT, INTERCEPT, SLOPE
from foveal.color.xyz import RGB_TO_XYZ, XYZ_TO_RGB
from foveal.kernels.cpu._compile import compile_kernel
from foveal.kernels.cpu._power import cube_root

f32 = np.float32

_DARK, _DARK_ROOT, _SLOPE, _INTERCEPT = f32(DARK), f32(DARK_ROOT), f32(SLOPE), f32(INTERCEPT)
_INVERSE_SLOPE = f32(1 / SLOPE)

(_XR, _XG, _XB), (_YR, _YG, _YB), (_ZR, _ZG, _ZB) = ([f32(weight) for weight in row] for row in RGB_TO_XYZ)
(_RX, _RY, _RZ), (_GX, _GY, _GZ), (_BX, _BY, _BZ) = ([f32(weight) for weight in row] for row in XYZ_TO_RGB)


@compile_kernel(inline="always")
def xyz_of(red, green, blue):
    """Return XYZ of linear RGB."""
    x = _XR * red + _XG * green + _XB * blue
    y = _YR * red + _YG * green + _YB * blue
    z = _ZR * red + _ZG * green + _ZB * blue
    return x, y, z


@compile_kernel(inline="always")
def xyz_adjoint(x, y, z):
    """Return the gradient to linear RGB of one to XYZ."""
    red = _XR * x + _YR * y + _ZR * z
    green = _XG * x + _YG * y + _ZG * z
    blue = _XB * x + _YB * y + _ZB * z
    return red, green, blue


@compile_kernel(inline="always")
def rgb_of(x, y, z):
    """Return linear RGB of XYZ."""
    red = _RX * x + _RY * y + _RZ * z
    green = _GX * x + _GY * y + _GZ * z
    blue = _BX * x + _BY * y + _BZ * z
    return red, green, blue


@compile_kernel(inline="always")
def rgb_adjoint(red, green, blue):
    """Return the gradient to XYZ of one to linear RGB."""
    x = _RX * red + _GX * green + _BX * blue
    y = _RY * red + _GY * green + _BY * blue
    z = _RZ * red + _GZ * green + _BZ * blue
    return x, y, z


@compile_kernel(inline="always")
def root_of(ratio):
    """Return the cube root, or 7.787 ratio + 4/29 up to 0.008856."""
    root = cube_root(ratio if ratio > _DARK else _DARK)
    return root if ratio > _DARK else _SLOPE * ratio + _INTERCEPT


@compile_kernel(inline="always")
def root_slope(ratio, root):
    """Return d root / d ratio = 1 / (3 root^2), or 7.787."""
    return f32(1.0) / (f32(3.0) * root * root) if ratio > _DARK else _SLOPE


@compile_kernel(inline="always")
def cube_of(root):
    """Return the inverse of `root_of`."""
    return root * root * root if root > _DARK_ROOT else (root - _INTERCEPT) * _INVERSE_SLOPE


@compile_kernel(inline="always")
def cube_slope(root):
    """Return d cube / d root."""
    return f32(3.0) * root * root if root > _DARK_ROOT else _INVERSE_SLOPE
