# SPDX-License-Identifier: Apache-2.0
"""The average of quaternions."""

import torch
from torch import Tensor

from foveal._check import check_floating, check_shape
from foveal.geometry._small import widen
from foveal.geometry.conversions import normalize_quaternion
from foveal.geometry.quaternion.quaternion import Quaternion


def average_quaternions(Q: Quaternion, w: Tensor | None = None) -> Quaternion:
    """Return the rotation with the least sum of squared chords to those of quaternions.

    Args:
        Q: quaternions of shape (M, 4); their lengths and signs do not count.
        w: a weight for each of them, (M,), not negative and not all zero, which is not checked; `None` is one.

    Returns:
        A unit quaternion of shape (1, 4), of either sign.

    Raises:
        TypeError: `Q` is no quaternion, or `w` is not a floating-point tensor.
        ValueError: `Q` is not of shape (M, 4), or `w` not (M,).

    >>> average_quaternions(Quaternion.identity(3)).data.abs()
    tensor([[1., 0., 0., 0.]])

    Source: Markley et al. 2007, "Averaging quaternions".
    """
    if not isinstance(Q, Quaternion):
        raise TypeError(f"Q must be a Quaternion, got {type(Q).__name__}")
    check_shape(Q.data, "Q", "M", 4)
    units = normalize_quaternion(widen(Q.data))
    if w is not None:
        check_floating(w, "w")
        check_shape(w, "w", units.shape[0])
    weights = torch.ones_like(units[:, 0]) if w is None else w.to(units.dtype)
    moments = (units.unsqueeze(-1) * units.unsqueeze(-2) * (weights / weights.sum())[:, None, None]).sum(dim=0)
    return Quaternion(_largest_eigenvector(moments).unsqueeze(0).to(Q.data.dtype))


def _largest_eigenvector(matrix: Tensor) -> Tensor:
    """Return the unit eigenvector of the largest eigenvalue.

    Its gradient is that of two steps of Newton's method from the solution: exact to second order, where that of a
    whole decomposition is NaN as soon as any two eigenvalues are equal.
    """
    values, vectors = torch.linalg.eigh(matrix.detach())
    value, vector = values[-1], vectors[:, -1]
    identity = torch.eye(matrix.shape[-1], device=matrix.device, dtype=matrix.dtype)
    for _ in range(2):
        upper = torch.cat([matrix - value * identity, -vector.unsqueeze(-1)], dim=-1)
        lower = torch.cat([2 * vector, torch.zeros_like(vector[:1])]).unsqueeze(0)
        wrong = torch.cat(
            [(matrix * vector).sum(dim=-1) - value * vector, (vector * vector).sum(dim=0, keepdim=True) - 1]
        )
        step = torch.linalg.solve(torch.cat([upper, lower]), wrong)
        vector, value = vector - step[:-1], value - step[-1]
    return vector
