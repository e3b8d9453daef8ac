# SPDX-License-Identifier: Apache-2.0
"""Angles: degrees and radians, and the rotation of the plane by one."""

import math

import torch
from jaxtyping import Float, Num
from torch import Tensor

from foveal._check import check_floating, check_tensor
from foveal._op import op
from foveal.geometry._small import widen


@op
def rad2deg(tensor: Num[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
    """Convert radians to degrees.

    Args:
        tensor: angles in radians; integers give floats of the default dtype.

    Returns:
        Angles in degrees.

    Raises:
        TypeError: `tensor` is not a tensor.

    >>> rad2deg(torch.tensor(torch.pi))
    tensor(180.)
    """
    check_tensor(tensor, "tensor")
    return tensor * (180 / math.pi)


@op
def deg2rad(tensor: Num[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
    """Convert degrees to radians.

    Args:
        tensor: angles in degrees; integers give floats of the default dtype.

    Returns:
        Angles in radians.

    Raises:
        TypeError: `tensor` is not a tensor.

    >>> deg2rad(torch.tensor(180))
    tensor(3.1416)
    """
    check_tensor(tensor, "tensor")
    return tensor * (math.pi / 180)


@op
def angle_to_rotation_matrix(angle: Float[Tensor, "*batch"]) -> Float[Tensor, "*batch 2 2"]:
    """Return the rotations of the plane by angles, exact at quarter turns.

    Args:
        angle: angles in degrees, any shape.

    Returns:
        [[cos, sin], [-sin, cos]], (*, 2, 2).

    Raises:
        TypeError: `angle` is not a floating-point tensor.

    Convention: a positive angle turns counter-clockwise as seen on a screen, whose y axis points down: 90 degrees
    send (1, 0) to (0, -1).

    >>> angle_to_rotation_matrix(torch.tensor(90.0))
    tensor([[ 0.,  1.],
            [-1.,  0.]])
    """
    check_floating(angle, "angle")
    degrees = widen(angle)
    quarter = (degrees / 90).round().detach()
    rest = (degrees - 90 * quarter) * (math.pi / 180)
    cosine, sine = rest.cos(), rest.sin()
    odd, high = quarter % 2 == 1, quarter % 4 >= 2
    sign = torch.where(high, -1.0, 1.0).to(degrees.dtype)
    x, y = torch.where(odd, -sine, cosine) * sign, torch.where(odd, cosine, sine) * sign
    # Zero times -1 is -0.
    x, y = x + 0, y + 0
    return torch.stack([torch.stack([x, y], dim=-1), torch.stack([0 - y, x], dim=-1)], dim=-2).to(angle.dtype)
