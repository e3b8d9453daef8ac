# SPDX-License-Identifier: Apache-2.0
"""Affine and perspective warps of volumes."""

import torch
from jaxtyping import Float
from torch import Tensor

from foveal._check import check_floating, check_shape
from foveal._op import op
from foveal.geometry.transform._sample import check_sampling, wide_dtype
from foveal.geometry.transform._sample3d import check_volume, check_warp, inverse3d, warp3d
from foveal.geometry.transform.affine_matrix3d import get_projective_transform, homogeneous3d
from foveal.geometry.transform.homography import pixels_to_pixels, warp_points_of_grid


@op
def warp_affine3d(
    src: Float[Tensor, "batch channels depth height width"],
    M: Float[Tensor, "#batch 3 4"],
    dsize: tuple[int, int, int],
    flags: str = "bilinear",
    padding_mode: str = "zeros",
    align_corners: bool = True,
) -> Float[Tensor, "batch channels slices rows columns"]:
    """Warp volumes by affine maps of voxel coordinates.

    Args:
        src: volumes, (B, C, D, H, W).
        M: maps from source to destination voxels, (B, 3, 4) or (1, 3, 4) for all volumes.
        dsize: slices, rows and columns of the result.
        flags: `"bilinear"` or `"nearest"`.
        padding_mode: outside the volume, `"zeros"`, `"border"` or `"reflection"`.
        align_corners: reflect about the centres of the outer voxels, else about their outer faces; nothing else
            depends on it, for the maps are of voxels.

    Returns:
        Warped volumes, (B, C, d, h, w).

    Raises:
        TypeError: an argument is not a floating-point tensor.
        ValueError: an argument has the wrong shape, or an option is unknown.

    Convention: the matrix acts from the left on columns (x, y, z, 1); voxel centres are on integers.

    >>> shift = torch.tensor([[[1.0, 0, 0, 1], [0, 1, 0, 0], [0, 0, 1, 0]]])
    >>> warp_affine3d(torch.tensor([[[[[1.0, 2.0, 3.0]]]]]), shift, (1, 1, 3))
    tensor([[[[[0., 1., 2.]]]]])
    """
    check_warp(src, M, ("src", "M"), 3, dsize)
    inverse = inverse3d(homogeneous3d(M.to(wide_dtype(src, M))))
    return warp3d(src, inverse, dsize, flags, padding_mode, align_corners)


@op
def warp_perspective3d(
    src: Float[Tensor, "batch channels depth height width"],
    M: Float[Tensor, "#batch 4 4"],
    dsize: tuple[int, int, int],
    flags: str = "bilinear",
    border_mode: str = "zeros",
    align_corners: bool = False,
) -> Float[Tensor, "batch channels slices rows columns"]:
    """Warp volumes by homographies of voxel coordinates.

    Args:
        src: volumes, (B, C, D, H, W).
        M: homographies from source to destination voxels, up to scale, (B, 4, 4) or (1, 4, 4) for all volumes.
        dsize: slices, rows and columns of the result.
        flags: `"bilinear"` or `"nearest"`.
        border_mode: outside the volume, `"zeros"`, `"border"` or `"reflection"`.
        align_corners: as for `warp_affine3d`.

    Returns:
        Warped volumes, (B, C, d, h, w).

    Raises:
        TypeError: an argument is not a floating-point tensor.
        ValueError: an argument has the wrong shape, or an option is unknown.

    Convention: the matrix acts from the left on columns (x, y, z, 1); voxel centres are on integers.

    >>> warp_perspective3d(torch.tensor([[[[[1.0, 2.0, 3.0]]]]]), torch.eye(4)[None], (1, 1, 2))
    tensor([[[[[1., 2.]]]]])
    """
    check_warp(src, M, ("src", "M"), 4, dsize)
    check_sampling(flags, "zeros")
    return warp3d(src, inverse3d(M.to(wide_dtype(src, M))), dsize, flags, border_mode, align_corners)


@op
def warp_grid3d(
    grid: Float[Tensor, "grids depth height width 3"],
    src_homo_dst: Float[Tensor, "batch 4 4"] | Float[Tensor, "batch 1 4 4"],
) -> Float[Tensor, "batch depth height width 3"]:
    """Send the points of a grid through homographies of space.

    Args:
        grid: points (x, y, z), (B, D, H, W, 3), or (1, D, H, W, 3) for all homographies.
        src_homo_dst: homographies, up to scale, (B, 4, 4) or (B, 1, 4, 4).

    Returns:
        Points (x, y, z), (B, D, H, W, 3); a point at infinity keeps its numerator.

    Raises:
        TypeError: an argument is not a floating-point tensor.
        ValueError: an argument has the wrong shape.

    >>> warp_grid3d(torch.ones(1, 1, 1, 1, 3), torch.diag(torch.tensor([2.0, 3.0, 4.0, 1.0]))[None]).flatten()
    tensor([2., 3., 4.])
    """
    return warp_points_of_grid(grid, src_homo_dst, 3)


@op
def homography_warp3d(
    patch_src: Float[Tensor, "batch channels depth height width"],
    src_homo_dst: Float[Tensor, "#batch 4 4"],
    dsize: tuple[int, int, int],
    mode: str = "bilinear",
    padding_mode: str = "zeros",
    align_corners: bool = False,
    normalized_coordinates: bool = True,
) -> Float[Tensor, "batch channels slices rows columns"]:
    """Warp volumes by homographies from the result to the volume, in normalized coordinates.

    Args:
        patch_src: volumes, (B, C, D, H, W).
        src_homo_dst: homographies of (x, y, z), up to scale, (B, 4, 4) or (1, 4, 4) for all volumes.
        dsize: slices, rows and columns of the result.
        mode: `"bilinear"` or `"nearest"`.
        padding_mode: outside the volume, `"zeros"`, `"border"` or `"reflection"`.
        align_corners: whether -1 and 1 are the centres of the outer voxels or their outer faces, of volume and result;
            reflection is about the same places.
        normalized_coordinates: the homographies are of [-1, 1], else of voxels, centres on integers.

    Returns:
        Warped volumes, (B, C, d, h, w).

    Raises:
        TypeError: an argument is not a floating-point tensor.
        ValueError: an argument has the wrong shape, or an option is unknown.

    Convention: with aligned corners, an axis of one voxel has its centre at the normalized coordinate 0.

    >>> homography_warp3d(torch.tensor([[[[[1.0, 2.0]]]]]), torch.diag(torch.tensor([-1.0, 1, 1, 1]))[None], (1, 1, 2))
    tensor([[[[[2., 1.]]]]])
    """
    check_warp(patch_src, src_homo_dst, ("patch_src", "src_homo_dst"), 4, dsize)
    matrix = src_homo_dst.to(wide_dtype(patch_src, src_homo_dst))
    back = pixels_to_pixels(matrix, tuple(patch_src.shape[2:]), dsize, align_corners, normalized_coordinates)
    return warp3d(patch_src, back, dsize, mode, padding_mode, align_corners)


@op
def affine3d(
    tensor: Float[Tensor, "*batch channels depth height width"],
    matrix: Float[Tensor, "count 3 4"],
    mode: str = "bilinear",
    padding_mode: str = "zeros",
    align_corners: bool = False,
) -> Float[Tensor, "*batch channels depth height width"]:
    """Warp volumes by affine maps of voxel coordinates, at their own size.

    Args:
        tensor: volumes, (B, C, D, H, W) or (C, D, H, W).
        matrix: maps from source to destination voxels, (B, 3, 4) or (1, 3, 4) for all volumes.
        mode: `"bilinear"` or `"nearest"`.
        padding_mode: outside the volume, `"zeros"`, `"border"` or `"reflection"`.
        align_corners: as for `warp_affine3d`.

    Returns:
        Warped volumes, of the shape of `tensor`.

    Raises:
        TypeError: an argument is not a floating-point tensor.
        ValueError: an argument has the wrong shape, or an option is unknown.

    >>> affine3d(torch.tensor([[[[1.0, 2.0, 3.0]]]]), torch.eye(3, 4)[None])
    tensor([[[[1., 2., 3.]]]])
    """
    volumes = _as_batch(tensor)
    size = (volumes.shape[2], volumes.shape[3], volumes.shape[4])
    check_warp(volumes, matrix, ("tensor", "matrix"), 3, size)
    return warp_affine3d(volumes, matrix, size, mode, padding_mode, align_corners).view(tensor.shape)


@op
def rotate3d(
    tensor: Float[Tensor, "*batch channels depth height width"],
    yaw: Float[Tensor, " count"],
    pitch: Float[Tensor, " count"],
    roll: Float[Tensor, " count"],
    center: Float[Tensor, "centers 3"] | None = None,
    mode: str = "bilinear",
    padding_mode: str = "zeros",
    align_corners: bool = False,
) -> Float[Tensor, "*batch channels depth height width"]:
    """Turn volumes about a centre.

    Args:
        tensor: volumes, (B, C, D, H, W) or (C, D, H, W).
        yaw: first entry, along x, of the axis of the turn times its angle in degrees, (B,) or (1,).
        pitch: second entry, along y, (B,) or (1,).
        roll: third entry, along z, (B,) or (1,).
        center: (x, y, z) in voxels, (B, 3) or (1, 3); `None` is the middle of the volume.
        mode: `"bilinear"` or `"nearest"`.
        padding_mode: outside the volume, `"zeros"`, `"border"` or `"reflection"`.
        align_corners: as for `warp_affine3d`.

    Returns:
        Turned volumes, of the shape of `tensor`.

    Raises:
        TypeError: an argument is not a floating-point tensor.
        ValueError: an argument has the wrong shape, or an option is unknown.

    Convention: one turn about one axis, by the right-hand rule, as `get_projective_transform`; not three in a row.

    >>> zero = torch.zeros(1)
    >>> rotate3d(torch.tensor([[[[1.0, 2.0], [3.0, 4.0]]]]), zero, zero, zero + 180, padding_mode="border").round()
    tensor([[[[4., 3.],
              [2., 1.]]]])
    """
    volumes = _as_batch(tensor)
    batch, dtype = volumes.shape[0], wide_dtype(volumes)
    parts: list[Tensor] = []
    for value, name in ((yaw, "yaw"), (pitch, "pitch"), (roll, "roll")):
        check_floating(value, name)
        check_shape(value, name, 1 if value.shape == (1,) else batch)
        parts.append(value.to(dtype).expand(batch))
    if center is None:
        middle = [(size - 1) / 2 for size in volumes.shape[:1:-1]]
        center = torch.tensor([middle], device=tensor.device, dtype=dtype)
    check_floating(center, "center")
    check_shape(center, "center", 1 if center.shape[:1] == (1,) else batch, 3)
    center = center.to(dtype).expand(batch, 3)
    matrix = get_projective_transform.reference(center, torch.stack(parts, dim=-1), torch.ones_like(center))
    return affine3d(tensor, matrix, mode, padding_mode, align_corners)


def _as_batch(tensor: Tensor) -> Tensor:
    check_floating(tensor, "tensor")
    volumes = tensor.unsqueeze(0) if tensor.ndim == 4 else tensor
    check_volume(volumes, "tensor")
    return volumes
