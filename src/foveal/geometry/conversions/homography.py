# SPDX-License-Identifier: Apache-2.0
"""Homographies of pixel coordinates and of coordinates normalized to [-1, 1]."""

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor

from foveal._check import check_floating, check_shape, check_size
from foveal._op import op
from foveal.geometry._small import multiply, widen


def normal_transform_pixel(
    height: int,
    width: int,
    eps: float = 1e-14,
    device: torch.device | None = None,
    dtype: torch.dtype | None = None,
    align_corners: bool = True,
) -> Float[Tensor, "1 3 3"]:
    """Return the matrix from pixel coordinates (x, y, 1) to normalized ones.

    Args:
        height: rows of the image.
        width: columns of the image.
        eps: has no effect: an axis of one pixel divides by nothing.
        device: of the result.
        dtype: of the result.
        align_corners: whether -1 and 1 are the centres of the outer pixels, or their outer edges.

    Returns:
        The matrix, (1, 3, 3).

    Raises:
        ValueError: a side is less than one pixel.

    Convention: with aligned corners, an axis of one pixel keeps its unit: pixel 0 is at 0, pixel 1 at 1.

    >>> normal_transform_pixel(3, 5)
    tensor([[[ 0.5000,  0.0000, -1.0000],
             [ 0.0000,  1.0000, -1.0000],
             [ 0.0000,  0.0000,  1.0000]]])
    """
    check_size((height, width), "(height, width)", 2)
    return _to_normalized((width, height), align_corners, device=device, dtype=dtype)


def normal_transform_pixel3d(
    depth: int,
    height: int,
    width: int,
    eps: float = 1e-14,
    device: torch.device | None = None,
    dtype: torch.dtype | None = None,
) -> Float[Tensor, "1 4 4"]:
    """Return the matrix from voxel coordinates (x, y, z, 1) to normalized ones, corners aligned.

    Args:
        depth: planes of the volume.
        height: rows of the volume.
        width: columns of the volume.
        eps: has no effect.
        device: of the result.
        dtype: of the result.

    Returns:
        The matrix, (1, 4, 4).

    Raises:
        ValueError: a side is less than one voxel.

    Convention: an axis of one voxel keeps its unit, as in `normal_transform_pixel`.

    >>> normal_transform_pixel3d(2, 3, 5)[0, :3, 3]
    tensor([-1., -1., -1.])
    """
    check_size((depth, height, width), "(depth, height, width)", 3)
    return _to_normalized((width, height, depth), True, device=device, dtype=dtype)


@op
def normalize_homography(
    dst_pix_trans_src_pix: Float[Tensor, "*batch 3 3"],
    dsize_src: tuple[int, int],
    dsize_dst: tuple[int, int],
    align_corners: bool = True,
) -> Float[Tensor, "images 3 3"]:
    """Turn homographies of pixel coordinates into those of normalized coordinates.

    Args:
        dst_pix_trans_src_pix: from source pixels to destination pixels, (B, 3, 3) or (3, 3).
        dsize_src: rows and columns of the source.
        dsize_dst: rows and columns of the destination.
        align_corners: whether -1 and 1 are the centres of the outer pixels, or their outer edges.

    Returns:
        From normalized source to normalized destination coordinates, (B, 3, 3).

    Raises:
        TypeError: the matrix is not a floating-point tensor.
        ValueError: the matrix is neither (B, 3, 3) nor (3, 3), or a size is not two positive integers.

    >>> shift = torch.tensor([[1.0, 0.0, 2.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    >>> normalize_homography(shift, (5, 5), (5, 5))[0, 0]
    tensor([1., 0., 1.])
    """
    sides = _check(dst_pix_trans_src_pix, dsize_src, dsize_dst, 2)
    return _conjugate(dst_pix_trans_src_pix, *sides, align_corners, _to_normalized, _to_pixels)


@op
def denormalize_homography(
    dst_pix_trans_src_pix: Float[Tensor, "*batch 3 3"],
    dsize_src: tuple[int, int],
    dsize_dst: tuple[int, int],
    align_corners: bool = True,
) -> Float[Tensor, "images 3 3"]:
    """Turn homographies of normalized coordinates into those of pixel coordinates: `normalize_homography` undone.

    Args:
        dst_pix_trans_src_pix: from normalized source to normalized destination coordinates, (B, 3, 3) or (3, 3).
        dsize_src: rows and columns of the source.
        dsize_dst: rows and columns of the destination.
        align_corners: whether -1 and 1 are the centres of the outer pixels, or their outer edges.

    Returns:
        From source pixels to destination pixels, (B, 3, 3).

    Raises:
        TypeError: the matrix is not a floating-point tensor.
        ValueError: the matrix is neither (B, 3, 3) nor (3, 3), or a size is not two positive integers.

    >>> denormalize_homography(torch.eye(3), (3, 5), (5, 9))[0, 0]
    tensor([2., 0., 0.])
    """
    sides = _check(dst_pix_trans_src_pix, dsize_src, dsize_dst, 2)
    return _conjugate(dst_pix_trans_src_pix, *sides, align_corners, _to_pixels, _to_normalized)


@op
def normalize_homography3d(
    dst_pix_trans_src_pix: Float[Tensor, "*batch 4 4"],
    dsize_src: tuple[int, int, int],
    dsize_dst: tuple[int, int, int],
    *,
    align_corners: bool = True,
) -> Float[Tensor, "images 4 4"]:
    """Turn homographies of voxel coordinates (x, y, z) into those of normalized coordinates.

    Args:
        dst_pix_trans_src_pix: from source voxels to destination voxels, (B, 4, 4) or (4, 4).
        dsize_src: planes, rows and columns of the source.
        dsize_dst: planes, rows and columns of the destination.
        align_corners: whether -1 and 1 are the centres of the outer voxels, or their outer faces.

    Returns:
        From normalized source to normalized destination coordinates, (B, 4, 4).

    Raises:
        TypeError: the matrix is not a floating-point tensor.
        ValueError: the matrix is neither (B, 4, 4) nor (4, 4), or a size is not three positive integers.

    >>> normalize_homography3d(torch.eye(4), (3, 3, 3), (5, 5, 5))[0, 0]
    tensor([ 0.5000,  0.0000,  0.0000, -0.5000])
    """
    sides = _check(dst_pix_trans_src_pix, dsize_src, dsize_dst, 3)
    return _conjugate(dst_pix_trans_src_pix, *sides, align_corners, _to_normalized, _to_pixels)


@op
def denormalize_homography3d(
    dst_pix_trans_src_pix: Float[Tensor, "*batch 4 4"],
    dsize_src: tuple[int, int, int],
    dsize_dst: tuple[int, int, int],
    *,
    align_corners: bool = True,
) -> Float[Tensor, "images 4 4"]:
    """Turn homographies of normalized coordinates into those of voxel coordinates: `normalize_homography3d` undone.

    Args:
        dst_pix_trans_src_pix: from normalized source to normalized destination coordinates, (B, 4, 4) or (4, 4).
        dsize_src: planes, rows and columns of the source.
        dsize_dst: planes, rows and columns of the destination.
        align_corners: whether -1 and 1 are the centres of the outer voxels, or their outer faces.

    Returns:
        From source voxels to destination voxels, (B, 4, 4).

    Raises:
        TypeError: the matrix is not a floating-point tensor.
        ValueError: the matrix is neither (B, 4, 4) nor (4, 4), or a size is not three positive integers.

    >>> denormalize_homography3d(torch.eye(4), (3, 3, 3), (5, 5, 5))[0, 0]
    tensor([2., 0., 0., 0.])
    """
    sides = _check(dst_pix_trans_src_pix, dsize_src, dsize_dst, 3)
    return _conjugate(dst_pix_trans_src_pix, *sides, align_corners, _to_pixels, _to_normalized)


def axis_scale(size: int, align_corners: bool = True) -> tuple[float, float]:
    """Return scale and offset from the pixel coordinate of an axis to the normalized one."""
    if not align_corners:
        return 2 / size, 1 / size - 1
    return (2 / (size - 1), -1.0) if size > 1 else (1.0, 0.0)


def _check(
    matrix: Tensor, source: tuple[int, ...], destination: tuple[int, ...], dimensions: int
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Check the arguments and return both sizes in the order of coordinates: x first."""
    check_floating(matrix, "dst_pix_trans_src_pix")
    batch = () if matrix.ndim == 2 else ("B",)
    check_shape(matrix, "dst_pix_trans_src_pix", *batch, dimensions + 1, dimensions + 1)
    check_size(source, "dsize_src", dimensions)
    check_size(destination, "dsize_dst", dimensions)
    return tuple(source)[::-1], tuple(destination)[::-1]


def _to_normalized(sides: tuple[int, ...], align_corners: bool, **options: object) -> Tensor:
    return _diagonal([axis_scale(side, align_corners) for side in sides], **options)


def _to_pixels(sides: tuple[int, ...], align_corners: bool, **options: object) -> Tensor:
    scales = [axis_scale(side, align_corners) for side in sides]
    return _diagonal([(1 / scale, -offset / scale) for scale, offset in scales], **options)


def _diagonal(axes: list[tuple[float, float]], **options: object) -> Float[Tensor, "1 size size"]:
    """Return the matrix that scales and shifts each axis."""
    rows = [
        [*(scale if column == row else 0.0 for column in range(len(axes))), offset]
        for row, (scale, offset) in enumerate(axes)
    ]
    return torch.tensor([[*rows, [*([0.0] * len(axes)), 1.0]]], **options)  # pyright: ignore[reportArgumentType]


def _conjugate(
    matrix: Tensor,
    source: tuple[int, ...],
    destination: tuple[int, ...],
    align_corners: bool,
    leave: Callable[..., Tensor],
    enter: Callable[..., Tensor],
) -> Tensor:
    wide = widen(matrix.unsqueeze(0) if matrix.ndim == 2 else matrix)
    left = leave(destination, align_corners, device=wide.device, dtype=wide.dtype)
    right = enter(source, align_corners, device=wide.device, dtype=wide.dtype)
    return multiply(multiply(left, wide), right).to(matrix.dtype)
