# SPDX-License-Identifier: Apache-2.0
"""What the adjustments share: images of any leading dimensions, and factors that run along those."""

import math
from typing import Any

import torch
from torch import Tensor

from foveal._check import check_number, check_shape, check_tensor


def check_image(value: Any, name: str, *shape: str | int) -> None:
    """Raise unless `value` is images (*, H, W), or of another shape, of a floating-point dtype or uint8."""
    check_tensor(value, name)
    if not value.is_floating_point() and value.dtype is not torch.uint8:
        raise TypeError(f"{name} must have a floating-point dtype or be uint8, got {value.dtype}")
    check_shape(value, name, *(shape or ("*", "H", "W")))


def check_factor(value: Any, name: str, image: Tensor, *, per_channel: bool = True) -> None:
    """Raise unless `value` is a number, or a tensor that runs along the leading dimensions of `image`.

    Args:
        value: the factor.
        name: its name.
        image: images, (*, H, W), or (*, C, H, W) where channels share a factor.
        per_channel: whether channels may have factors of their own.
    """
    check_number(value, name)
    if isinstance(value, Tensor) and not runs_along(value, image, per_channel=per_channel):
        raise ValueError(
            f"{name} must be a number or run along the leading dimensions of the image {tuple(image.shape)}"
            f"{'' if per_channel else ', one value an image'}, got shape {tuple(value.shape)}"
        )


def runs_along(factor: Tensor, image: Tensor, *, per_channel: bool = True) -> bool:
    """Say whether each dimension of a factor is one, or that of the image at the same place from the left."""
    if factor.ndim > image.ndim:
        return False
    if not per_channel and any(size != 1 for size in factor.shape[image.ndim - 3 :]):
        return False
    return all(size in (1, whole) for size, whole in zip(factor.shape, image.shape, strict=False))


def aligned(factor: Tensor | float, image: Tensor) -> Tensor | float:
    """Return a factor that broadcasts from the left, in the dtype of `image`; a number as it is."""
    if not isinstance(factor, Tensor):
        return factor
    return factor.to(image).reshape(*factor.shape, *[1] * (image.ndim - factor.ndim))


def as_batch(image: Tensor) -> Tensor:
    """Return images (*, C, H, W), or one plane (H, W), as one batch (B, C, H, W)."""
    shape = (1,) * (3 - image.ndim) + tuple(image.shape)
    return image.reshape(math.prod(shape[:-3]), *shape[-3:])


def clipped(image: Tensor, clip: bool = True) -> Tensor:
    """Clip to [0, 1], if so wished."""
    return image.clamp(0, 1) if clip else image
