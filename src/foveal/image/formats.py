# SPDX-License-Identifier: Apache-2.0
"""What the numbers of an image mean: its size, channels and colours."""

from dataclasses import dataclass
from enum import Enum

from torch import Tensor


class ColorSpace(Enum):
    """The colours of an image."""

    UNKNOWN = 0
    GRAY = 1
    RGB = 2
    BGR = 3


class ChannelsOrder(Enum):
    """Where the channels of an image stand: (C, H, W) or (H, W, C)."""

    CHANNELS_FIRST = 0
    CHANNELS_LAST = 1


@dataclass
class ImageSize:
    """The size of an image.

    Args:
        height: rows.
        width: columns.
    """

    height: int | Tensor
    width: int | Tensor


@dataclass
class PixelFormat:
    """The pixels of an image.

    Args:
        color_space: their colours.
        bit_depth: bits of one value: 8 for uint8, 32 for float32.
    """

    color_space: ColorSpace
    bit_depth: int


@dataclass
class ImageLayout:
    """The layout of an image in memory.

    Args:
        image_size: rows and columns.
        channels: number of channels.
        channels_order: whether they are first or last.
    """

    image_size: ImageSize
    channels: int
    channels_order: ChannelsOrder
