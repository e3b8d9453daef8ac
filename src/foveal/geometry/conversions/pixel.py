# SPDX-License-Identifier: Apache-2.0
"""Pixel coordinates and coordinates normalized to [-1, 1], corners aligned."""

import torch
from jaxtyping import Float
from torch import Tensor

from foveal._check import check_floating, check_shape, check_size
from foveal._op import op
from foveal.geometry.conversions.homography import axis_scale


@op
def normalize_pixel_coordinates(
    pixel_coordinates: Float[Tensor, "*batch 2"], height: int, width: int, eps: float = 1e-8
) -> Float[Tensor, "*batch 2"]:
    """Map pixel coordinates so that the centres of the outer pixels are at -1 and 1.

    Args:
        pixel_coordinates: (x, y) in pixels, (*, 2).
        height: rows of the image.
        width: columns of the image.
        eps: has no effect: an axis of one pixel divides by nothing.

    Returns:
        Normalized (x, y), (*, 2).

    Raises:
        TypeError: the coordinates are not a floating-point tensor.
        ValueError: the coordinates are not (*, 2), or a side is less than one pixel.

    Convention: an axis of one pixel keeps its unit: pixel 0 is at 0, pixel 1 at 1.

    >>> normalize_pixel_coordinates(torch.tensor([4.0, 1.0]), 3, 5)
    tensor([1., 0.])
    """
    scale, offset = _axes(pixel_coordinates, (width, height))
    return pixel_coordinates * scale + offset


@op
def denormalize_pixel_coordinates(
    pixel_coordinates: Float[Tensor, "*batch 2"], height: int, width: int, eps: float = 1e-8
) -> Float[Tensor, "*batch 2"]:
    """Map normalized coordinates to pixels: `normalize_pixel_coordinates` undone.

    Args:
        pixel_coordinates: normalized (x, y), (*, 2).
        height: rows of the image.
        width: columns of the image.
        eps: has no effect.

    Returns:
        Coordinates (x, y) in pixels, (*, 2).

    Raises:
        TypeError: the coordinates are not a floating-point tensor.
        ValueError: the coordinates are not (*, 2), or a side is less than one pixel.

    >>> denormalize_pixel_coordinates(torch.tensor([1.0, 0.0]), 3, 5)
    tensor([4., 1.])
    """
    scale, offset = _axes(pixel_coordinates, (width, height))
    return (pixel_coordinates - offset) / scale


@op
def normalize_pixel_coordinates3d(
    pixel_coordinates: Float[Tensor, "*batch 3"], depth: int, height: int, width: int, eps: float = 1e-8
) -> Float[Tensor, "*batch 3"]:
    """Map voxel coordinates so that the centres of the outer voxels are at -1 and 1.

    Args:
        pixel_coordinates: (z, x, y) in voxels, (*, 3).
        depth: planes of the volume.
        height: rows of the volume.
        width: columns of the volume.
        eps: has no effect.

    Returns:
        Normalized (z, x, y), (*, 3).

    Raises:
        TypeError: the coordinates are not a floating-point tensor.
        ValueError: the coordinates are not (*, 3), or a side is less than one voxel.

    Convention: depth first, then x, then y, the order of `create_meshgrid3d`; not (x, y, z).

    >>> normalize_pixel_coordinates3d(torch.tensor([2.0, 8.0, 4.0]), 3, 5, 9)
    tensor([1., 1., 1.])
    """
    scale, offset = _axes(pixel_coordinates, (depth, width, height))
    return pixel_coordinates * scale + offset


@op
def denormalize_pixel_coordinates3d(
    pixel_coordinates: Float[Tensor, "*batch 3"], depth: int, height: int, width: int, eps: float = 1e-8
) -> Float[Tensor, "*batch 3"]:
    """Map normalized coordinates to voxels: `normalize_pixel_coordinates3d` undone.

    Args:
        pixel_coordinates: normalized (z, x, y), (*, 3).
        depth: planes of the volume.
        height: rows of the volume.
        width: columns of the volume.
        eps: has no effect.

    Returns:
        Coordinates (z, x, y) in voxels, (*, 3).

    Raises:
        TypeError: the coordinates are not a floating-point tensor.
        ValueError: the coordinates are not (*, 3), or a side is less than one voxel.

    Convention: depth first, then x, then y, as in `normalize_pixel_coordinates3d`.

    >>> denormalize_pixel_coordinates3d(torch.tensor([1.0, 1.0, 1.0]), 3, 5, 9)
    tensor([2., 8., 4.])
    """
    scale, offset = _axes(pixel_coordinates, (depth, width, height))
    return (pixel_coordinates - offset) / scale


def _axes(coordinates: Tensor, sizes: tuple[int, ...]) -> tuple[Tensor, Tensor]:
    """Check the arguments, and return scale and offset of each axis."""
    check_floating(coordinates, "pixel_coordinates")
    check_shape(coordinates, "pixel_coordinates", "*", len(sizes))
    check_size(sizes, "the size of the image", len(sizes))
    axes = torch.tensor([axis_scale(size) for size in sizes], device=coordinates.device, dtype=coordinates.dtype)
    scale, offset = axes.unbind(-1)
    return scale, offset
