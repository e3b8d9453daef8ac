# SPDX-License-Identifier: Apache-2.0
"""The Taylor step of one peak in compiled loops, and its adjoint: the formulas of `foveal.peaks.taylor`."""

import numpy as np

from foveal.kernels.cpu._compile import compile_kernel
from foveal.kernels.cpu.peaks._gaussian_fit import clamp
from foveal.peaks.taylor import FLOOR, REACH, ROUNDNESS

f32 = np.float32
_EPS = f32(np.finfo(np.float32).eps)
_TINY = f32(np.finfo(np.float32).tiny)
_FLOOR, _REACH, _ROUNDNESS = f32(FLOOR), f32(REACH), f32(ROUNDNESS)


@compile_kernel
def taylor(scores, row, column, log):
    """Return the offset (dx, dy) of the top of the parabola through 3x3 pixels, or through their logarithm."""
    centre_row, centre_column, scale = _place(scores, row, column, log)
    dx, dy, _, _, _, curved_x, curved_y, _ = _step(scores, centre_row, centre_column, scale, log)
    dx, dy = dx + f32(centre_column - column), dy + f32(centre_row - row)
    return clamp(dx, _REACH) if curved_x else f32(0), clamp(dy, _REACH) if curved_y else f32(0)


@compile_kernel
def taylor_adjoint(scores, row, column, log, gradient_x, gradient_y, gradients):
    """Add the gradient of the offset to a map: a step H^-1 s pulls on s by H^-1 of the gradient, on H by minus both."""
    height, width = scores.shape
    centre_row, centre_column, scale = _place(scores, row, column, log)
    dx, dy, bend_x, bend_y, mixed, curved_x, curved_y, joined = _step(scores, centre_row, centre_column, scale, log)
    # At its limit an offset does not move, and one that is not finite was left out.
    if not (curved_x and abs(dx + f32(centre_column - column)) <= _REACH):
        gradient_x = f32(0)
    if not (curved_y and abs(dy + f32(centre_row - row)) <= _REACH):
        gradient_y = f32(0)
    determinant = bend_x * bend_y - mixed * mixed
    pull_x = (bend_y * gradient_x + mixed * gradient_y) / determinant
    pull_y = (bend_x * gradient_y + mixed * gradient_x) / determinant
    half_x, half_y = f32(0.5) * pull_x, f32(0.5) * pull_y
    curve_x, curve_y = pull_x * dx, pull_y * dy
    turn = f32(0.25) * (pull_x * dy + pull_y * dx) if joined else f32(0)
    for i in range(-1, 2):
        for j in range(-1, 2):
            if i == 0 and j == 0:
                pull = f32(-2) * (curve_x + curve_y)
            elif i == 0:
                pull = f32(j) * half_x + curve_x
            elif j == 0:
                pull = f32(i) * half_y + curve_y
            else:
                pull = f32(i * j) * turn
            y = min(max(centre_row + i, 0), height - 1)
            x = min(max(centre_column + j, 0), width - 1)
            if not log:
                gradients[y, x] += pull / scale
            elif scores[y, x] / scale >= _FLOOR:
                gradients[y, x] += pull / scores[y, x]


@compile_kernel
def _place(scores, row, column, log):
    """Return the stencil's centre (moved inside for the logarithm) and its scale, NaN where it holds one."""
    height, width = scores.shape
    if log:
        row = min(max(row, 1), height - 2) if height >= 3 else row
        column = min(max(column, 1), width - 2) if width >= 3 else column
    scale, total = _TINY, f32(0)
    for i in range(max(row - 1, 0), min(row + 2, height)):
        for j in range(max(column - 1, 0), min(column + 2, width)):
            scale = max(scale, abs(scores[i, j]))
            total += scores[i, j]
    return row, column, total if np.isnan(total) else scale


@compile_kernel
def _step(scores, row, column, scale, log):
    """Return the step from the stencil's centre, minus the Hessian, which axes have a top, and whether both as one."""
    height, width = scores.shape
    inside_x, inside_y = 0 < column < width - 1, 0 < row < height - 1
    top, bottom = max(row - 1, 0), min(row + 1, height - 1)
    left, right = max(column - 1, 0), min(column + 1, width - 1)
    b, e, h = scores[top, column], scores[row, column], scores[bottom, column]
    b, e, h = _level(b, scale, log), _level(e, scale, log), _level(h, scale, log)
    d, f = _level(scores[row, left], scale, log), _level(scores[row, right], scale, log)
    bend_x, bend_y = f32(2) * e - d - f, f32(2) * e - b - h
    # A scale of NaN makes neither axis curved.
    curved_x = inside_x and bend_x > f32(4) * _EPS and scale == scale
    curved_y = inside_y and bend_y > f32(4) * _EPS and scale == scale
    slope_x, bend_x = ((f - d) / f32(2), bend_x) if curved_x else (f32(0), f32(1))
    slope_y, bend_y = ((h - b) / f32(2), bend_y) if curved_y else (f32(0), f32(1))
    mixed = f32(0)
    if curved_x and curved_y:
        a, c = _level(scores[top, left], scale, log), _level(scores[top, right], scale, log)
        g, i = _level(scores[bottom, left], scale, log), _level(scores[bottom, right], scale, log)
        mixed = (i - g - c + a) / f32(4)
    joined = curved_x and curved_y and bend_x * bend_y - mixed * mixed > _ROUNDNESS * bend_x * bend_y
    if not joined:
        mixed = f32(0)
    determinant = bend_x * bend_y - mixed * mixed
    dx = (bend_y * slope_x + mixed * slope_y) / determinant
    dy = (bend_x * slope_y + mixed * slope_x) / determinant
    return dx, dy, bend_x, bend_y, mixed, curved_x, curved_y, joined


@compile_kernel(inline="always")
def _level(value, scale, log):
    value = value / scale
    return np.log(value if value > _FLOOR else _FLOOR) if log else value
