# SPDX-License-Identifier: Apache-2.0
"""An image that knows its colours and its layout."""

from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.utils import dlpack

from foveal._check import check_tensor
from foveal.image.formats import ChannelsOrder, ColorSpace, ImageLayout, ImageSize, PixelFormat
from foveal.image.terminal import print_image

_CHANNELS = {ColorSpace.GRAY: 1, ColorSpace.RGB: 3, ColorSpace.BGR: 3}


class Image:
    """One image with its pixel format and layout.

    Args:
        data: (C, H, W) or (H, W, C), as the layout says. It is not copied.
        pixel_format: its colours, and the bits of a value.
        layout: its size, channels, and where these stand.

    Raises:
        TypeError: `data` is not a tensor.
        ValueError: shape, bits or number of channels are not those of `data`.

    Convention: a conversion to the colours that an image has returns the image itself.

    >>> image = Image.from_numpy(torch.zeros(4, 5, 3, dtype=torch.uint8).numpy())
    >>> image.to_gray().shape, image.pixel_format.color_space.name
    ((4, 5, 1), 'RGB')
    """

    def __init__(self, data: Tensor, pixel_format: PixelFormat, layout: ImageLayout) -> None:
        check_tensor(data, "data")
        size = (layout.image_size.height, layout.image_size.width)
        first = layout.channels_order is ChannelsOrder.CHANNELS_FIRST
        shape = (layout.channels, *size) if first else (*size, layout.channels)
        if tuple(data.shape) != tuple(map(int, shape)):
            raise ValueError(f"data must have the shape of its layout, {shape}, got {tuple(data.shape)}")
        if pixel_format.bit_depth != 8 * data.element_size():
            raise ValueError(
                f"bit_depth must be {8 * data.element_size()} for {data.dtype}, got {pixel_format.bit_depth}"
            )
        wanted = _CHANNELS.get(pixel_format.color_space, layout.channels)
        if wanted != layout.channels:
            raise ValueError(f"{pixel_format.color_space.name} must have channels: {wanted}, got {layout.channels}")
        self._data, self._pixel_format, self._layout = data, pixel_format, layout

    @classmethod
    def from_numpy(
        cls,
        data: Any,
        color_space: ColorSpace | None = None,
        channels_order: ChannelsOrder = ChannelsOrder.CHANNELS_LAST,
    ) -> "Image":
        """View an array as an image.

        Args:
            data: array (H, W), or with channels where `channels_order` says. Its memory is shared.
            color_space: its colours; by default grey for one channel, RGB for three.
            channels_order: where its channels stand.
        """
        return _labelled(torch.from_numpy(data), color_space, channels_order)

    @classmethod
    def from_dlpack(
        cls,
        data: Any,
        color_space: ColorSpace | None = None,
        channels_order: ChannelsOrder = ChannelsOrder.CHANNELS_FIRST,
    ) -> "Image":
        """View a DLPack capsule, or an object that exports one, as an image; arguments as those of `from_numpy`."""
        return _labelled(dlpack.from_dlpack(data), color_space, channels_order)

    @classmethod
    def from_file(cls, file_path: str | Path) -> "Image":
        """Read a file as an RGB image of bytes, (3, H, W); see `foveal.io.load_image`."""
        from foveal.io import ImageLoadType, load_image

        return _labelled(load_image(file_path, ImageLoadType.RGB8), ColorSpace.RGB, ChannelsOrder.CHANNELS_FIRST)

    def to_numpy(self) -> Any:
        """Return the data as an array in its layout; it shares memory on the CPU."""
        data = self._data.detach().cpu()
        return (data.float() if data.dtype is torch.bfloat16 else data).numpy()

    def to_dlpack(self) -> Any:
        """Return the data as a DLPack capsule in its layout, which shares its memory."""
        return torch.to_dlpack(self._data)

    def to_gray(self) -> "Image":
        """Return the image in grey (ITU-R BT.601)."""
        return self._converted(ColorSpace.GRAY)

    def to_rgb(self) -> "Image":
        """Return the image in RGB."""
        return self._converted(ColorSpace.RGB)

    def to_bgr(self) -> "Image":
        """Return the image in BGR."""
        return self._converted(ColorSpace.BGR)

    def write(self, file_path: str | Path) -> None:
        """Write the image to a file, whose extension says the format; see `foveal.io.write_image`."""
        from foveal.io import write_image

        write_image(file_path, self._shown())

    def print(self, max_width: int = 256) -> None:
        """Print the image to the terminal; see `image_to_string`."""
        print_image(self._shown(), max_width)

    def to(self, device: str | torch.device | None = None, dtype: torch.dtype | None = None) -> "Image":
        """Return the image on a device, with the values of a dtype; they are not scaled."""
        data = self._data.to(device=device, dtype=dtype)
        return Image(data, PixelFormat(self._pixel_format.color_space, 8 * data.element_size()), self._layout)

    def float(self) -> "Image":
        """Return the image with float32 values; they are not scaled."""
        return self.to(dtype=torch.float32)

    def clone(self) -> "Image":
        """Return a copy that shares no memory."""
        return Image(self._data.clone(), self._pixel_format, self._layout)

    @property
    def data(self) -> Tensor:
        """The pixels, in the layout."""
        return self._data

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of `data`."""
        return tuple(self._data.shape)

    @property
    def dtype(self) -> torch.dtype:
        """The dtype of `data`."""
        return self._data.dtype

    @property
    def device(self) -> torch.device:
        """The device of `data`."""
        return self._data.device

    @property
    def pixel_format(self) -> PixelFormat:
        """Colours, and bits of a value."""
        return self._pixel_format

    @property
    def layout(self) -> ImageLayout:
        """Size, channels, and where these stand."""
        return self._layout

    @property
    def channels(self) -> int:
        """Number of channels."""
        return self._layout.channels

    @property
    def image_size(self) -> ImageSize:
        """Rows and columns."""
        return self._layout.image_size

    @property
    def height(self) -> int:
        """Number of rows."""
        return int(self._layout.image_size.height)

    @property
    def width(self) -> int:
        """Number of columns."""
        return int(self._layout.image_size.width)

    @property
    def channels_order(self) -> ChannelsOrder:
        """Where the channels stand."""
        return self._layout.channels_order

    def __repr__(self) -> str:
        return f"Image(shape={self.shape}, dtype={self.dtype}, {self._pixel_format}, {self._layout})"

    def _planes(self) -> Tensor:
        first = self.channels_order is ChannelsOrder.CHANNELS_FIRST
        return self._data if first else self._data.movedim(-1, 0)

    def _shown(self) -> Tensor:
        return (self.to_rgb() if self._pixel_format.color_space is ColorSpace.BGR else self)._planes()

    def _converted(self, wanted: ColorSpace) -> "Image":
        from foveal.color import bgr_to_grayscale, rgb_to_grayscale

        space = self._pixel_format.color_space
        if space is wanted:
            return self
        if space is ColorSpace.UNKNOWN:
            raise ValueError(f"an image of colours UNKNOWN cannot be converted to {wanted.name}")
        planes = self._planes()
        if wanted is ColorSpace.GRAY:
            planes = (rgb_to_grayscale if space is ColorSpace.RGB else bgr_to_grayscale)(planes)
        else:
            planes = planes.repeat(3, 1, 1) if space is ColorSpace.GRAY else planes.flip(0)
        first = self.channels_order is ChannelsOrder.CHANNELS_FIRST
        return _labelled(planes if first else planes.movedim(0, -1), wanted, self.channels_order)


def _labelled(data: Tensor, color_space: ColorSpace | None, order: ChannelsOrder) -> Image:
    """Make an image of data, its colours by the number of channels where they are not given."""
    if not isinstance(order, ChannelsOrder):
        raise ValueError(f"channels_order must be a ChannelsOrder, got {order!r}")
    last = order is ChannelsOrder.CHANNELS_LAST
    data = data[..., None] if data.ndim == 2 and last else data[None] if data.ndim == 2 else data
    if data.ndim != 3:
        raise ValueError(f"data must have two or three dimensions, got {tuple(data.shape)}")
    height, width, channels = data.shape if last else (*data.shape[1:], data.shape[0])
    if color_space is None:
        color_space = {1: ColorSpace.GRAY, 3: ColorSpace.RGB}.get(channels, ColorSpace.UNKNOWN)
    format = PixelFormat(color_space, 8 * data.element_size())
    return Image(data, format, ImageLayout(ImageSize(height, width), channels, order))
