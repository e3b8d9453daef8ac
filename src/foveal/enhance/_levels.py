# SPDX-License-Identifier: Apache-2.0
"""What equalizations share: the 256 levels of an image, and how many pixels have each."""

from typing import Any

import torch
from torch import Tensor

from foveal._check import check_shape, check_tensor

LEVELS = 256


def check_image(value: Any, name: str, *shape: str) -> None:
    """Raise unless `value` is a tensor of that shape and of a floating-point dtype or uint8."""
    check_tensor(value, name)
    if not value.is_floating_point() and value.dtype is not torch.uint8:
        raise TypeError(f"{name} must have a floating-point dtype or be uint8, got {value.dtype}")
    check_shape(value, name, *shape)


def levels_of(image: Tensor) -> Tensor:
    """Return the level 0 to 255 of each pixel: bytes are levels, floats count in steps of 1 / 255, NaN as black."""
    if image.dtype is torch.uint8:
        return image.long()
    # In the image's own precision: a byte k, stored as k / 255, has the level k in each of them.
    return (image * 255).nan_to_num(0.0, 255.0, 0.0).clamp(0, 255).long()


def counts_of(levels: Tensor) -> Tensor:
    """Return how often each level occurs along the last axis, (*, 256)."""
    counts = torch.zeros(*levels.shape[:-1], LEVELS, dtype=torch.int64, device=levels.device)
    return counts.scatter_add(-1, levels, torch.ones_like(levels))
