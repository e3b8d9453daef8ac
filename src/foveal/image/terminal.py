# SPDX-License-Identifier: Apache-2.0
"""Images as coloured text."""

import os
from typing import Any

import torch
from torch import Tensor

from foveal._check import check_count, check_tensor


def image_to_string(image: Tensor, max_width: int = 256) -> str:
    r"""Write an image as text: two spaces a pixel on the nearest of the 240 fixed colours of xterm.

    Args:
        image: RGB (3, H, W) or grey (1, H, W), floats in [0, 1] or integers in [0, 255].
        max_width: a wider image is reduced to so many pixels.

    Returns:
        One line of text a row.

    Raises:
        TypeError: `image` is not a tensor, or `max_width` not an integer.
        ValueError: another shape, values out of range, or `max_width` is not positive.

    >>> image_to_string(torch.ones(1, 1, 2))
    '\x1b[48;5;231m  \x1b[48;5;231m  \x1b[0m\n'
    """
    check_tensor(image, "image")
    check_count(max_width, "max_width", smallest=1)
    if image.ndim != 3 or image.shape[0] not in (1, 3):
        raise ValueError(f"image must have shape (3, H, W) or (1, H, W), got {tuple(image.shape)}")
    scale = 255.0 if image.is_floating_point() else 1.0
    # Scaled in its own precision: bytes that were divided by 255 come back whole.
    values = (image.detach().cpu() * scale).double()
    if not bool(((values >= 0) & (values <= 255)).all()):
        raise ValueError(f"image must have values in [0, {255 / scale:g}]")
    height, width = values.shape[-2:]
    if width > max_width:
        size = max(height * max_width // width, 1), max_width
        values = torch.nn.functional.interpolate(values[None], size, mode="bilinear", align_corners=False)[0]
    pixels = values.expand(3, -1, -1).permute(1, 2, 0)
    # Squares as a product: no array of every pixel against every colour and channel is made.
    colours = _palette()
    codes = ((colours * colours).sum(dim=1) - 2 * pixels @ colours.T).argmin(dim=-1) + 16
    return "".join("".join(f"\x1b[48;5;{code}m  " for code in row) + "\x1b[0m\n" for row in codes.tolist())


def print_image(image: str | os.PathLike[str] | Tensor, max_width: int = 96) -> None:
    """Print an image to the terminal; see `image_to_string`.

    Args:
        image: a file, or an image (3, H, W) or (1, H, W).
        max_width: a wider image is reduced to so many pixels.

    Raises:
        TypeError: `image` is neither a path nor a tensor.
        ImportError: `image` is a file and Pillow is not installed.
        OSError: the file cannot be read.
        ValueError: the file is no image, or the tensor has another shape or values out of range.

    >>> print_image(torch.zeros(1, 0, 2))
    <BLANKLINE>
    """
    value: Any = image
    if isinstance(value, str | os.PathLike):
        from foveal.io import ImageLoadType, load_image

        value = load_image(os.fspath(value), ImageLoadType.RGB8)
    elif not isinstance(value, Tensor):
        raise TypeError(f"image must be a path or a torch.Tensor, got {type(value).__name__}")
    print(image_to_string(value, max_width))


def _palette() -> Tensor:
    """Return RGB of the colours 16 to 255 of xterm: a cube of 6 levels, then 24 greys."""
    levels = torch.tensor([0, 95, 135, 175, 215, 255], dtype=torch.float64)
    greys = torch.arange(8, 248, 10, dtype=torch.float64)
    return torch.cat([torch.cartesian_prod(levels, levels, levels), greys[:, None].expand(-1, 3)])
