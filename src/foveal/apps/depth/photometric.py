# SPDX-License-Identifier: Apache-2.0
"""How much two pictures of the same surface differ."""

import torch
from jaxtyping import Float
from torch import Tensor

from foveal.losses import ssim_loss

# Pixels of the window of SSIM: a small one keeps to edges.
WINDOW = 3


def photometric_error(
    seen: Float[Tensor, "batch 3 height width"], reference: Float[Tensor, "#batch 3 height width"], share: float = 0.85
) -> Float[Tensor, "batch 1 height width"]:
    """Return share * (1 - SSIM) / 2 + (1 - share) * |difference|, the mean over the channels, at each pixel."""
    difference = (seen - reference).abs().mean(dim=1, keepdim=True)
    unlike = ssim_loss(seen, reference.expand_as(seen), WINDOW, reduction="none").mean(dim=1, keepdim=True)
    return share * unlike + (1 - share) * difference


def least_error(errors: list[Tensor], seen: list[Tensor]) -> tuple[Tensor, Tensor]:
    """Return each pixel's least error over the views that see it, and whether any does.

    What hides a point in one view is mostly absent from another (Godard et al. 2019, "Digging into self-supervised
    monocular depth estimation").
    """
    stacked, visible = torch.stack(errors), torch.stack(seen)
    found = torch.where(visible, stacked, torch.inf).amin(dim=0)
    anywhere = visible.any(dim=0)
    return torch.where(anywhere, found, 0), anywhere
