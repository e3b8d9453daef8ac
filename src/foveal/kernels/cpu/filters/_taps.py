# SPDX-License-Identifier: Apache-2.0
"""What the kernels of linear filters accept, and their taps as arrays."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from foveal._border import BORDERS
from foveal.kernels.cpu._array import as_array
from foveal.kernels.cpu.filters._layout import Array


def accepts_image(image: Any, *, bytes: bool = False, axes: int = 2) -> bool:
    """Say whether this is float32 images (or bytes) of so many axes, not empty."""
    return (
        isinstance(image, Tensor)
        and (image.dtype is torch.float32 or (bytes and image.dtype is torch.uint8))
        and image.ndim == axes + 2
        and image.numel() > 0
    )


def accepts_taps(kernel: Any, image: Tensor, axes: int) -> bool:
    """Say whether this is float32 kernels for the images, one or one for each."""
    return (
        isinstance(kernel, Tensor)
        and kernel.dtype is torch.float32
        and kernel.ndim == axes + 1
        and kernel.numel() > 0
        and kernel.shape[0] in (1, image.shape[0])
    )


def accepts_border(border_type: Any) -> bool:
    """Say whether there is such a border."""
    return isinstance(border_type, str) and border_type in BORDERS


def sides_of(value: Any) -> tuple[int, int] | None:
    """Return the sides (y, x) of a window, `None` where these are none."""
    sides = (value, value) if type(value) is int else value
    if isinstance(sides, tuple | list) and len(sides) == 2 and all(type(s) is int and s > 0 for s in sides):
        return sides[0], sides[1]
    return None


def taps_of(kernel: Tensor, normalized: bool) -> Array:
    """Return kernels as an array, divided by their absolute sums if `normalized`."""
    taps = as_array(kernel)
    if normalized:
        total = np.abs(taps).sum(axis=tuple(range(1, taps.ndim)), keepdims=True)
        taps = taps / np.where(total == 0, np.float32(1), total)
    return taps


def pull_back_taps(kernel: Tensor, function: Callable[[Tensor], Tensor], gradient: Array) -> Tensor:
    """Return the gradient to what taps are made of by a function, from that to the taps of each image.

    In float64: the taps of a blur add up to one, so that most of a gradient may cancel.
    """
    with torch.enable_grad():
        leaf = kernel.detach().double().requires_grad_()
        taps = function(leaf)
        found = torch.from_numpy(gradient.copy())
        found = found.sum(dim=0, keepdim=True) if taps.shape[0] == 1 else found
        return torch.autograd.grad(taps, leaf, found)[0].to(kernel.dtype)
