# SPDX-License-Identifier: Apache-2.0
"""Stumpff's functions, in which exponentials of rotations are written without a division by the angle."""

import math

import torch
from torch import Tensor

# Below one the series takes over: nine terms are exact to float64, and nothing cancels above.
_TERMS = 9


def stumpff(order: int, square: Tensor) -> Tensor:
    """Return the sum over k of (-square)^k / (2 k + order)!, smooth in the squared angle at zero.

    For orders 1, 2 and 3 it is sin(a) / a, (1 - cos(a)) / a^2 and (a - sin(a)) / a^3, for an angle a.
    """
    small = square < 1
    angle = torch.where(small, 1, square).sqrt()
    if order == 1:
        direct = angle.sin() / angle
    elif order == 2:
        # 1 - cos(a) cancels near every full turn.
        direct = ((angle / 2).sin() / angle).square() * 2
    else:
        direct = (angle - angle.sin()) / angle**3
    return torch.where(small, _series(order, torch.where(small, square, 0)), direct)


def _series(order: int, square: Tensor) -> Tensor:
    total = torch.zeros_like(square)
    for k in reversed(range(_TERMS)):
        total = (-1) ** k / math.factorial(2 * k + order) + total * square
    return total
