# SPDX-License-Identifier: Apache-2.0
"""Homogeneous coordinates of points, and homogeneous forms of affine matrices."""

import torch
from jaxtyping import Float
from torch import Tensor

from foveal._check import check_floating, check_shape
from foveal._op import op


@op
def convert_points_from_homogeneous(
    points: Float[Tensor, "*batch count dimensions"], eps: float = 1e-8
) -> Float[Tensor, "*batch count fewer"]:
    """Divide points by their last coordinate, and drop it.

    Args:
        points: homogeneous points, (*, N, D).
        eps: a point whose last coordinate is not larger in magnitude, a point at infinity, is not divided.

    Returns:
        Points, (*, N, D - 1).

    Raises:
        TypeError: `points` is not a floating-point tensor.
        ValueError: `points` has fewer than two dimensions.

    >>> convert_points_from_homogeneous(torch.tensor([[2.0, 4.0, -2.0], [2.0, 4.0, 0.0]]))
    tensor([[-1., -2.],
            [ 2.,  4.]])
    """
    check_floating(points, "points")
    check_shape(points, "points", "*", "N", "D")
    return divide(points[..., :-1], points[..., -1:], eps)


@op
def convert_points_to_homogeneous(
    points: Float[Tensor, "*batch count dimensions"],
) -> Float[Tensor, "*batch count more"]:
    """Append a coordinate of one to points.

    Args:
        points: points, (*, N, D).

    Returns:
        Homogeneous points, (*, N, D + 1).

    Raises:
        TypeError: `points` is not a floating-point tensor.
        ValueError: `points` has fewer than two dimensions.

    >>> convert_points_to_homogeneous(torch.tensor([[2.0, 4.0]]))
    tensor([[2., 4., 1.]])
    """
    check_floating(points, "points")
    check_shape(points, "points", "*", "N", "D")
    return torch.nn.functional.pad(points, (0, 1), value=1.0)


@op
def convert_affinematrix_to_homography(A: Float[Tensor, "batch 2 3"]) -> Float[Tensor, "batch 3 3"]:
    """Append the row (0, 0, 1) to affine matrices of the plane.

    Args:
        A: affine matrices, (B, 2, 3).

    Returns:
        Homographies, (B, 3, 3).

    Raises:
        TypeError: `A` is not a floating-point tensor.
        ValueError: `A` is not (B, 2, 3).

    >>> convert_affinematrix_to_homography(torch.tensor([[[2.0, 0.0, 5.0], [0.0, 2.0, 6.0]]]))
    tensor([[[2., 0., 5.],
             [0., 2., 6.],
             [0., 0., 1.]]])
    """
    check_floating(A, "A")
    check_shape(A, "A", "B", 2, 3)
    return append_row(A)


@op
def convert_affinematrix_to_homography3d(A: Float[Tensor, "batch 3 4"]) -> Float[Tensor, "batch 4 4"]:
    """Append the row (0, 0, 0, 1) to affine matrices of space.

    Args:
        A: affine matrices, (B, 3, 4).

    Returns:
        Homographies, (B, 4, 4).

    Raises:
        TypeError: `A` is not a floating-point tensor.
        ValueError: `A` is not (B, 3, 4).

    >>> convert_affinematrix_to_homography3d(torch.eye(3, 4)[None])[0, 3]
    tensor([0., 0., 0., 1.])
    """
    check_floating(A, "A")
    check_shape(A, "A", "B", 3, 4)
    return append_row(A)


def divide(numerator: Float[Tensor, "*batch some"], weight: Float[Tensor, "*batch 1"], eps: float) -> Tensor:
    """Divide by homogeneous weights, those of points at infinity left out: their gradient is finite so."""
    return numerator / torch.where(weight.abs() > eps, weight, 1)


def append_row(matrix: Float[Tensor, "*batch rows columns"]) -> Float[Tensor, "*batch more columns"]:
    """Append the row (0, ..., 0, 1)."""
    columns = matrix.shape[-1]
    row = torch.eye(columns, device=matrix.device, dtype=matrix.dtype)[-1:]
    return torch.cat([matrix, row.expand(*matrix.shape[:-2], 1, columns)], dim=-2)
