# SPDX-License-Identifier: Apache-2.0
"""Axis-angle vectors: a direction to turn about, as long as the angle in radians."""

import torch
from jaxtyping import Float
from torch import Tensor

from foveal._check import check_floating, check_shape
from foveal._op import op
from foveal.geometry._precision import widen
from foveal.geometry.conversions._stumpff import stumpff


@op
def axis_angle_to_rotation_matrix(axis_angle: Float[Tensor, "*batch 3"]) -> Float[Tensor, "*batch 3 3"]:
    """Convert axis-angle vectors to rotation matrices.

    Args:
        axis_angle: axes of rotation times angles in radians, (*, 3).

    Returns:
        Rotation matrices, (*, 3, 3).

    Raises:
        TypeError: `axis_angle` is not a floating-point tensor.
        ValueError: `axis_angle` is not (*, 3).

    Convention: right-handed: a quarter turn about z sends x to y. Matrices act on columns from the left.

    >>> axis_angle_to_rotation_matrix(torch.tensor([0.0, 0.0, torch.pi / 2])).round() + 0.0
    tensor([[ 0., -1.,  0.],
            [ 1.,  0.,  0.],
            [ 0.,  0.,  1.]])

    Source: Rodrigues 1840; without a division by the angle, in Stumpff's functions.
    """
    check_floating(axis_angle, "axis_angle")
    check_shape(axis_angle, "axis_angle", "*", 3)
    x, y, z = widen(axis_angle).unbind(-1)
    square = x * x + y * y + z * z
    first, second = stumpff(1, square), stumpff(2, square)
    sx, sy, sz = first * x, first * y, first * z
    xy, xz, yz = second * x * y, second * x * z, second * y * z
    xx, yy, zz = second * x * x, second * y * y, second * z * z
    rows = ((1 - yy - zz, xy - sz, xz + sy), (xy + sz, 1 - xx - zz, yz - sx), (xz - sy, yz + sx, 1 - xx - yy))
    return torch.stack([torch.stack(row, dim=-1) for row in rows], dim=-2).to(axis_angle.dtype)


angle_axis_to_rotation_matrix = axis_angle_to_rotation_matrix
