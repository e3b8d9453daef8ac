# SPDX-License-Identifier: Apache-2.0
"""Linear algebra of points, lines and rigid motions."""

import torch
from jaxtyping import Float, Num
from torch import Tensor

from foveal._check import check_floating, check_shape, check_tensor
from foveal._op import op
from foveal.geometry._small import multiply, widen
from foveal.geometry.conversions.homogeneous import append_row, divide

__all__ = [
    "batched_dot_product",
    "batched_squared_norm",
    "compose_transformations",
    "euclidean_distance",
    "inverse_transformation",
    "point_line_distance",
    "relative_transformation",
    "squared_norm",
    "transform_points",
]

# A weight of no more than this is that of a point at infinity, which is not divided.
INFINITY = 1e-8


@op
def transform_points(
    trans_01: Float[Tensor, "*matrices size size"], points_1: Num[Tensor, "*batch count dimensions"]
) -> Float[Tensor, "*batch count dimensions"]:
    """Map points by homographies.

    Args:
        trans_01: homographies from frame 1 to frame 0, (B, D + 1, D + 1). One matrix, (1, ...) or without a batch,
            serves all; the dimensions of a batch are those of the points, from the left, and may end early.
        points_1: points in frame 1, (B, ..., N, D); integers give floats of the matrices' dtype.

    Returns:
        Points in frame 0, (B, ..., N, D).

    Raises:
        TypeError: `trans_01` is not a floating-point tensor, or `points_1` is no tensor.
        ValueError: the matrices are not square, are not one larger than the points have coordinates, or their batch
            does not fit.

    Convention: matrices act on columns (x, y, 1) from the left. A point that is sent to infinity is not divided by
    its last coordinate.

    >>> shift = torch.tensor([[1.0, 0.0, 5.0], [0.0, 1.0, 6.0], [0.0, 0.0, 1.0]])
    >>> transform_points(shift, torch.tensor([[1.0, 2.0]]))
    tensor([[6., 8.]])
    """
    check_floating(trans_01, "trans_01")
    check_tensor(points_1, "points_1")
    check_shape(points_1, "points_1", "*", "N", "D")
    size = points_1.shape[-1] + 1
    check_shape(trans_01, "trans_01", "*", size, size)
    batch, matrices = points_1.shape[:-2], trans_01.shape[:-2]
    if len(matrices) > len(batch) or any(m not in (1, b) for m, b in zip(matrices, batch, strict=False)):
        raise ValueError(f"the batch {tuple(matrices)} of trans_01 must be 1 or that of points_1, {tuple(batch)}")
    dtype = torch.promote_types(trans_01.dtype, points_1.dtype)
    matrix = widen(trans_01.to(dtype)).view(*matrices, *(1,) * (len(batch) - len(matrices) + 1), size, size)
    points = widen(points_1.to(dtype)).unsqueeze(-2)
    # No operator `@`: it would be rounded to half precision under autocast.
    mapped = (matrix[..., :-1] * points).sum(dim=-1) + matrix[..., -1]
    return divide(mapped[..., :-1], mapped[..., -1:], INFINITY).to(
        points_1.dtype if points_1.is_floating_point() else trans_01.dtype
    )


@op
def batched_dot_product(
    x: Float[Tensor, "*batch size"], y: Float[Tensor, "*batch size"], keepdim: bool = False
) -> Float[Tensor, "*reduced"]:
    """Return the dot products along the last dimension.

    Args:
        x: vectors, (*, N).
        y: vectors that broadcast with them.
        keepdim: keep the last dimension, as one of size one.

    Returns:
        Dot products, (*) or (*, 1).

    Raises:
        TypeError: an argument is not a floating-point tensor.

    >>> batched_dot_product(torch.tensor([1.0, 2.0]), torch.tensor([3.0, 4.0]))
    tensor(11.)
    """
    check_floating(x, "x")
    check_floating(y, "y")
    return (x * y).sum(dim=-1, keepdim=keepdim)


@op
def batched_squared_norm(x: Float[Tensor, "*batch size"], keepdim: bool = False) -> Float[Tensor, "*reduced"]:
    """Return the squared lengths of vectors along the last dimension.

    Args:
        x: vectors, (*, N).
        keepdim: keep the last dimension, as one of size one.

    Returns:
        Squared lengths, (*) or (*, 1).

    Raises:
        TypeError: `x` is not a floating-point tensor.

    >>> batched_squared_norm(torch.tensor([3.0, 4.0]))
    tensor(25.)
    """
    check_floating(x, "x")
    return (x * x).sum(dim=-1, keepdim=keepdim)


squared_norm = batched_squared_norm


@op
def euclidean_distance(
    x: Float[Tensor, "*#batch size"], y: Float[Tensor, "*#batch size"], keepdim: bool = False, eps: float = 1e-6
) -> Float[Tensor, "*reduced"]:
    """Return the distances between points.

    Args:
        x: points, (*, N).
        y: points that broadcast with them.
        keepdim: keep the last dimension, as one of size one.
        eps: has no effect: the distance of a point to itself is zero, and so is its gradient.

    Returns:
        Distances, (*) or (*, 1).

    Raises:
        TypeError: an argument is not a floating-point tensor.

    >>> euclidean_distance(torch.tensor([1.0, 1.0]), torch.tensor([4.0, 5.0]))
    tensor(5.)
    """
    check_floating(x, "x")
    check_floating(y, "y")
    return _length(x - y, keepdim)


@op
def point_line_distance(
    point: Float[Tensor, "*batch coordinates"], line: Float[Tensor, "*batch 3"], eps: float = 1e-9
) -> Float[Tensor, "*batch"]:
    """Return the distances from points to lines.

    Args:
        point: points (x, y), (*, N, 2), or homogeneous ones (x, y, w), (*, N, 3).
        line: lines (a, b, c) of the points with a x + b y + c = 0, at any scale, (*, N, 3).
        eps: has no effect.

    Returns:
        Distances, (*, N); infinite for a point at infinity, and for a line with a = b = 0.

    Raises:
        TypeError: an argument is not a floating-point tensor.
        ValueError: `point` has not two or three coordinates, or `line` not three.

    >>> point_line_distance(torch.tensor([[5.0, 1.0]]), torch.tensor([[2.0, 0.0, -4.0]]))
    tensor([3.])
    """
    check_floating(point, "point")
    check_floating(line, "line")
    check_shape(line, "line", "*", 3)
    check_shape(point, "point", "*", 3 if point.shape[-1:] == (3,) else 2)
    a, b, c = line.unbind(-1)
    scale = _length(line[..., :2])
    if point.shape[-1] == 3:
        c, scale = c * point[..., 2], scale * point[..., 2].abs()
    proper = scale > 0
    distance = (a * point[..., 0] + b * point[..., 1] + c).abs() / torch.where(proper, scale, 1)
    return torch.where(proper, distance, torch.inf)


@op
def compose_transformations(
    trans_01: Float[Tensor, "*first 4 4"], trans_12: Float[Tensor, "*second 4 4"]
) -> Float[Tensor, "*batch 4 4"]:
    """Chain two affine transforms of space.

    Args:
        trans_01: from frame 1 to frame 0, (N, 4, 4) or (4, 4); the last row counts as (0, 0, 0, 1).
        trans_12: from frame 2 to frame 1, of the same shape or a batch of one.

    Returns:
        From frame 2 to frame 0, (N, 4, 4) or (4, 4).

    Raises:
        TypeError: an argument is not a floating-point tensor.
        ValueError: an argument is not (N, 4, 4) or (4, 4).

    >>> double = torch.diag(torch.tensor([2.0, 2.0, 2.0, 1.0]))
    >>> compose_transformations(double, double).diagonal()
    tensor([4., 4., 4., 1.])
    """
    _check_transform(trans_01, "trans_01")
    _check_transform(trans_12, "trans_12")
    return _compose(trans_01, trans_12)


@op
def inverse_transformation(trans_12: Float[Tensor, "*batch 4 4"]) -> Float[Tensor, "*batch 4 4"]:
    """Invert rigid motions by a transpose.

    Args:
        trans_12: rotation and translation from frame 2 to frame 1, (N, 4, 4) or (4, 4); the last row counts as
            (0, 0, 0, 1).

    Returns:
        From frame 1 to frame 2, of the same shape. Not the inverse of a matrix that scales or shears.

    Raises:
        TypeError: `trans_12` is not a floating-point tensor.
        ValueError: `trans_12` is not (N, 4, 4) or (4, 4).

    >>> shift = torch.tensor([[1.0, 0, 0, 5], [0, 1, 0, 6], [0, 0, 1, 7], [0, 0, 0, 1]])
    >>> inverse_transformation(shift)[:, 3]
    tensor([-5., -6., -7.,  1.])
    """
    _check_transform(trans_12, "trans_12")
    return _inverse(trans_12)


@op
def relative_transformation(
    trans_01: Float[Tensor, "*first 4 4"], trans_02: Float[Tensor, "*second 4 4"]
) -> Float[Tensor, "*batch 4 4"]:
    """Return the motion between two frames that are given in a third.

    Args:
        trans_01: rotation and translation from frame 1 to frame 0, (N, 4, 4) or (4, 4).
        trans_02: affine transform from frame 2 to frame 0, of the same shape or a batch of one.

    Returns:
        From frame 2 to frame 1, (N, 4, 4) or (4, 4).

    Raises:
        TypeError: an argument is not a floating-point tensor.
        ValueError: an argument is not (N, 4, 4) or (4, 4).

    >>> shift = torch.tensor([[1.0, 0, 0, 5], [0, 1, 0, 6], [0, 0, 1, 7], [0, 0, 0, 1]])
    >>> relative_transformation(shift, torch.eye(4))[:, 3]
    tensor([-5., -6., -7.,  1.])
    """
    _check_transform(trans_01, "trans_01")
    _check_transform(trans_02, "trans_02")
    return _compose(_inverse(trans_01), trans_02)


def _length(vector: Tensor, keepdim: bool = False) -> Tensor:
    """Return lengths, without a gradient at zero."""
    square = (vector * vector).sum(dim=-1, keepdim=keepdim)
    proper = square > 0
    return torch.where(proper, torch.where(proper, square, 1).sqrt(), 0)


def _check_transform(matrix: Tensor, name: str) -> None:
    check_floating(matrix, name)
    check_shape(matrix, name, *(() if matrix.ndim == 2 else ("N",)), 4, 4)


def _compose(first: Tensor, second: Tensor) -> Tensor:
    product = multiply(widen(first)[..., :3, :3], widen(second)[..., :3, :])
    shifted = torch.cat([product[..., :3], product[..., 3:] + first[..., :3, 3:]], dim=-1)
    return append_row(shifted.to(torch.promote_types(first.dtype, second.dtype)))


def _inverse(matrix: Tensor) -> Tensor:
    wide = widen(matrix)
    turned = wide[..., :3, :3].mT
    return append_row(torch.cat([turned, -multiply(turned, wide[..., :3, 3:])], dim=-1).to(matrix.dtype))
