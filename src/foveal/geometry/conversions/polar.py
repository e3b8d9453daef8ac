# SPDX-License-Identifier: Apache-2.0
"""Polar coordinates of the plane."""

import torch
from jaxtyping import Float
from torch import Tensor

from foveal._op import op
from foveal.geometry.conversions.euler import check_same_shape


@op
def cart2pol(
    x: Float[Tensor, "*batch"], y: Float[Tensor, "*batch"], eps: float = 1e-8
) -> tuple[Float[Tensor, "*batch"], Float[Tensor, "*batch"]]:
    """Convert cartesian to polar coordinates.

    Args:
        x: coordinates, any shape.
        y: coordinates, of the same shape.
        eps: has no effect: only the origin has no gradient.

    Returns:
        Distance from the origin, and angle in radians, in [-pi, pi].

    Raises:
        TypeError: an argument is not a floating-point tensor.
        ValueError: the shapes differ.

    Convention: the angle is zero on the x axis and grows towards y: clockwise as seen on a screen, whose y points
    down, opposite to `angle_to_rotation_matrix`.

    >>> cart2pol(torch.tensor(0.0), torch.tensor(2.0))
    (tensor(2.), tensor(1.5708))
    """
    check_same_shape(x=x, y=y)
    apart = (x != 0) | (y != 0)
    safe = torch.where(apart, x, 1)
    return torch.where(apart, torch.hypot(safe, y), 0), torch.where(apart, torch.atan2(y, safe), 0)


@op
def pol2cart(
    rho: Float[Tensor, "*batch"], phi: Float[Tensor, "*batch"]
) -> tuple[Float[Tensor, "*batch"], Float[Tensor, "*batch"]]:
    """Convert polar to cartesian coordinates.

    Args:
        rho: distances from the origin, any shape.
        phi: angles in radians, of the same shape, as `cart2pol` gives them.

    Returns:
        The coordinates x and y.

    Raises:
        TypeError: an argument is not a floating-point tensor.
        ValueError: the shapes differ.

    >>> pol2cart(torch.tensor(2.0), torch.tensor(0.0))
    (tensor(2.), tensor(0.))
    """
    check_same_shape(rho=rho, phi=phi)
    return rho * phi.cos(), rho * phi.sin()
