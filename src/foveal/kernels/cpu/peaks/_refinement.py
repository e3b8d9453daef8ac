# SPDX-License-Identifier: Apache-2.0
"""Refinement of one rough peak in compiled loops: the formulas of `foveal.peaks.refinement`."""

import numpy as np

from foveal.kernels.cpu._compile import compile_kernel
from foveal.kernels.cpu.peaks._gaussian_fit import clamp, fit_gaussian
from foveal.kernels.cpu.peaks._taylor import taylor
from foveal.peaks.refinement import REFINEMENTS

f32 = np.float32
INTEGRAL, LOCAL, QUADRATIC, LOG_QUADRATIC, GAUSSIAN = range(1, len(REFINEMENTS))
_EPS = f32(np.finfo(np.float32).eps)


@compile_kernel
def refine(scores, row, column, refinement, patch, window, pixels):
    """Return the offset (dx, dy) of the peak at a pixel of a map; `pixels` is scratch of the Gaussian fit."""
    dx, dy = f32(0), f32(0)
    if refinement == INTEGRAL:
        dx, dy = _integral(scores, row, column, patch // 2)
    elif refinement == LOCAL:
        dx, dy = _local(scores, row, column)
    elif refinement in (QUADRATIC, LOG_QUADRATIC):
        dx, dy = taylor(scores, row, column, refinement == LOG_QUADRATIC)
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
