# SPDX-License-Identifier: Apache-2.0
"""How much two pictures of the same surface differ."""

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import avg_pool2d, pad

# Constants of SSIM for images in [0, 1] (Wang et al. 2004).
FIRST, SECOND = 0.01**2, 0.03**2


def photometric_error(
    seen: Float[Tensor, "batch 3 height width"], reference: Float[Tensor, "#batch 3 height width"], share: float = 0.85
) -> Float[Tensor, "batch 1 height width"]:
    """Return share * (1 - SSIM) / 2 + (1 - share) * |difference|, the mean over the channels, at each pixel.

    SSIM is over boxes of 3 x 3 pixels, as in Godard et al. 2017.
    """
    difference = (seen - reference).abs().mean(dim=1, keepdim=True)
    return share * dissimilarity(seen, reference).mean(dim=1, keepdim=True) + (1 - share) * difference


def dissimilarity(
    first: Float[Tensor, "batch 3 height width"], second: Float[Tensor, "#batch 3 height width"], side: int = 3
) -> Float[Tensor, "batch 3 height width"]:
    """Return (1 - SSIM) / 2 in [0, 1]."""
    mean_first, mean_second = boxed(first, side), boxed(second, side)
    variance_first = boxed(first * first, side) - mean_first * mean_first
    variance_second = boxed(second * second, side) - mean_second * mean_second
    covariance = boxed(first * second, side) - mean_first * mean_second
    above = (2 * mean_first * mean_second + FIRST) * (2 * covariance + SECOND)
    below = (mean_first * mean_first + mean_second * mean_second + FIRST) * (variance_first + variance_second + SECOND)
    return ((1 - above / below) / 2).clamp(0, 1)


def boxed(image: Tensor, side: int) -> Tensor:
    """Return means over boxes, the border replicated."""
    half = side // 2
    return avg_pool2d(pad(image, (half, half, half, half), mode="replicate"), side, stride=1)


def least_error(errors: list[Tensor], seen: list[Tensor]) -> tuple[Tensor, Tensor]:
    """Return each pixel's least error over the views that see it, and whether any does.

    What hides a point in one view is mostly absent from another (Godard et al. 2019, "Digging into self-supervised
    monocular depth estimation").
    """
    stacked, visible = torch.stack(errors), torch.stack(seen)
    found = torch.where(visible, stacked, torch.inf).amin(dim=0)
    anywhere = visible.any(dim=0)
    return torch.where(anywhere, found, 0), anywhere
