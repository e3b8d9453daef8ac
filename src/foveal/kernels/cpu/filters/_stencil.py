# SPDX-License-Identifier: Apache-2.0
"""Filters by small square kernels, dense, in strips of rows, and their adjoints."""

from collections.abc import Callable
from typing import Any

import numpy as np
from torch import Tensor

from foveal.kernels.cpu._array import as_array, empty
from foveal.kernels.cpu._border import sources
from foveal.kernels.cpu._compile import compile_kernel
from foveal.kernels.cpu._parallel import parallel_for
from foveal.kernels.cpu.filters._lanes import FEW, SOME, few_zeros, some_zeros
from foveal.kernels.cpu.filters._layout import Array, planes
from foveal.kernels.cpu.filters._strips import FOUR, SIDES, fold_windows
from foveal.kernels.cpu.filters._strips_adjoint import spread_windows

f32 = np.float32


def fits(image: Tensor, sides: tuple[int, int], padding: str = "same") -> bool:
    """Say whether `stencil` can filter images by kernels of these sides."""
    rows, columns = sides
    return rows == columns and rows in SIDES and padding == "same" and image.shape[3] >= 2 * FEW + columns


def stencil(image: Tensor, weights: Array, border_type: str) -> Tensor:
    """Correlate images (B, C, H, W) of floats or bytes with kernels (1 or B, side, side)."""
    height, width = image.shape[2:]
    radius = weights.shape[1] // 2
    result = empty(*image.shape, dtype=image.dtype)
    _run(
        _stencil, image, weights, as_array(image).reshape(-1), result.numpy().reshape(-1),
        sources(height, radius, radius, border_type), sources(width, radius, radius, border_type),
    )  # fmt: skip
    return result


def stencil_adjoint(gradient: Tensor, weights: Array, border_type: str) -> Tensor:
    """Return the gradient to images from that to the result of `stencil`."""
    height, width = gradient.shape[2:]
    radius = weights.shape[1] // 2
    result = empty(*gradient.shape)
    _run(
        _stencil_adjoint, gradient, weights[:, ::-1, ::-1], *planes(gradient), result.numpy().reshape(-1),
        sources(height, 2 * radius, 2 * radius, "constant"), sources(width, radius, radius, "constant"),
        sources(height, radius, radius, border_type), sources(width, radius, radius, border_type),
    )  # fmt: skip
    return result


def _run(loop: Callable[..., None], image: Tensor, weights: Array, *arguments: Any) -> None:
    batch, channels, height = image.shape[:3]
    side = weights.shape[1]
    per_plane = np.broadcast_to(weights[:, None], (batch, channels, side, side))
    parallel_for(
        loop, batch * channels * height, *arguments, np.ascontiguousarray(per_plane, f32).reshape(-1, side * side),
        SIDES[side], work=image.numel() * side // 4,
    )  # fmt: skip


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


@compile_kernel
def _stencil_adjoint(
    start, stop, flat, plane_step, row_step, result, rows, columns, folded_rows, folded_columns, weights, side
):  # fmt: skip
    radius, most = len(side) // 2, len(FOUR) + len(side) - 1
    outside = np.zeros(folded_columns.shape[0] - 2 * radius, f32)
    edges, frames = np.empty((2, most, FEW + 2 * radius), f32), np.zeros((2, most, FEW + 2 * radius), f32)
    all_sources, targets = np.empty((3, most), np.int64), np.empty(len(FOUR), np.int64)
    spread_windows(
        start, stop, flat, plane_step, row_step, result, rows, columns, folded_rows, folded_columns, outside, weights,
        edges, all_sources, targets, side, few_zeros(), some_zeros(), SOME, frames,
        np.empty((2, len(FOUR), FEW), f32), np.empty((2, most), np.int64), np.empty(len(FOUR), np.int64),
        np.empty_like(outside),
    )  # fmt: skip
