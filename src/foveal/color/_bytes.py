# SPDX-License-Identifier: Apache-2.0
"""Colours as bytes: how a uint8 image stands for the floats that the formulas take, per colour space.

The ranges are those of OpenCV's 8-bit images.
"""

from typing import NamedTuple

import torch
from torch import Tensor


class ByteRange(NamedTuple):
    """byte = scale * value + offset, per channel."""

    scale: tuple[float, ...]
    offset: tuple[float, ...]


UNIT = ByteRange((255,), (0,))
CHROMA = ByteRange((255,), (128,))
LUMA_CHROMA = ByteRange((255, 255, 255), (0, 128, 128))
HSV = HLS = ByteRange((90 / torch.pi, 255, 255), (0, 0, 0))
LAB = ByteRange((255 / 100, 1, 1), (0, 128, 128))
LUV = ByteRange((255 / 100, 255 / 354, 255 / 262), (0, 134 * 255 / 354, 140 * 255 / 262))


def decode(image: Tensor, bytes: ByteRange = UNIT) -> Tensor:
    """Return an image as floats of at least 32 bits: uint8 by its range, half precision widened."""
    if image.dtype is torch.uint8:
        return (image.float() - _channels(bytes.offset, image)) / _channels(bytes.scale, image)
    return image.to(torch.promote_types(image.dtype, torch.float32))


def encode(result: Tensor, like: Tensor, bytes: ByteRange = UNIT) -> Tensor:
    """Return a result in the dtype of `like`: for uint8 rounded and clipped to its range."""
    if like.dtype is torch.uint8:
        scaled = result * _channels(bytes.scale, result) + _channels(bytes.offset, result)
        return (scaled + 0.5).floor().clamp(0, 255).to(torch.uint8)
    return result.to(like.dtype)


def _channels(values: tuple[float, ...], like: Tensor) -> Tensor:
    return torch.tensor(values, dtype=torch.float32, device=like.device).view(-1, 1, 1)
