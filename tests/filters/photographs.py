# SPDX-License-Identifier: Apache-2.0
"""Photographs that the tests of edges and thresholds share."""

import functools

import skimage.data
import torch
from torch import Tensor


@functools.cache
def photograph() -> Tensor:
    """Return a photograph as bytes, (1, 3, 300, 451)."""
    return torch.from_numpy(skimage.data.chelsea()).permute(2, 0, 1).unsqueeze(0).contiguous()


@functools.cache
def grey_photographs() -> list[Tensor]:
    """Return photographs as bytes, (1, 1, H, W)."""
    found = (
        skimage.data.camera(),
        skimage.data.coins(),
        skimage.data.moon(),
        skimage.data.page(),
        skimage.data.clock(),
    )
    return [torch.from_numpy(image)[None, None].clone() for image in found]
