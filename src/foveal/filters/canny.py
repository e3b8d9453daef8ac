# SPDX-License-Identifier: Apache-2.0
"""Canny's edges: ridges of the gradient, those that are strong and what hangs together with them."""

import math
from typing import Any

import torch
from jaxtyping import Float, Real
from torch import Tensor
from torch.nn.functional import pad

from foveal._check import check_positive
from foveal._module import module
from foveal._op import op
from foveal.color.grayscale import rgb_to_grayscale
from foveal.filters._connected import connected_to
from foveal.filters._correlate import check_images, narrow, widen
from foveal.filters.gaussian_blur import gaussian_blur2d
from foveal.filters.spatial_gradient import spatial_gradient

# Directions are rounded to multiples of 45 degrees.
STEEPEST_FLAT = math.tan(math.pi / 8)


@op
def canny(
    input: Real[Tensor, "batch channels height width"],
    low_threshold: float = 0.1,
    high_threshold: float = 0.2,
    kernel_size: tuple[int, int] | int = (5, 5),
    sigma: tuple[float, float] | Float[Tensor, "kernels 2"] = (1, 1),
    hysteresis: bool = True,
    eps: float = 1e-6,
) -> tuple[Float[Tensor, "batch 1 height width"], Float[Tensor, "batch 1 height width"]]:
    """Find edges by Canny's algorithm.

    Args:
        input: RGB or grey images, (B, 3 or 1, H, W); integers are taken as float32.
        low_threshold: magnitude above which a ridge is weak, positive.
        high_threshold: magnitude above which a ridge is strong, at least `low_threshold`.
        kernel_size: taps (y, x) of the Gaussian blur, odd; 1 blurs nothing.
        sigma: its standard deviations (y, x) in pixels, as in `gaussian_blur2d`.
        hysteresis: keep the weak ridges that hang together with a strong one; else they are 0.5.
        eps: added under the root of the magnitude.

    Returns:
        The magnitude sqrt(gx^2 + gy^2 + eps) of Sobel's gradient (eight times the slope) on the ridges, else 0; and
        the edges, 1 or 0, which have no gradient. Both (B, 1, H, W).

    Raises:
        TypeError: `input` is no tensor of real numbers.
        ValueError: neither one nor three channels, or thresholds that are not positive or in the wrong order.

    Convention: of two equal pixels across a horizontal or vertical edge the left or upper one is the ridge.

    >>> step = torch.tensor([0.0, 0.0, 0.0, 1.0, 1.0, 1.0]).expand(1, 1, 4, 6)
    >>> canny(step)[1][0, 0, 0]
    tensor([0., 0., 1., 0., 0., 0.])

    Source: Canny 1986, "A computational approach to edge detection".
    """
    check_images(input, "input")
    if input.shape[1] not in (1, 3):
        raise ValueError(f"input must have 1 or 3 channels, got shape {tuple(input.shape)}")
    check_thresholds(low_threshold, high_threshold)
    image = widen(input)
    grey = rgb_to_grayscale.reference(image) if input.shape[1] == 3 else image
    x, y = spatial_gradient.reference(gaussian_blur2d.reference(grey, kernel_size, sigma), "sobel", 1, False).unbind(2)
    squared = x * x + y * y + eps
    ridge = _ridges(squared.detach().sqrt(), x.detach(), y.detach())
    magnitude = torch.where(ridge, torch.where(ridge, squared, 1.0).sqrt(), 0.0)
    weak, strong = magnitude.detach() > low_threshold, magnitude.detach() > high_threshold
    if hysteresis:
        edges = connected_to(strong.squeeze(1), weak.squeeze(1)).unsqueeze(1).to(image.dtype)
    else:
        edges = 0.5 * weak.to(image.dtype) + 0.5 * strong.to(image.dtype)
    return narrow(magnitude, input), narrow(edges, input)


class Canny(module(canny, inputs=("input",))):
    """Module form of `canny`, which looks at the thresholds when it is made."""

    def __init__(
        self,
        low_threshold: float = 0.1,
        high_threshold: float = 0.2,
        kernel_size: tuple[int, int] | int = (5, 5),
        sigma: tuple[float, float] | Tensor = (1, 1),
        hysteresis: bool = True,
        eps: float = 1e-6,
    ) -> None:
        check_thresholds(low_threshold, high_threshold)
        super().__init__(low_threshold, high_threshold, kernel_size, sigma, hysteresis, eps)


def check_thresholds(low_threshold: Any, high_threshold: Any) -> None:
    """Raise unless these are thresholds of ridges."""
    check_positive(low_threshold, "low_threshold")
    check_positive(high_threshold, "high_threshold")
    if low_threshold > high_threshold:
        raise ValueError(f"low_threshold must not be above high_threshold, {high_threshold}, got {low_threshold}")


def _ridges(magnitude: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """Say which pixels are larger than their neighbours on both sides along the gradient."""
    height, width = magnitude.shape[-2:]
    padded = pad(magnitude, (1, 1, 1, 1))

    def neighbour(column: int, row: int) -> Tensor:
        return padded[..., 1 + row : 1 + row + height, 1 + column : 1 + column + width]

    flat, steep = y.abs() < STEEPEST_FLAT * x.abs(), x.abs() < STEEPEST_FLAT * y.abs()
    # Rows count downwards: a gradient of equal signs points to the lower right.
    falling = (x > 0) == (y > 0)
    before = torch.where(falling, neighbour(-1, -1), neighbour(1, -1))
    behind = torch.where(falling, neighbour(1, 1), neighbour(-1, 1))
    before = torch.where(flat, neighbour(-1, 0), torch.where(steep, neighbour(0, -1), before))
    behind = torch.where(flat, neighbour(1, 0), torch.where(steep, neighbour(0, 1), behind))
    straight = flat | steep
    return (magnitude > before) & ((magnitude > behind) | (straight & (magnitude == behind))) & ((x != 0) | (y != 0))
