# SPDX-License-Identifier: Apache-2.0
"""Sobel's and the central differences' first derivatives of one row from three, and their adjoint.

With s the scale and the border replicated, the derivatives of a row are (up, row and down are its neighbours)

    gx[j] = s (m[j + 1] - m[j - 1]),  m = up + 2 row + down    (differences: m = row)
    gy[j] = s (d[j - 1] + 2 d[j] + d[j + 1]),  d = down - up   (differences: d[j] alone)

The adjoint takes rows of cotangents a of gx and b of gy. Replicating a border and reading it backwards is, for a,
extending its rows with the sign turned at the left and the right and without above and below; for b, the other way
round. The gradient is then the same stencil over the extended rows, with its signs turned.
"""

from typing import Any

import numpy as np
from torch import Tensor

from foveal.kernels.cpu._array import as_array
from foveal.kernels.cpu._compile import compile_kernel

f32 = np.float32
TWO = f32(2)


def planes_of(image: Tensor) -> np.ndarray[Any, Any]:
    """Return images (*, H, W) as an array (planes, H, W)."""
    return as_array(image).reshape(-1, *image.shape[-2:])


def rows_of_gradient(gradient: Tensor) -> np.ndarray[Any, Any]:
    """Return a gradient as `planes_of`; of one and the same value, as of a sum or a mean, only one row of it.

    The loops go round it (`index % planes`, `i % rows`), which saves that value's way through the memory.
    """
    if any(gradient.stride()):
        return planes_of(gradient)
    value = as_array(gradient[(0,) * gradient.ndim])[()]
    return np.full((1, 1, gradient.shape[-1]), value, np.float32)


@compile_kernel(inline="always")
def pixel_gradient(up, row, down, left, j, right, smooth, scale):
    """Return both derivatives at one pixel, its neighbours being given: for the ends of a row."""
    if smooth:
        x = (up[right] - up[left]) + TWO * (row[right] - row[left]) + (down[right] - down[left])
        y = (down[left] - up[left]) + TWO * (down[j] - up[j]) + (down[right] - up[right])
    else:
        x, y = row[right] - row[left], down[j] - up[j]
    return x * scale, y * scale


@compile_kernel(inline="always")
def row_gradient(up, row, down, smooth, scale, x, y):
    """Write the derivatives of a row."""
    width = row.shape[0]
    last = width - 1
    x[0], y[0] = pixel_gradient(up, row, down, 0, 0, min(1, last), smooth, scale)
    x[last], y[last] = pixel_gradient(up, row, down, max(last - 1, 0), last, last, smooth, scale)
    if width < 3:
        return
    size = width - 2
    up0, up1, up2 = up[0:size], up[1 : size + 1], up[2 : size + 2]
    row0, row2 = row[0:size], row[2 : size + 2]
    down0, down1, down2 = down[0:size], down[1 : size + 1], down[2 : size + 2]
    inner_x, inner_y = x[1 : size + 1], y[1 : size + 1]
    if smooth:
        for j in range(size):
            falling, rising = down2[j] - up0[j], down0[j] - up2[j]
            inner_x[j] = scale * (falling - rising + TWO * (row2[j] - row0[j]))
            inner_y[j] = scale * (falling + rising + TWO * (down1[j] - up1[j]))
    else:
        for j in range(size):
            inner_x[j] = scale * (row2[j] - row0[j])
            inner_y[j] = scale * (down1[j] - up1[j])


@compile_kernel(inline="always")
def close_row(x, y, width):
    """Extend rows of cotangents, kept from place 1 on, by one place at each end."""
    x[0], x[width + 1] = -x[1], -x[width]
    y[0], y[width + 1] = y[1], y[width]


@compile_kernel(inline="always")
def pull_row(x_up, x_row, x_down, y_up, y_down, sign_up, sign_down, smooth, result):
    """Write the gradient to a row from the extended cotangents of three; the signs are -1 where y's row is its own."""
    width = result.shape[0]
    xu0, xu2 = x_up[0:width], x_up[2 : width + 2]
    xr0, xr2 = x_row[0:width], x_row[2 : width + 2]
    xd0, xd2 = x_down[0:width], x_down[2 : width + 2]
    yu0, yu1, yu2 = y_up[0:width], y_up[1 : width + 1], y_up[2 : width + 2]
    yd0, yd1, yd2 = y_down[0:width], y_down[1 : width + 1], y_down[2 : width + 2]
    if smooth:
        for j in range(width):
            along = (xu0[j] - xu2[j]) + TWO * (xr0[j] - xr2[j]) + (xd0[j] - xd2[j])
            above, below = yu0[j] + TWO * yu1[j] + yu2[j], yd0[j] + TWO * yd1[j] + yd2[j]
            result[j] = along + sign_up * above - sign_down * below
    else:
        for j in range(width):
            result[j] = xr0[j] - xr2[j] + sign_up * yu1[j] - sign_down * yd1[j]
