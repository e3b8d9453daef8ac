# SPDX-License-Identifier: Apache-2.0
"""Images as planes of channels, and pixelwise loops over blocks of their pixels.

Such a loop is `loop(start, stop, image, ..., result, ...)` over blocks; the arrays have shape (images, channels,
pixels) and `span` says which pixels a block is.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from foveal.kernels.cpu._array import as_array, filled, fresh, is_streamed
from foveal.kernels.cpu._compile import compile_kernel
from foveal.kernels.cpu._parallel import parallel_for

# The rows of a block, six channels and scratch, stay in the second-level cache.
BLOCK = 4096

# What a loop without sums may do. Reassociation would gain nothing, and multiply 1 / c by 1 / c before either of them
# meets a number that is as small as c.
PIXELWISE = {"contract", "nsz", "afn"}

f32 = np.float32


def accepts_image(image: Any, channels: int, *, bytes: bool = True) -> bool:
    """Say whether this is a float32 (or uint8) image that is not empty."""
    return (
        isinstance(image, Tensor)
        and (image.dtype is torch.float32 or (bytes and image.dtype is torch.uint8))
        and image.ndim >= 3
        and image.shape[-3] == channels
        and image.numel() > 0
    )


def planes(image: Tensor) -> np.ndarray[Any, Any]:
    """Return images (*, C, H, W) as an array (images, C, H W)."""
    return as_array(image).reshape(-1, image.shape[-3], image.shape[-2] * image.shape[-1])


def planes_of_gradient(gradient: Tensor) -> np.ndarray[Any, Any]:
    """Return a gradient as `planes`; of one and the same value, as of a sum or a mean, only a block of one image.

    The loops go round it (`index % images`, `first % pixels`), which saves that value's way through the memory.
    """
    if any(gradient.stride()):
        return planes(gradient)
    pixels = min(gradient.shape[-2] * gradient.shape[-1], BLOCK)
    return filled((1, gradient.shape[-3], pixels), gradient[(0,) * gradient.ndim].item())


def for_each_block(
    loop: Callable[..., None], image: np.ndarray[Any, Any], *arguments: Any, work: int | None = None
) -> None:
    """Run a loop over the blocks of all images on all threads; `work` as for `parallel_for`, by default a unit each."""
    count, _, pixels = image.shape
    parallel_for(loop, count * -(-pixels // BLOCK), image, *arguments, work=image.size if work is None else work)


def convert(image: Tensor, channels: int, loop: Callable[..., None], *constants: Any) -> Tensor:
    """Run `loop(start, stop, image, result, *constants)` and return the result, which has so many channels."""
    result, array = fresh((*image.shape[:-3], channels, *image.shape[-2:]), image.dtype)
    source = planes(image)
    for_each_block(loop, source, array.reshape(len(source), channels, -1), *constants)
    return result


def convert_large(image: Tensor, channels: int, loop: Callable[..., None], *constants: Any) -> Tensor:
    """As `convert`, by `loop(start, stop, image, result, streamed, *constants)`, which can write past the caches."""
    result, array = fresh((*image.shape[:-3], channels, *image.shape[-2:]))
    source = planes(image)
    rows = array.reshape(len(source), channels, -1)
    for_each_block(loop, source, rows, is_streamed(rows, source), *constants)
    return result


def pull_back(image: Tensor, gradient: Tensor, loop: Callable[..., None], *constants: Any) -> Tensor:
    """Run `loop(start, stop, image, gradient, result, *constants)` and return the result, the gradient to the image."""
    result, array = fresh(image.shape)
    source = planes(image)
    for_each_block(loop, source, planes_of_gradient(gradient), array.reshape(source.shape), *constants)
    return result


@compile_kernel(inline="always")
def span(block, pixels):
    """Return image, first pixel and the one behind the last pixel of a block."""
    blocks = (pixels + BLOCK - 1) // BLOCK
    index = block // blocks
    first = (block - index * blocks) * BLOCK
    return index, first, min(first + BLOCK, pixels)


@compile_kernel(inline="always")
def round_span(index, first, last, gradient):
    """Return the part of a gradient, which may be `planes_of_gradient`'s short one, that belongs to a `span`."""
    begin = first % gradient.shape[2]
    return index % gradient.shape[0], begin, begin + last - first


@compile_kernel(fastmath=PIXELWISE)
def decode(bytes, scale, offset, row):
    """Write scale * bytes + offset to a row of floats."""
    for j in range(row.shape[0]):
        row[j] = f32(bytes[j]) * scale + offset


@compile_kernel(fastmath=PIXELWISE)
def encode(row, scale, offset, bytes):
    """Write scale * row + offset to a row of bytes, rounded and clipped."""
    for j in range(row.shape[0]):
        bytes[j] = to_byte(row[j] * scale + offset)


@compile_kernel(inline="always")
def to_byte(value):
    """Round to the nearest byte."""
    value = value + f32(0.5)
    value = value if value > f32(0.0) else f32(0.0)
    value = value if value < f32(255.0) else f32(255.0)
    return np.uint8(np.int32(value))
