# SPDX-License-Identifier: Apache-2.0
"""CPU kernels of warps of volumes, forward: no grid is stored."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from foveal.geometry.transform._sample import MODES
from foveal.geometry.transform._sample3d import inverse3d
from foveal.geometry.transform.affine_matrix3d import homogeneous3d
from foveal.kernels._kernel import kernel
from foveal.kernels.cpu._array import as_array, empty
from foveal.kernels.cpu._compile import compile_kernel
from foveal.kernels.cpu._parallel import parallel_for

f32 = np.float32
EPS = float(np.finfo(np.float32).eps)


def _fits(src: Tensor, M: Tensor, rows: int, dsize: Any, flags: str, padding_mode: str, align_corners: bool) -> bool:
    return (
        src.dtype is torch.float32
        and src.ndim == 5
        and 0 not in src.shape
        and isinstance(M, Tensor)
        and M.dtype is torch.float32
        and M.ndim == 3
        and M.shape[0] in (1, src.shape[0])
        and M.shape[1:] == (rows, 4)
        and isinstance(dsize, tuple | list)
        and len(dsize) == 3
        and all(isinstance(side, int) and side > 0 for side in dsize)
        and flags in MODES
        and padding_mode in ("zeros", "border")
        and isinstance(align_corners, bool)
    )


def _accepts_affine(
    src: Tensor, M: Tensor, dsize: tuple[int, int, int], flags: str, padding_mode: str, align_corners: bool
) -> bool:
    return _fits(src, M, 3, dsize, flags, padding_mode, align_corners)


def _accepts_perspective(
    src: Tensor, M: Tensor, dsize: tuple[int, int, int], flags: str, border_mode: str, align_corners: bool
) -> bool:
    return _fits(src, M, 4, dsize, flags, border_mode, align_corners)


def _examples_affine() -> Iterator[tuple[Any, ...]]:
    yield torch.zeros(1, 1, 2, 2, 2), torch.eye(3, 4)[None], (2, 2, 2), "bilinear", "zeros", True


def _examples_perspective() -> Iterator[tuple[Any, ...]]:
    yield torch.zeros(1, 1, 2, 2, 2), torch.eye(4)[None], (2, 2, 2), "bilinear", "zeros", True


@kernel(accepts=_accepts_affine, examples=_examples_affine)
def warp_affine3d(
    src: Tensor, M: Tensor, dsize: tuple[int, int, int], flags: str, padding_mode: str, align_corners: bool
) -> Tensor:
    """Compute positions voxel by voxel, from the inverse in float64."""
    return _warp(src, homogeneous3d(M.detach().double()), dsize, flags, padding_mode)


@kernel(accepts=_accepts_perspective, examples=_examples_perspective)
def warp_perspective3d(
    src: Tensor, M: Tensor, dsize: tuple[int, int, int], flags: str, border_mode: str, align_corners: bool
) -> Tensor:
    """Compute positions voxel by voxel, from the inverse in float64."""
    return _warp(src, M.detach().double(), dsize, flags, border_mode)


def _warp(src: Tensor, matrix: Tensor, size: tuple[int, int, int], flags: str, padding_mode: str) -> Tensor:
    volumes = as_array(src)
    result = empty(*src.shape[:2], *size)
    inverses = inverse3d(matrix).contiguous().numpy().reshape(-1, 16)
    parallel_for(
        _warp_rows, len(src) * size[0] * size[1], volumes, inverses, padding_mode == "border", flags == "nearest",
        as_array(result), work=16 * result.numel(),
    )  # fmt: skip
    return result


@compile_kernel(inline="always")
def _taps(position, size, border, nearest):
    """Return the two voxels of an axis that a position mixes, and their weights."""
    if border:
        position = f32(0) if position < f32(0) else position
        position = f32(size - 1) if position > f32(size - 1) else position
    if nearest:
        position = np.floor(position + f32(0.5))
    if not (position > f32(-1) and position < f32(size)):
        return 0, 0, f32(0), f32(0)
    floor = np.floor(position)
    low, fraction = np.int64(floor), position - floor
    high = low + 1
    lower, upper = f32(1) - fraction if low >= 0 else f32(0), fraction if high < size else f32(0)
    return max(low, 0), min(high, size - 1), lower, upper


@compile_kernel(inline="always")
def _mix(value, weight):
    return value * weight if weight != f32(0) else f32(0)


@compile_kernel
def _warp_rows(start, stop, volumes, matrices, border, nearest, result):
    """Fill rows `start` to `stop` of all slices of all volumes, counted through."""
    channels, slices, rows, columns = result.shape[1:]
    depth, height, width = volumes.shape[2:]
    for unit in range(start, stop):
        i = unit % rows
        k = unit // rows % slices
        index = unit // (rows * slices)
        m = matrices[index % matrices.shape[0]]
        x0, y0 = (m[1] * i + m[2] * k) + m[3], (m[5] * i + m[6] * k) + m[7]
        z0, w0 = (m[9] * i + m[10] * k) + m[11], (m[13] * i + m[14] * k) + m[15]
        for j in range(columns):
            scale = m[12] * j + w0
            scale = EPS if scale == 0.0 else scale
            left, right, lower, upper = _taps(f32((m[0] * j + x0) / scale), width, border, nearest)
            top, bottom, above, below = _taps(f32((m[4] * j + y0) / scale), height, border, nearest)
            front, back, near, far = _taps(f32((m[8] * j + z0) / scale), depth, border, nearest)
            for channel in range(channels):
                first, second = volumes[index, channel, front], volumes[index, channel, back]
                a = _mix(first[top, left], lower) + _mix(first[top, right], upper)
                b = _mix(first[bottom, left], lower) + _mix(first[bottom, right], upper)
                c = _mix(second[top, left], lower) + _mix(second[top, right], upper)
                d = _mix(second[bottom, left], lower) + _mix(second[bottom, right], upper)
                ahead, behind = _mix(a, above) + _mix(b, below), _mix(c, above) + _mix(d, below)
                result[index, channel, k, i, j] = _mix(ahead, near) + _mix(behind, far)
