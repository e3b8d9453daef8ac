# SPDX-License-Identifier: Apache-2.0
"""Filters by small square kernels, dense, in strips of rows."""

import numpy as np
from torch import Tensor

from foveal.kernels.cpu._array import as_array, empty
from foveal.kernels.cpu._border import sources
from foveal.kernels.cpu._compile import compile_kernel
from foveal.kernels.cpu._parallel import parallel_for
from foveal.kernels.cpu.filters._lanes import FEW, SOME, few_zeros, some_zeros
from foveal.kernels.cpu.filters._layout import Array
from foveal.kernels.cpu.filters._strips import FOUR, SIDES, fold_windows

f32 = np.float32


def fits(image: Tensor, sides: tuple[int, int], padding: str = "same") -> bool:
    """Say whether `stencil` can filter images by kernels of these sides."""
    rows, columns = sides
    return rows == columns and rows in SIDES and padding == "same" and image.shape[3] >= 2 * FEW + columns


def stencil(image: Tensor, weights: Array, border_type: str) -> Tensor:
    """Correlate images (B, C, H, W) of floats or bytes with kernels (1 or B, side, side)."""
    batch, channels, height, width = image.shape
    side = weights.shape[1]
    radius = side // 2
    result = empty(*image.shape, dtype=image.dtype)
    per_plane = np.broadcast_to(weights[:, None], (batch, channels, side, side))
    parallel_for(
        _stencil, batch * channels * height, as_array(image).reshape(-1), result.numpy().reshape(-1),
        sources(height, radius, radius, border_type), sources(width, radius, radius, border_type),
        np.ascontiguousarray(per_plane, f32).reshape(-1, side * side), SIDES[side], work=image.numel() * side // 4,
    )  # fmt: skip
    return result


@compile_kernel
def _stencil(start, stop, flat, result, rows, columns, weights, side):
    radius, most = len(side) // 2, len(FOUR) + len(side) - 1
    outside = np.zeros(columns.shape[0] - 2 * radius, flat.dtype)
    edges = np.empty((2, most, FEW + 2 * radius), f32)
    all_sources, targets = np.empty((3, most), np.int64), np.empty(len(FOUR), np.int64)
    fold_windows(
        start, stop, flat, result, rows, columns, outside, weights, edges, all_sources, targets, side, few_zeros(),
        some_zeros(), SOME,
    )  # fmt: skip
