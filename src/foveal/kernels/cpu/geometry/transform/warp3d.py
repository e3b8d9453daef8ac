# SPDX-License-Identifier: Apache-2.0
"""CPU kernels of warps of volumes: no grid is stored."""

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from foveal.geometry.transform._sample import MODES
from foveal.geometry.transform._sample3d import inverse3d
from foveal.geometry.transform.affine_matrix3d import homogeneous3d
from foveal.kernels._kernel import kernel
from foveal.kernels.cpu._array import as_array, empty
from foveal.kernels.cpu._compile import BARE, compile_kernel
from foveal.kernels.cpu._parallel import parallel_for
from foveal.kernels.cpu._vector import LANES, mix, store
from foveal.kernels.cpu.geometry.transform import _warp3d_adjoints
from foveal.kernels.cpu.geometry.transform._warp import LARGEST, PARTS
from foveal.kernels.cpu.geometry.transform._warp3d_rows import gather_slice, place_voxels, slices_of, start_row, taps
from foveal.kernels.cpu.geometry.transform._warp_tiles import corners_of

f32 = np.float32


def _fits(src: Tensor, M: Tensor, rows: int, dsize: Any, flags: str, padding_mode: str, align_corners: bool) -> bool:
    return (
        src.dtype is torch.float32
        and src.ndim == 5
        and 0 not in src.shape
        and math.prod(src.shape[2:]) < LARGEST
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
    volume, matrix = torch.zeros(1, 1, 2, 2, 2, requires_grad=True), torch.eye(3, 4)[None].requires_grad_()
    yield volume, matrix, (2, 2, 2), "bilinear", "zeros", True


def _examples_perspective() -> Iterator[tuple[Any, ...]]:
    volume, matrix = torch.zeros(1, 1, 2, 2, 2, requires_grad=True), torch.eye(4)[None].requires_grad_()
    yield volume, matrix, (2, 2, 2), "bilinear", "zeros", True


def _adjoint_affine(
    needs: tuple[bool, ...], gradients: tuple[Tensor, ...], outputs: tuple[Tensor, ...], src: Tensor, M: Tensor,
    dsize: tuple[int, int, int], flags: str, padding_mode: str, align_corners: bool,
) -> tuple[Tensor | None, ...]:  # fmt: skip
    return _pull_back(needs, gradients[0], src, M, homogeneous3d, flags, padding_mode)


def _adjoint_perspective(
    needs: tuple[bool, ...], gradients: tuple[Tensor, ...], outputs: tuple[Tensor, ...], src: Tensor, M: Tensor,
    dsize: tuple[int, int, int], flags: str, border_mode: str, align_corners: bool,
) -> tuple[Tensor | None, ...]:  # fmt: skip
    return _pull_back(needs, gradients[0], src, M, lambda matrix: matrix, flags, border_mode)


@kernel(accepts=_accepts_affine, adjoint=_adjoint_affine, examples=_examples_affine, keep_outputs=False)
def warp_affine3d(
    src: Tensor, M: Tensor, dsize: tuple[int, int, int], flags: str, padding_mode: str, align_corners: bool
) -> Tensor:
    """Compute positions voxel by voxel, from the inverse in float64."""
    return _warp(src, homogeneous3d(M.detach().double()), dsize, flags, padding_mode)


@kernel(accepts=_accepts_perspective, adjoint=_adjoint_perspective, examples=_examples_perspective, keep_outputs=False)
def warp_perspective3d(
    src: Tensor, M: Tensor, dsize: tuple[int, int, int], flags: str, border_mode: str, align_corners: bool
) -> Tensor:
    """Compute positions voxel by voxel, from the inverse in float64."""
    return _warp(src, M.detach().double(), dsize, flags, border_mode)


def _warp(src: Tensor, matrix: Tensor, size: tuple[int, int, int], flags: str, padding_mode: str) -> Tensor:
    volumes = as_array(src).reshape(*src.shape[:2], -1)
    result = empty(*src.shape[:2], *size)
    inverses = inverse3d(matrix).contiguous().numpy().reshape(-1, 16)
    parallel_for(
        _warp_rows, len(src) * size[0] * size[1], volumes, tuple(src.shape[2:]), inverses,
        padding_mode == "border", flags == "nearest", as_array(result), work=16 * result.numel(),
    )  # fmt: skip
    return result


def _pull_back(
    needs: tuple[bool, ...], gradient: Tensor, src: Tensor, M: Tensor, square: Callable[[Tensor], Tensor], flags: str,
    padding_mode: str,
) -> tuple[Tensor | None, ...]:  # fmt: skip
    """Return the gradients to volumes and to matrices, which `square` makes homographies."""
    with torch.enable_grad():
        leaves = M.detach().double().requires_grad_()
        inverses = inverse3d(square(leaves))
    matrices = inverses.detach().contiguous().numpy().reshape(-1, 16)
    shape, sizes, border = tuple(src.shape[2:]), tuple(gradient.shape[2:]), padding_mode == "border"
    gradients = as_array(gradient).reshape(*gradient.shape[:2], -1)
    to_volumes, to_matrices = None, None
    if needs[0]:
        to_volumes = empty(*src.shape)
        parts = min(-(-PARTS // len(src)), shape[0])
        parallel_for(
            _warp3d_adjoints.scatter_to_volumes, len(src) * parts, parts, shape, sizes, matrices, border,
            flags == "nearest", gradients, as_array(to_volumes).reshape(*src.shape[:2], -1), work=16 * gradient.numel(),
        )  # fmt: skip
    if needs[1]:
        sums = np.zeros((len(src) * sizes[0], 16))
        if flags != "nearest":
            parallel_for(
                _warp3d_adjoints.warps_to_matrices3d, len(sums), as_array(src).reshape(*src.shape[:2], -1), shape,
                sizes, matrices, border, gradients, sums, work=16 * gradient.numel(),
            )  # fmt: skip
        found = torch.from_numpy(sums.reshape(len(src), sizes[0], 16).sum(1)).view(-1, 4, 4)
        found = found if len(inverses) == len(found) else found.sum(0, keepdim=True)
        (to_matrices,) = torch.autograd.grad(inverses, leaves, found)
        to_matrices = to_matrices.to(M.dtype)
    return to_volumes, to_matrices, None, None, None, None


@compile_kernel(inline="always")
def _mix_slice(voxels, lower, upper, above, below):
    a, b, c, d = voxels
    return mix(mix(a, lower) + mix(b, upper), above) + mix(mix(c, lower) + mix(d, upper), below)


@compile_kernel(**BARE)
def _warp_row(volumes, depth, height, width, m, border, nearest, k, i, columns, scratch):
    """Fill a row of all channels of scratch, sixteen voxels at a time."""
    row, size = start_row(m, k, i), height * width
    for j in range(0, columns, LANES):
        x, y, z, _ = place_voxels(m, row, j)
        low_x, lower, upper = taps(x, width, border, nearest)
        low_y, above, below = taps(y, height, border, nearest)
        low_z, near, far = taps(z, depth, border, nearest)
        corners = corners_of(low_x, low_y, width, height)
        front, back = slices_of(low_z, 0, depth - 1)
        for channel in range(volumes.shape[0]):
            volume = volumes[channel]
            ahead = _mix_slice(gather_slice(volume, corners, front, size), lower, upper, above, below)
            behind = _mix_slice(gather_slice(volume, corners, back, size), lower, upper, above, below)
            store(scratch[channel], j, mix(ahead, near) + mix(behind, far))


@compile_kernel
def _warp_rows(start, stop, volumes, shape, matrices, border, nearest, result):
    """Fill rows `start` to `stop` of all slices of all volumes, counted through."""
    channels, slices, rows, columns = result.shape[1:]
    depth, height, width = shape
    scratch = np.empty((channels, (columns + LANES - 1) // LANES * LANES), f32)
    for unit in range(start, stop):
        i = unit % rows
        k = unit // rows % slices
        index = unit // (rows * slices)
        matrix = matrices[index % matrices.shape[0]]
        _warp_row(volumes[index], depth, height, width, matrix, border, nearest, k, i, columns, scratch)
        for channel in range(channels):
            result[index, channel, k, i] = scratch[channel, :columns]
