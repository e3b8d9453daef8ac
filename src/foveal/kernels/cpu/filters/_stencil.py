# SPDX-License-Identifier: Apache-2.0
"""Filters by small square kernels, dense, in strips of rows, and their adjoints."""

import math
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
from foveal.kernels.cpu.filters._strips import FOUR, MEAN, SIDES, fold_windows
from foveal.kernels.cpu.filters._strips_adjoint import spread_windows
from foveal.kernels.cpu.filters._unweighted import unweighted

f32 = np.float32


def fits(image: Tensor, sides: tuple[int, int], padding: str = "same") -> bool:
    """Say whether `stencil` can filter images by kernels of these sides."""
    rows, columns = sides
    return rows == columns and rows in SIDES and padding == "same" and image.shape[3] >= 2 * FEW + columns


def stencil(image: Tensor, weights: Array, border_type: str) -> Tensor:
    """Correlate images (B, C, H, W) of floats or bytes with kernels (1 or B, side, side)."""
    result = empty(*image.shape, dtype=image.dtype)
    _run(_forward, (as_array(image).reshape(-1), 1), result, weights[:, None], border_type)
    return result


def stencils(image: Tensor, weights: Array, border_type: str) -> Tensor:
    """Correlate images (B, C, H, W) with each of the kernels (K, side, side), to (B, C, K, H, W)."""
    batch, channels, height, width = image.shape
    result = empty(batch, channels, len(weights), height, width)
    _run(_forward, (as_array(image).reshape(-1), len(weights)), result, weights, border_type)
    return result


def byte_means(image: Tensor, side: int, border_type: str) -> Tensor:
    """Return the rounded means of the windows of images (B, C, H, W) of bytes."""
    result = empty(*image.shape, dtype=image.dtype)
    flat = [value.reshape(-1, *image.shape[2:]) for value in (as_array(image), result.numpy())]
    around = (sources(size, side // 2, side // 2, border_type) for size in image.shape[2:])
    rows = image.shape[0] * image.shape[1] * image.shape[2]
    parallel_for(unweighted, rows, *flat, *around, SIDES[side], MEAN, work=image.numel() * side // 4)
    return result


def stencil_adjoint(gradient: Tensor, weights: Array, border_type: str) -> Tensor:
    """Return the gradient to images from that to the result of `stencil`."""
    result = empty(*gradient.shape)
    _run(_backward, planes(gradient), result, weights[:, None, ::-1, ::-1], border_type)
    return result


def _run(loop: Callable[..., None], source: tuple[Any, ...], result: Tensor, weights: Array, border_type: str) -> None:
    *lead, height, width = result.shape
    side = weights.shape[-1]
    per_plane = np.broadcast_to(weights, (*lead, side, side))
    parallel_for(
        loop, math.prod(lead) * height, *source, result.numpy().reshape(-1),
        *(sources(size, side // 2, side // 2, border_type) for size in (height, width)),
        np.ascontiguousarray(per_plane, f32).reshape(-1, side * side), SIDES[side], work=result.numel() * side // 4,
    )  # fmt: skip


@compile_kernel
def _forward(start, stop, flat, copies, result, rows, columns, weights, side):
    radius, most = len(side) // 2, len(FOUR) + len(side) - 1
    outside = np.zeros(columns.shape[0] - 2 * radius, flat.dtype)
    edges = np.empty((2, most, FEW + 2 * radius), f32)
    all_sources, targets = np.empty((3, most), np.int64), np.empty(len(FOUR), np.int64)
    fold_windows(
        start, stop, flat, result, rows, columns, outside, weights, copies, edges, all_sources, targets, side,
        few_zeros(), some_zeros(), SOME,
    )  # fmt: skip


@compile_kernel
def _backward(start, stop, flat, plane_step, row_step, result, rows, columns, weights, side):
    radius, most = len(side) // 2, len(FOUR) + len(side) - 1
    height, width = rows.shape[0] - 2 * radius, columns.shape[0] - 2 * radius
    # What lies around the gradient: two radii of nothing down, one along.
    numbers, places = np.full(height + 4 * radius, -1, np.int32), np.full(columns.shape[0], -1, np.int32)
    for y in range(height):
        numbers[2 * radius + y] = y
    for x in range(width):
        places[radius + x] = x
    outside = np.zeros(width, f32)
    edges, frames = np.empty((2, most, FEW + 2 * radius), f32), np.zeros((2, most, FEW + 2 * radius), f32)
    all_sources, targets = np.empty((3, most), np.int64), np.empty(len(FOUR), np.int64)
    spread_windows(
        start, stop, flat, plane_step, row_step, result, numbers, places, rows, columns, outside, weights, edges,
        all_sources, targets, side, few_zeros(), some_zeros(), SOME, frames, np.empty((2, len(FOUR), FEW), f32),
        np.empty((2, most), np.int64), np.empty(len(FOUR), np.int64), np.empty(width, f32),
    )  # fmt: skip
