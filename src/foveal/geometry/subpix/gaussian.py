# SPDX-License-Identifier: Apache-2.0
"""Gaussian heatmaps around points."""

import torch
from jaxtyping import Float
from torch import Tensor

from foveal._check import check_floating, check_shape, check_size
from foveal._op import op


@op
def render_gaussian2d(
    mean: Float[Tensor, "*#batch 2"],
    std: Float[Tensor, "*#batch 2"],
    size: tuple[int, int],
    normalized_coordinates: bool = True,
) -> Float[Tensor, "... height width"]:
    """Render a Gaussian around each point as a heatmap that sums to one.

    Args:
        mean: centres (x, y), (*, 2).
        std: standard deviations along x and y, in the units of `mean`, (*, 2); it broadcasts with `mean`. Zero puts
            all mass on the nearest pixel.
        size: height and width of the map.
        normalized_coordinates: take `mean` and `std` on the scale that has -1 and 1 at the centres of the outer
            pixels; else in pixels.

    Returns:
        Heatmaps, (*, H, W). A centre outside the map gives the part of the Gaussian that lies in it, scaled to sum to
        one: far outside, all mass is at the nearest border.

    Raises:
        TypeError: `mean` or `std` is not a floating-point tensor, or `size` not a tuple.
        ValueError: the last dimension of `mean` or `std` is not 2, or a side of `size` is less than 1.

    Convention: pixel centres are on integers.

    >>> render_gaussian2d(torch.tensor([1.0, 0.0]), torch.tensor([0.5, 0.5]), (2, 3), normalized_coordinates=False)
    tensor([[0.0938, 0.6932, 0.0938],
            [0.0127, 0.0938, 0.0127]])

    Source: Nibali et al. 2018, the target of its distribution regularization.
    """
    check_floating(mean, "mean")
    check_shape(mean, "mean", "*", 2)
    check_floating(std, "std")
    check_shape(std, "std", "*", 2)
    check_size(size, "size", 2)
    dtype = torch.promote_types(mean.dtype, std.dtype)
    wide = torch.promote_types(dtype, torch.float32)
    height, width = size
    x = _profile(mean[..., 0].to(wide), std[..., 0].to(wide), width, normalized_coordinates)
    y = _profile(mean[..., 1].to(wide), std[..., 1].to(wide), height, normalized_coordinates)
    return (y[..., :, None] * x[..., None, :]).to(dtype)


def _profile(mean: Tensor, std: Tensor, size: int, normalized: bool) -> Tensor:
    """Return the Gaussian over the pixels of one axis: the softmax of its log density, which cannot be 0 / 0."""
    if normalized:
        mean = (mean + 1) * ((size - 1) / 2)
        std = std * ((size - 1) / 2)
    pixels = torch.arange(size, dtype=mean.dtype, device=mean.device)
    mean = mean[..., None]
    std = std[..., None].abs().clamp(min=torch.finfo(mean.dtype).eps)
    # (pixel - mean)^2 less that of the nearest pixel, as a product: a difference of squares would lose all digits far
    # outside the map. It is 0 at the nearest pixel, however small the deviation.
    nearest = mean.detach().round().clamp(0, size - 1)
    difference = ((pixels - nearest) / std) * ((pixels + nearest - 2 * mean) / std)
    return (-difference / 2).softmax(dim=-1)
