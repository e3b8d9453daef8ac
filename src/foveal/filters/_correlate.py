# SPDX-License-Identifier: Apache-2.0
"""What the linear filters share: checks, precision, and the correlation of every channel with a kernel."""

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from foveal._border import BORDERS, pad
from foveal._check import check_option, check_real, check_shape, check_size

PADDINGS = ("same", "valid")
BEHAVIOURS = ("corr", "conv")

_CONVOLUTIONS = {2: functional.conv2d, 3: functional.conv3d}


def check_images(value: Any, name: str, *shape: str) -> None:
    """Raise unless `value` is a tensor of real numbers of the given shape, by default (B, C, H, W)."""
    check_real(value, name)
    check_shape(value, name, *(shape or ("B", "C", "H", "W")))


def check_taps(value: Any, name: str, batch: int, *shape: str) -> None:
    """Raise unless `value` is a kernel (1, *shape) or (batch, *shape) with at least one tap."""
    check_images(value, name, "1 or B", *shape)
    if value.shape[0] not in (1, batch):
        raise ValueError(f"{name} must hold 1 or {batch} kernels, as many as images, got {value.shape[0]}")
    if 0 in value.shape[1:]:
        raise ValueError(f"{name} must have at least one tap, got shape {tuple(value.shape)}")


def check_border(border_type: Any, padding: Any = "same", behaviour: Any = "corr") -> None:
    """Raise unless these are options of a filter."""
    check_option(border_type, "border_type", BORDERS)
    check_option(padding, "padding", PADDINGS)
    check_option(behaviour, "behaviour", BEHAVIOURS)


def check_inside(input: Tensor, taps: tuple[int, ...], padding: str) -> None:
    """Raise unless a kernel that is not padded fits into the images."""
    if padding == "valid" and any(size < tap for size, tap in zip(input.shape[-len(taps) :], taps, strict=True)):
        raise ValueError(f"input must be at least as large as the kernel {taps}, got shape {tuple(input.shape)}")


def pair(value: Any, name: str, *, odd: bool = False) -> tuple[int, int]:
    """Return the two sides (y, x) of a window, given as one number or two.

    Raises:
        TypeError: the window is neither an integer nor a tuple.
        ValueError: it has not two sides, or one that is not positive, or `odd` is asked for and one is even.
    """
    sides = (value, value) if isinstance(value, int) else value
    check_size(sides, name, 2)
    if odd and any(side % 2 == 0 for side in sides):
        raise ValueError(f"{name} must be odd, got {value}")
    return sides[0], sides[1]


def widen(input: Tensor) -> Tensor:
    """Return images as floats of at least 32 bits."""
    if not input.is_floating_point():
        return input.float()
    return input.to(torch.promote_types(input.dtype, torch.float32))


def narrow(result: Tensor, like: Tensor) -> Tensor:
    """Return a result in the precision of floating-point images; that of other images stays float32."""
    return result.to(like.dtype) if like.is_floating_point() else result


def encode(result: Tensor, like: Tensor) -> Tensor:
    """Return a result in the dtype of floating-point images or bytes, these rounded and clipped."""
    if like.dtype is torch.uint8:
        return (result + 0.5).floor().clamp(0, 255).to(torch.uint8)
    return narrow(result, like)


def normalize(kernel: Tensor) -> Tensor:
    """Divide each kernel of a batch by the sum of its absolute values; one without any stays zero."""
    total = kernel.abs().sum(dim=tuple(range(1, kernel.ndim)), keepdim=True)
    return kernel / torch.where(total == 0, 1, total)


def surround(input: Tensor, taps: tuple[int, ...], border_type: str, padding: str) -> Tensor:
    """Surround images so that a kernel anchored at (taps - 1) // 2 keeps their size; "valid" leaves them."""
    if padding == "valid":
        return input
    margins: list[int] = []
    for tap in reversed(taps):
        margins += [(tap - 1) // 2, tap // 2]
    return pad(input, tuple(margins), border_type)


def correlate(input: Tensor, kernel: Tensor, border_type: str, padding: str = "same") -> Tensor:
    """Correlate every channel of images (B, C, *sizes) with the kernel (1 or B, *taps) of its image."""
    taps = tuple(kernel.shape[1:])
    if input.numel() == 0:
        sizes = input.shape[2:]
        sizes = sizes if padding == "same" else [size - tap + 1 for size, tap in zip(sizes, taps, strict=True)]
        return input[(..., *(slice(0, size) for size in sizes))] * kernel.sum()
    padded = surround(input, taps, border_type, padding)
    batch, channels, *sizes = padded.shape
    planes = batch * channels
    weights = kernel.unsqueeze(1).expand(batch, channels, *taps).reshape(planes, 1, *taps)
    # One image of all planes, a group each: by far the fastest way through PyTorch's convolutions on a CPU.
    result = _CONVOLUTIONS[len(taps)](padded.reshape(1, planes, *sizes), weights, groups=planes)
    return result.reshape(batch, channels, *result.shape[2:])
