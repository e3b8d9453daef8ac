# SPDX-License-Identifier: Apache-2.0
"""Euler angles: roll about x, then pitch about y, then yaw about z, all about fixed axes."""

import math

import torch
from jaxtyping import Float
from torch import Tensor

from foveal._check import check_floating, check_shape
from foveal._op import op
from foveal.geometry._small import widen


@op
def quaternion_from_euler(
    roll: Float[Tensor, "*batch"], pitch: Float[Tensor, "*batch"], yaw: Float[Tensor, "*batch"]
) -> tuple[Float[Tensor, "*batch"], Float[Tensor, "*batch"], Float[Tensor, "*batch"], Float[Tensor, "*batch"]]:
    """Convert Euler angles to unit quaternions.

    Args:
        roll: angles about x in radians, any shape.
        pitch: angles about y in radians, of the same shape.
        yaw: angles about z in radians, of the same shape.

    Returns:
        The components w, x, y and z, of that shape.

    Raises:
        TypeError: an argument is not a floating-point tensor.
        ValueError: the shapes differ.

    Convention: R = Rz(yaw) Ry(pitch) Rx(roll), acting on columns: roll comes first, about fixed axes.

    >>> zero = torch.zeros(())
    >>> torch.stack(quaternion_from_euler(zero, zero, zero + torch.pi / 2)) + 0.0
    tensor([0.7071, 0.0000, 0.0000, 0.7071])
    """
    check_same_shape(roll=roll, pitch=pitch, yaw=yaw)
    halves = [widen(angle) / 2 for angle in (roll, pitch, yaw)]
    (cr, cp, cy), (sr, sp, sy) = [half.cos() for half in halves], [half.sin() for half in halves]
    return (
        (cr * cp * cy + sr * sp * sy).to(roll.dtype),
        (sr * cp * cy - cr * sp * sy).to(roll.dtype),
        (cr * sp * cy + sr * cp * sy).to(roll.dtype),
        (cr * cp * sy - sr * sp * cy).to(roll.dtype),
    )


@op
def euler_from_quaternion(
    w: Float[Tensor, "*batch"], x: Float[Tensor, "*batch"], y: Float[Tensor, "*batch"], z: Float[Tensor, "*batch"]
) -> tuple[Float[Tensor, "*batch"], Float[Tensor, "*batch"], Float[Tensor, "*batch"]]:
    """Convert quaternions of any length to Euler angles.

    Args:
        w: the real component, any shape.
        x: the component along x, of the same shape.
        y: the component along y, of the same shape.
        z: the component along z, of the same shape.

    Returns:
        Roll in [-pi, pi], pitch in [-pi / 2, pi / 2] and yaw in [-pi, pi], in radians. Where pitch is upright (gimbal
        lock), roll is zero and without a gradient, for only its sum with yaw, or difference, is given.

    Raises:
        TypeError: an argument is not a floating-point tensor.
        ValueError: the shapes differ.

    Convention: that of `quaternion_from_euler`.

    >>> torch.stack(euler_from_quaternion(*torch.tensor([1.0, 1.0, 0.0, 0.0]))) + 0.0
    tensor([1.5708, 0.0000, 0.0000])

    Source: Bernardes and Viollet 2022, "Quaternion to Euler angles conversion: a direct, general and computationally
    efficient method".
    """
    check_same_shape(w=w, x=x, y=y, z=z)
    wide = [widen(component) for component in (w, x, y, z)]
    a, b, c, d = wide[0] - wide[2], wide[3] + wide[1], wide[0] + wide[2], wide[3] - wide[1]
    # Half of yaw + roll is the angle of (a, b), half of yaw - roll that of (c, d); their lengths give the pitch. What
    # is left of a length by rounding is no angle.
    below, above = a * a + b * b, c * c + d * d
    noise = (4 * torch.finfo(below.dtype).eps) ** 2 * (below + above)
    up, down = below <= noise, above <= noise
    half_sum, length_below = _polar(a, b, ~up)
    half_difference, length_above = _polar(c, d, ~down)
    half_sum, half_difference = torch.where(up, half_difference, half_sum), torch.where(down, half_sum, half_difference)
    none = up & down
    pitch = math.pi / 2 - 2 * torch.atan2(length_below, torch.where(none, 1, length_above))
    pitch = torch.where(none, 0, pitch)
    roll, yaw = _wrap(half_sum - half_difference), _wrap(half_sum + half_difference)
    return roll.to(w.dtype), pitch.to(w.dtype), yaw.to(w.dtype)


def check_same_shape(**tensors: Tensor) -> None:
    """Raise unless floating-point tensors have the shape of the first one."""
    first = next(iter(tensors.values()))
    for name, tensor in tensors.items():
        check_floating(tensor, name)
        check_shape(tensor, name, *first.shape)


def _polar(x: Tensor, y: Tensor, apart: Tensor) -> tuple[Tensor, Tensor]:
    """Return angle and length of (x, y), both zero where it is not apart from the origin."""
    x, y = torch.where(apart, x, 1), torch.where(apart, y, 0)
    return torch.atan2(y, x), torch.where(apart, torch.hypot(x, y), 0)


def _wrap(angle: Tensor) -> Tensor:
    return angle - 2 * math.pi * (angle / (2 * math.pi)).round().detach()
