# SPDX-License-Identifier: Apache-2.0
"""Depth from the disparity of a rectified pair of cameras."""

import torch
from jaxtyping import Float
from torch import Tensor

from foveal._check import check_floating, check_number, check_shape
from foveal._op import op
from foveal.geometry._small import widen

# What is added to the disparity: a point at infinity gets a far depth, not an infinite one.
TINY = 1e-8


@op
def depth_from_disparity(
    disparity: Float[Tensor, "*batch height width"],
    baseline: float | Float[Tensor, "..."],
    focal: float | Float[Tensor, "..."],
) -> Float[Tensor, "*batch height width"]:
    """Return baseline * focal / disparity.

    Args:
        disparity: disparities in pixels, (*, H, W).
        baseline: distance of the two cameras, a number, or a tensor of one value or of one per sample, (B,).
        focal: focal length in pixels, likewise.

    Returns:
        Depths in the unit of the baseline, (*, H, W). A disparity of 0 gives baseline * focal / 1e-8, or the largest
        number of the dtype if that is less.

    Raises:
        TypeError: the disparity is not a floating-point tensor, or another argument no number.
        ValueError: the disparity has fewer than two dimensions, or a tensor another shape.

    >>> depth_from_disparity(torch.tensor([[1.0, 2.0]]), baseline=0.5, focal=100.0)
    tensor([[50., 25.]])
    """
    check_floating(disparity, "disparity")
    check_shape(disparity, "disparity", "*", "H", "W")
    factors = _per_sample(baseline, "baseline", disparity) * _per_sample(focal, "focal", disparity)
    largest = torch.finfo(disparity.dtype).max
    return (factors / (widen(disparity) + TINY)).clamp(-largest, largest).to(disparity.dtype)


def _per_sample(value: float | Tensor, name: str, disparity: Tensor) -> float | Tensor:
    """Lay one number, or one for each sample, out beside maps."""
    check_number(value, name)
    if not isinstance(value, Tensor):
        return value
    if value.numel() == 1 and value.ndim <= 1:
        return widen(value.to(disparity.dtype)).reshape(())
    if disparity.ndim < 3 or tuple(value.shape) != tuple(disparity.shape[:1]):
        wanted = f"one value or one per sample of disparity, {tuple(disparity.shape)}"
        raise ValueError(f"{name} must hold {wanted}, got shape {tuple(value.shape)}")
    return widen(value.to(disparity.dtype)).reshape(-1, *(1,) * (disparity.ndim - 1))
