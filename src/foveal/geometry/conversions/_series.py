# SPDX-License-Identifier: Apache-2.0
"""Functions of squared angles that are smooth at zero, where their closed forms divide by it."""

import math

import torch
from torch import Tensor

# So many terms are exact to float64 below the bounds, and nothing cancels above them.
_TERMS = 10
_STUMPFF_BOUND = 1.0
ARCTANGENT_BOUND = 0.01


def stumpff(order: int, square: Tensor) -> Tensor:
    """Return Stumpff's function, the sum over k of (-square)^k / (2 k + order)!.

    For orders 0 to 4 it is cos(a), sin(a) / a, (1 - cos(a)) / a^2, (a - sin(a)) / a^3 and (a^2 / 2 - 1 + cos(a)) / a^4,
    for an angle a.
    """
    small = square < _STUMPFF_BOUND
    angle = torch.where(small, 1, square).sqrt()
    if order == 0:
        direct = angle.cos()
    elif order == 1:
        direct = angle.sin() / angle
    elif order == 2:
        # 1 - cos(a) cancels near every full turn.
        direct = ((angle / 2).sin() / angle).square() * 2
    elif order == 3:
        direct = (angle - angle.sin()) / angle**3
    else:
        direct = (angle.square() / 2 - 1 + angle.cos()) / angle**4
    series = _series([1 / math.factorial(2 * k + order) for k in range(_TERMS)], torch.where(small, square, 0))
    return torch.where(small, series, direct)


def angle_ratio(length: Tensor, w: Tensor, eps: float = 0.0) -> Tensor:
    """Return atan2(length, w) / length from the squared `length`, smooth where it is zero and `w` is positive.

    A length of no more than `eps` beside a `w` that is not positive has ratio 1: there is no limit.
    """
    small = (length < ARCTANGENT_BOUND * w * w) & (w > 0)
    divisor = torch.where(small, w, 1)
    series = _series([1 / (2 * k + 1) for k in range(_TERMS)], torch.where(small, length, 0) / (divisor * divisor))
    apart = ~small & ~(length <= eps * eps)
    root = torch.where(apart, length, 1).sqrt()
    # The atan2 of a place that is not used must not be that of (0, 0).
    direct = torch.atan2(root, torch.where(apart, w, 1)) / root
    return torch.where(small, series / divisor, torch.where(apart, direct, 1))


def _series(coefficients: list[float], square: Tensor) -> Tensor:
    """Return the alternating power series, by Horner's rule."""
    total = torch.zeros_like(square)
    for coefficient in reversed(coefficients):
        total = coefficient - total * square
    return total
