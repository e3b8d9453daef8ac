# SPDX-License-Identifier: Apache-2.0
"""Pictures of a registration: both images in turns of a checkerboard, and their difference."""

import torch
from jaxtyping import Float
from torch import Tensor


def checkerboard(
    first: Float[Tensor, "c h w"], second: Float[Tensor, "c h w"], fields: int = 8
) -> Float[Tensor, "c h w"]:
    """Show two images in turns, on a board of so many fields along the longer side."""
    height, width = first.shape[-2:]
    side = max(height, width) / fields
    rows, columns = (torch.arange(size, device=first.device) / side for size in (height, width))
    dark = (rows.long()[:, None] + columns.long()) % 2 == 0
    return torch.where(dark, first, second)


def difference(first: Float[Tensor, "c h w"], second: Float[Tensor, "c h w"]) -> Float[Tensor, "1 h w"]:
    """Show how much two images differ: mid-grey where they agree."""
    return ((first.mean(0, keepdim=True) - second.mean(0, keepdim=True)) / 2 + 0.5).clamp(0, 1)
