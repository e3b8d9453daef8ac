# SPDX-License-Identifier: Apache-2.0
"""Refinement of one rough peak in compiled loops: the formulas of `foveal.peaks.refinement` and `.taylor`."""

import numpy as np

from foveal.kernels.cpu._compile import compile_kernel
from foveal.kernels.cpu.peaks._gaussian_fit import clamp, fit_gaussian
from foveal.peaks.refinement import REFINEMENTS
from foveal.peaks.taylor import FLOOR, REACH, ROUNDNESS

f32 = np.float32
INTEGRAL, LOCAL, QUADRATIC, LOG_QUADRATIC, GAUSSIAN = range(1, len(REFINEMENTS))
_EPS = f32(np.finfo(np.float32).eps)
_TINY = f32(np.finfo(np.float32).tiny)
_FLOOR, _REACH, _ROUNDNESS = f32(FLOOR), f32(REACH), f32(ROUNDNESS)


@compile_kernel
def refine(scores, row, column, refinement, patch, window, pixels):
    """Return the offset (dx, dy) of the peak at a pixel of a map; `pixels` is scratch of the Gaussian fit."""
    dx, dy = f32(0), f32(0)
    if refinement == INTEGRAL:
        dx, dy = _integral(scores, row, column, patch // 2)
    elif refinement == LOCAL:
        dx, dy = _local(scores, row, column)
    elif refinement in (QUADRATIC, LOG_QUADRATIC):
        dx, dy = _taylor(scores, row, column, refinement == LOG_QUADRATIC)
    elif refinement == GAUSSIAN:
        dx, dy = fit_gaussian(scores, row, column, window // 2, pixels)
    dx = dx if np.isfinite(dx) else f32(0)
    dy = dy if np.isfinite(dy) else f32(0)
    return dx, dy


@compile_kernel
def _integral(scores, row, column, reach):
    """Mean position over the window, cut to what is mirrored inside the map."""
    height, width = scores.shape
    rows = min(reach, row, height - 1 - row)
    columns = min(reach, column, width - 1 - column)
    total, magnitude, mass_x, mass_y = f32(0), f32(0), f32(0), f32(0)
    for i in range(-rows, rows + 1):
        for j in range(-columns, columns + 1):
            value = scores[row + i, column + j]
            total += value
            magnitude += abs(value)
            mass_x += value * f32(j)
            mass_y += value * f32(i)
    if not total > _EPS * magnitude:
        return f32(0), f32(0)
    limit = f32(reach)
    return clamp(mass_x / total, limit), clamp(mass_y / total, limit)


@compile_kernel
def _local(scores, row, column):
    """A quarter pixel towards the larger neighbour."""
    height, width = scores.shape
    dx, dy = f32(0), f32(0)
    if 0 < column < width - 1:
        dx = f32(0.25) * np.sign(scores[row, column + 1] - scores[row, column - 1])
    if 0 < row < height - 1:
        dy = f32(0.25) * np.sign(scores[row + 1, column] - scores[row - 1, column])
    return dx, dy


@compile_kernel
def _taylor(scores, row, column, log):
    """Top of the parabola through 3x3 pixels, or through their logarithm (the stencil then stays inside the map)."""
    height, width = scores.shape
    centre_row, centre_column = row, column
    if log:
        centre_row = min(max(row, 1), height - 2) if height >= 3 else row
        centre_column = min(max(column, 1), width - 2) if width >= 3 else column
    inside_x, inside_y = 0 < centre_column < width - 1, 0 < centre_row < height - 1
    top, bottom = max(centre_row - 1, 0), min(centre_row + 1, height - 1)
    left, right = max(centre_column - 1, 0), min(centre_column + 1, width - 1)
    scale, total = _TINY, f32(0)
    for i in range(top, bottom + 1):
        for j in range(left, right + 1):
            scale = max(scale, abs(scores[i, j]))
            total += scores[i, j]
    if np.isnan(total):
        return f32(0), f32(0)
    a, b, c = scores[top, left], scores[top, centre_column], scores[top, right]
    d, e, f = scores[centre_row, left], scores[centre_row, centre_column], scores[centre_row, right]
    g, h, i = scores[bottom, left], scores[bottom, centre_column], scores[bottom, right]
    a, b, c = _level(a, scale, log), _level(b, scale, log), _level(c, scale, log)
    d, e, f = _level(d, scale, log), _level(e, scale, log), _level(f, scale, log)
    g, h, i = _level(g, scale, log), _level(h, scale, log), _level(i, scale, log)
    bend_x, bend_y = f32(2) * e - d - f, f32(2) * e - b - h
    curved_x = inside_x and bend_x > f32(4) * _EPS
    curved_y = inside_y and bend_y > f32(4) * _EPS
    slope_x, bend_x = ((f - d) / f32(2), bend_x) if curved_x else (f32(0), f32(1))
    slope_y, bend_y = ((h - b) / f32(2), bend_y) if curved_y else (f32(0), f32(1))
    mixed = (i - g - c + a) / f32(4) if curved_x and curved_y else f32(0)
    if not bend_x * bend_y - mixed * mixed > _ROUNDNESS * bend_x * bend_y:
        mixed = f32(0)
    determinant = bend_x * bend_y - mixed * mixed
    dx = f32(centre_column - column) + (bend_y * slope_x + mixed * slope_y) / determinant
    dy = f32(centre_row - row) + (bend_x * slope_y + mixed * slope_x) / determinant
    return clamp(dx, _REACH) if curved_x else f32(0), clamp(dy, _REACH) if curved_y else f32(0)


@compile_kernel(inline="always")
def _level(value, scale, log):
    value = value / scale
    return np.log(value if value > _FLOOR else _FLOOR) if log else value
