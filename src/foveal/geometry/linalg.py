# SPDX-License-Identifier: Apache-2.0
"""Linear algebra of points, lines and rigid motions."""

import torch
from jaxtyping import Float
from torch import Tensor

from foveal._check import check_floating, check_shape
from foveal._op import op
from foveal.geometry._precision import widen
from foveal.geometry.conversions.homogeneous import divide

__all__ = ["transform_points"]

# A weight of no more than this is that of a point at infinity, which is not divided.
INFINITY = 1e-8


@op
def transform_points(
    trans_01: Float[Tensor, "*matrices size size"], points_1: Float[Tensor, "*batch count dimensions"]
) -> Float[Tensor, "*batch count dimensions"]:
    """Map points by homographies.

    Args:
        trans_01: homographies from frame 1 to frame 0, (B, D + 1, D + 1). One matrix, (1, ...) or without a batch,
            serves all; the dimensions of a batch are those of the points, from the left, and may end early.
        points_1: points in frame 1, (B, ..., N, D).

    Returns:
        Points in frame 0, (B, ..., N, D).

    Raises:
        TypeError: an argument is not a floating-point tensor.
        ValueError: the matrices are not square, are not one larger than the points have coordinates, or their batch
            does not fit.

    Convention: matrices act on columns (x, y, 1) from the left. A point that is sent to infinity is not divided by
    its last coordinate.

    >>> shift = torch.tensor([[1.0, 0.0, 5.0], [0.0, 1.0, 6.0], [0.0, 0.0, 1.0]])
    >>> transform_points(shift, torch.tensor([[1.0, 2.0]]))
    tensor([[6., 8.]])
    """
    check_floating(trans_01, "trans_01")
    check_floating(points_1, "points_1")
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
    return divide(mapped[..., :-1], mapped[..., -1:], INFINITY).to(points_1.dtype)
