# SPDX-License-Identifier: Apache-2.0
"""Axis-angle vectors: a direction to turn about, as long as the angle in radians."""

import torch
from jaxtyping import Float
from torch import Tensor

from foveal._check import check_floating, check_shape
from foveal._op import op
from foveal.geometry._small import matrix_of, widen
from foveal.geometry.conversions._series import stumpff


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
    return matrix_of(rows).to(axis_angle.dtype)


@op
def axis_angle_to_quaternion(axis_angle: Float[Tensor, "*batch 3"]) -> Float[Tensor, "*batch 4"]:
    """Convert axis-angle vectors to unit quaternions.

    Args:
        axis_angle: axes of rotation times angles in radians, (*, 3).

    Returns:
        Quaternions (w, x, y, z), w being the cosine of half the angle: negative beyond a half turn, (*, 4).

    Raises:
        TypeError: `axis_angle` is not a floating-point tensor.
        ValueError: `axis_angle` is not (*, 3).

    >>> axis_angle_to_quaternion(torch.tensor([torch.pi / 2, 0.0, 0.0]))
    tensor([0.7071, 0.7071, 0.0000, 0.0000])
    """
    check_floating(axis_angle, "axis_angle")
    check_shape(axis_angle, "axis_angle", "*", 3)
    return quaternion_exponential(widen(axis_angle) / 2).to(axis_angle.dtype)


@op
def vector_to_skew_symmetric_matrix(vec: Float[Tensor, "*batch 3"]) -> Float[Tensor, "*batch 3 3"]:
    """Return the matrices that take the cross product with vectors.

    Args:
        vec: vectors v, (*, 3).

    Returns:
        Matrices M with M x = v times x, (*, 3, 3).

    Raises:
        TypeError: `vec` is not a floating-point tensor.
        ValueError: `vec` is not (*, 3).

    >>> vector_to_skew_symmetric_matrix(torch.tensor([1.0, 2.0, 3.0]))
    tensor([[ 0., -3.,  2.],
            [ 3.,  0., -1.],
            [-2.,  1.,  0.]])
    """
    check_floating(vec, "vec")
    check_shape(vec, "vec", "*", 3)
    x, y, z = vec.unbind(-1)
    zero = torch.zeros_like(x)
    return matrix_of(((zero, -z, y), (z, zero, -x), (-y, x, zero)))


def quaternion_exponential(half: Float[Tensor, "*batch 3"]) -> Float[Tensor, "*batch 4"]:
    """Return the unit quaternion that turns by twice a vector."""
    square = half.square().sum(dim=-1, keepdim=True)
    return torch.cat([stumpff(0, square), stumpff(1, square) * half], dim=-1)


angle_axis_to_rotation_matrix = axis_angle_to_rotation_matrix
angle_axis_to_quaternion = axis_angle_to_quaternion
