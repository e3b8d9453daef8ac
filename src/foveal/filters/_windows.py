# SPDX-License-Identifier: Apache-2.0
"""What filters over windows share: their checks, and the way of bytes through formulas of floats."""

from typing import Any

import torch
from torch import Tensor

from foveal._check import check_shape, check_size, check_tensor


def check_images(value: Any, name: str) -> None:
    """Raise unless `value` is images (B, C, H, W) of a floating-point dtype or uint8."""
    check_tensor(value, name)
    if not value.is_floating_point() and value.dtype is not torch.uint8:
        raise TypeError(f"{name} must have a floating-point dtype or be uint8, got {value.dtype}")
    check_shape(value, name, "B", "C", "H", "W")


def check_guidance(guidance: Any, input: Tensor) -> None:
    """Raise unless `guidance` is images beside those of `input`, with channels of its own."""
    check_images(guidance, "guidance")
    batch, _, height, width = input.shape
    check_shape(guidance, "guidance", batch, "C", height, width)


def window_of(kernel_size: Any, name: str = "kernel_size", *, odd: bool = False) -> tuple[int, int]:
    """Return (rows, columns) of a window that is given so, or by one number; raise unless it has a middle, if `odd`."""
    sizes = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    check_size(sizes, name, 2)
    if odd and not all(size % 2 for size in sizes):
        raise ValueError(f"{name} must be odd, got {kernel_size}")
    return sizes[0], sizes[1]


def decode(image: Tensor) -> Tensor:
    """Return images as floats of at least 32 bits."""
    return image.to(torch.promote_types(image.dtype, torch.float32))


def encode(result: Tensor, dtype: torch.dtype) -> Tensor:
    """Return a result in a dtype: as bytes rounded and clipped."""
    return result.round().clamp(0, 255).to(dtype) if dtype is torch.uint8 else result.to(dtype)
