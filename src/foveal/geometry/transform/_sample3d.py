# SPDX-License-Identifier: Apache-2.0
"""Voxels of a volume at given positions, and the warp by a homography of voxel coordinates."""

import torch
from jaxtyping import Float
from torch import Tensor

from foveal._check import check_floating, check_shape, check_size
from foveal.geometry.transform._sample import axis_taps, check_sampling, weigh


def check_volume(volume: Tensor, name: str) -> None:
    """Raise unless `volume` is a floating-point tensor (B, C, D, H, W) with voxels to sample."""
    check_floating(volume, name)
    check_shape(volume, name, "B", "C", "D", "H", "W")
    if 0 in volume.shape[2:]:
        raise ValueError(f"{name} must have at least one voxel, got {tuple(volume.shape)}")


def check_warp(volume: Tensor, matrix: Tensor, names: tuple[str, str], rows: int, size: tuple[int, int, int]) -> None:
    """Raise unless these are a volume, matrices (rows, 4) for each or for all, and a size."""
    check_volume(volume, names[0])
    check_floating(matrix, names[1])
    check_shape(matrix, names[1], 1 if matrix.shape[:1] == (1,) else volume.shape[0], rows, 4)
    check_size(size, "dsize", 3, smallest=0)


def sample3d(
    volume: Float[Tensor, "batch channels depth height width"],
    positions: tuple[Tensor, Tensor, Tensor],
    mode: str,
    padding_mode: str,
    align_corners: bool,
) -> Float[Tensor, "batch channels *positions"]:
    """Return the volume at positions (x, y, z) in voxels, each (B, d, h, w); options as for `sample`."""
    check_sampling(mode, padding_mode)
    depth, height, width = volume.shape[2:]
    x, y, z = positions
    columns, rows, slices = (
        axis_taps(position, size, mode, padding_mode, align_corners)
        for position, size in ((x, width), (y, height), (z, depth))
    )
    voxels = volume.flatten(-3)
    total = None
    for place, place_weight in slices:
        for row, row_weight in rows:
            for column, column_weight in columns:
                index = ((place * height + row) * width + column).flatten(1).unsqueeze(1)
                value = voxels.gather(2, index.expand(-1, volume.shape[1], -1)).unflatten(2, place.shape[1:])
                value = weigh(weigh(weigh(value, column_weight), row_weight), place_weight)
                total = value if total is None else total + value
    assert total is not None
    return total.to(volume.dtype)


def warp3d(
    volume: Tensor, inverse: Float[Tensor, "#batch 4 4"], size: tuple[int, int, int], mode: str, padding_mode: str,
    align_corners: bool,
) -> Tensor:  # fmt: skip
    """Sample volumes where homographies send the voxels of the result."""
    matrix = inverse.expand(volume.shape[0], 4, 4)
    z, y, x = (
        torch.arange(count, device=matrix.device, dtype=matrix.dtype).view(-1, *(1,) * (2 - axis))
        for axis, count in enumerate(size)
    )
    entries = matrix[..., None, None, None]
    *moved, scale = (
        ((entries[:, i, 0] * x + entries[:, i, 1] * y) + entries[:, i, 2] * z) + entries[:, i, 3] for i in range(4)
    )
    scale = torch.where(scale == 0, torch.finfo(scale.dtype).eps, scale)
    return sample3d(volume, (moved[0] / scale, moved[1] / scale, moved[2] / scale), mode, padding_mode, align_corners)


def inverse3d(matrix: Float[Tensor, "batch 4 4"]) -> Float[Tensor, "batch 4 4"]:
    """Return the inverse times the determinant, from minors: nothing of whole numbers is rounded, nothing divided."""
    rows = matrix.unbind(-2)
    columns: list[Tensor] = []
    for i in range(4):
        others = [row for place, row in enumerate(rows) if place != i]
        entries: list[Tensor] = []
        for j in range(4):
            kept = [k for k in range(4) if k != j]
            a, b, c = ([row[..., k] for k in kept] for row in others)
            minor = (
                a[0] * (b[1] * c[2] - b[2] * c[1])
                - a[1] * (b[0] * c[2] - b[2] * c[0])
                + a[2] * (b[0] * c[1] - b[1] * c[0])
            )
            entries.append(minor if (i + j) % 2 == 0 else 0 - minor)
        columns.append(torch.stack(entries, dim=-1))
    return torch.stack(columns, dim=-1)
