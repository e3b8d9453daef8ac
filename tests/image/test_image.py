# SPDX-License-Identifier: Apache-2.0
from pathlib import Path
from typing import Any

import kornia.image as kornia
import numpy as np
import pytest
import torch
from skimage.data import astronaut

from foveal.image import ChannelsOrder, ColorSpace, Image, ImageLayout, ImageSize, PixelFormat, image_to_string

PHOTOGRAPH = astronaut()[::8, ::9].copy()


@pytest.mark.parametrize("name", ["to_gray", "to_rgb", "to_bgr"])
@pytest.mark.parametrize("space", ["RGB", "BGR"])
@pytest.mark.parametrize("last", [True, False])
def test_colours_are_those_of_kornia(name: str, space: str, last: bool) -> None:
    array = PHOTOGRAPH if last else PHOTOGRAPH.transpose(2, 0, 1).copy()
    order = "CHANNELS_LAST" if last else "CHANNELS_FIRST"
    mine = getattr(Image.from_numpy(array, ColorSpace[space], ChannelsOrder[order]), name)()
    theirs = getattr(kornia.Image.from_numpy(array, kornia.ColorSpace[space], kornia.ChannelsOrder[order]), name)()
    np.testing.assert_array_equal(mine.to_numpy(), theirs.to_numpy())
    assert mine.pixel_format.color_space.name == theirs.pixel_format.color_space.name
    assert (mine.shape, mine.channels, mine.height, mine.width) == (
        theirs.shape,
        theirs.channels,
        theirs.height,
        theirs.width,
    )
    assert mine.image_size == ImageSize(PHOTOGRAPH.shape[0], PHOTOGRAPH.shape[1])
    assert mine.channels_order is ChannelsOrder[order]


def test_conversions_share_memory_or_return_the_image() -> None:
    array = PHOTOGRAPH.copy()
    image = Image.from_numpy(array)
    assert image.to_rgb() is image
    assert np.shares_memory(image.to_numpy(), array)
    again = Image.from_dlpack(image.to_dlpack(), image.pixel_format.color_space, image.channels_order)
    assert again.data.data_ptr() == image.data.data_ptr()
    assert Image.from_dlpack(array.transpose(2, 0, 1)).channels == 3
    assert image.clone().data.data_ptr() != image.data.data_ptr()
    grey = image.to_gray()
    np.testing.assert_array_equal(grey.to_rgb().to_numpy(), np.repeat(grey.to_numpy(), 3, axis=2))


def test_dtypes_change_without_scale() -> None:
    image = Image.from_numpy(PHOTOGRAPH).float()
    assert image.pixel_format == PixelFormat(ColorSpace.RGB, 32)
    assert (image.dtype, image.device.type, image.data.max()) == (torch.float32, "cpu", PHOTOGRAPH.max())
    assert image.to(dtype=torch.bfloat16).to_numpy().dtype == np.float32
    assert Image.from_numpy(np.zeros((4, 5))).pixel_format == PixelFormat(ColorSpace.GRAY, 64)
    assert Image.from_numpy(np.zeros((4, 5, 4))).pixel_format.color_space is ColorSpace.UNKNOWN
    assert repr(image).startswith("Image(shape=(64, 57, 3), dtype=torch.float32, PixelFormat(")


def test_files_and_terminal_show_true_colours(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    image = Image.from_numpy(PHOTOGRAPH)
    for number, colours in enumerate((image, image.to_bgr())):
        colours.write(tmp_path / f"{number}.png")
        again = Image.from_file(tmp_path / f"{number}.png")
        np.testing.assert_array_equal(again.to_numpy(), PHOTOGRAPH.transpose(2, 0, 1))
        assert again.layout == ImageLayout(image.image_size, 3, ChannelsOrder.CHANNELS_FIRST)
        colours.print()
        assert capsys.readouterr().out == image_to_string(torch.from_numpy(PHOTOGRAPH).permute(2, 0, 1)) + "\n"


LAYOUT = ImageLayout(ImageSize(4, 5), 3, ChannelsOrder.CHANNELS_FIRST)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Image(torch.zeros(4, 5, 3), PixelFormat(ColorSpace.RGB, 32), LAYOUT), "data must have the shape"),
        (lambda: Image(torch.zeros(3, 4, 5), PixelFormat(ColorSpace.RGB, 8), LAYOUT), "bit_depth must be 32"),
        (lambda: Image(torch.zeros(3, 4, 5), PixelFormat(ColorSpace.GRAY, 32), LAYOUT), "GRAY must have channels: 1"),
        (lambda: Image.from_numpy(np.zeros((1, 2, 3, 4))), "data must have two or three dimensions"),
        (lambda: Image.from_numpy(np.zeros((2, 3)), channels_order="last"), "channels_order must be a ChannelsOrder"),  # pyright: ignore
        (lambda: Image.from_numpy(np.zeros((2, 3, 4))).to_gray(), "colours UNKNOWN cannot be converted to GRAY"),
    ],
)
def test_bad_calls_say_what_was_wrong(make: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()
