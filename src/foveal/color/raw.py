# SPDX-License-Identifier: Apache-2.0
"""Mosaics of a Bayer sensor, which sees one colour at each pixel."""

from enum import Enum

import torch
from jaxtyping import Num
from torch import Tensor

from foveal._check import check_pixels, check_shape
from foveal._module import module
from foveal._op import op
from foveal._pixels import Pixels


class CFA(Enum):
    """The layout of a Bayer colour filter array, by OpenCV's names: the colours of the pixels (1, 1) and (1, 2)."""

    BG = 0
    GB = 1
    RG = 2
    GR = 3

    def __repr__(self) -> str:
        return f"{type(self).__name__}.{self.name}"

    @property
    def red(self) -> tuple[int, int]:
        """Row and column of the red pixel in the top left cell of 2x2; the blue one is opposite."""
        return {"BG": (0, 0), "GB": (0, 1), "RG": (1, 1), "GR": (1, 0)}[self.name]


@op
def rgb_to_raw(image: Num[Tensor, "*batch 3 height width"], cfa: CFA) -> Num[Tensor, "*batch 1 height width"]:
    """Take of each pixel the colour that a Bayer sensor sees there.

    Args:
        image: RGB, (*, 3, H, W), of any dtype.
        cfa: layout of the colour filters.

    Returns:
        The mosaic, (*, 1, H, W), in the dtype of `image`.

    Raises:
        TypeError: `image` is not a tensor, or `cfa` not a `CFA`.
        ValueError: `image` has not the shape (*, 3, H, W).

    >>> rgb_to_raw(torch.tensor([0.1, 0.2, 0.3]).view(3, 1, 1).expand(3, 2, 2), CFA.BG)
    tensor([[[0.1000, 0.2000],
             [0.2000, 0.3000]]])
    """
    check_shape(image, "image", "*", 3, "H", "W")
    _check_cfa(cfa)
    red, green, blue = image.split(1, dim=-3)
    is_red, is_blue = _sites(image, cfa)
    return torch.where(is_red, red, torch.where(is_blue, blue, green))


@op
def raw_to_rgb(image: Pixels[Tensor, "*batch 1 height width"], cfa: CFA) -> Pixels[Tensor, "*batch 3 height width"]:
    """Interpolate the two colours that a Bayer sensor did not see at each pixel, bilinearly.

    Args:
        image: the mosaic, (*, 1, H, W), floats of any range or uint8; H and W even.
        cfa: layout of the colour filters.

    Returns:
        RGB, (*, 3, H, W), in the dtype of `image`. The seen colours stay as they are, so that `rgb_to_raw` gives the
        mosaic back.

    Raises:
        TypeError: `image` is neither of a floating-point dtype nor uint8, or `cfa` not a `CFA`.
        ValueError: `image` has not the shape (*, 1, H, W) with even H and W.

    Convention: the mosaic is mirrored at its outermost rows and columns, which keeps its layout.

    >>> raw_to_rgb(torch.tensor([[[0.1, 0.2], [0.4, 0.3]]]), CFA.BG)[:, 0, 0]
    tensor([0.1000, 0.3000, 0.3000])

    Source: Bayer 1976, US patent 3,971,065; bilinear demosaicing.
    """
    check_pixels(image, "image", 1)
    _check_cfa(cfa)
    _check_even(image)
    seen = image.to(torch.promote_types(image.dtype, torch.float32))
    padded = torch.cat([seen[..., 1:2, :], seen, seen[..., -2:-1, :]], dim=-2)
    padded = torch.cat([padded[..., 1:2], padded, padded[..., -2:-1]], dim=-1)
    beside = (padded[..., :-2] + padded[..., 2:]) / 2
    across = beside[..., 1:-1, :]
    along = (padded[..., :-2, 1:-1] + padded[..., 2:, 1:-1]) / 2
    diagonal = (beside[..., :-2, :] + beside[..., 2:, :]) / 2
    is_red, is_blue = _sites(image, cfa)
    in_red_row = is_red.any(dim=-1, keepdim=True)
    red = torch.where(is_red, seen, torch.where(is_blue, diagonal, torch.where(in_red_row, across, along)))
    green = torch.where(is_red | is_blue, (across + along) / 2, seen)
    blue = torch.where(is_blue, seen, torch.where(is_red, diagonal, torch.where(in_red_row, along, across)))
    rgb = torch.cat([red, green, blue], dim=-3)
    return (rgb if image.is_floating_point() else (rgb + 0.5).floor()).to(image.dtype)


@op
def raw_to_rgb_2x2_downscaled(
    image: Pixels[Tensor, "*batch 1 height width"], cfa: CFA
) -> Pixels[Tensor, "*batch 3 height//2 width//2"]:
    """Make one RGB pixel of each 2x2 cell of a Bayer mosaic: its red, the mean of its greens, its blue.

    Args:
        image: the mosaic, (*, 1, H, W), floats of any range or uint8; H and W even.
        cfa: layout of the colour filters.

    Returns:
        RGB, (*, 3, H / 2, W / 2), in the dtype of `image`.

    Raises:
        TypeError: `image` is neither of a floating-point dtype nor uint8, or `cfa` not a `CFA`.
        ValueError: `image` has not the shape (*, 1, H, W) with even H and W.

    >>> raw_to_rgb_2x2_downscaled(torch.tensor([[[0.1, 0.2], [0.4, 0.3]]]), CFA.BG).flatten()
    tensor([0.1000, 0.3000, 0.3000])
    """
    check_pixels(image, "image", 1)
    _check_cfa(cfa)
    _check_even(image)
    seen = image.to(torch.promote_types(image.dtype, torch.float32))
    row, column = cfa.red
    red, blue = seen[..., row::2, column::2], seen[..., 1 - row :: 2, 1 - column :: 2]
    green = (seen[..., row::2, 1 - column :: 2] + seen[..., 1 - row :: 2, column::2]) / 2
    rgb = torch.cat([red, green, blue], dim=-3)
    return (rgb if image.is_floating_point() else (rgb + 0.5).floor()).to(image.dtype)


class RgbToRaw(module(rgb_to_raw)): ...


class RawToRgb(module(raw_to_rgb)): ...


class RawToRgb2x2Downscaled(module(raw_to_rgb_2x2_downscaled)): ...


def _sites(image: Tensor, cfa: CFA) -> tuple[Tensor, Tensor]:
    """Return masks (H, W) of the red and the blue pixels."""
    height, width = image.shape[-2:]
    rows = torch.arange(height, device=image.device).view(-1, 1) % 2
    columns = torch.arange(width, device=image.device) % 2
    row, column = cfa.red
    return (rows == row) & (columns == column), (rows != row) & (columns != column)


def _check_cfa(cfa: CFA) -> None:
    if not isinstance(cfa, CFA):
        raise TypeError(f"cfa must be a CFA, got {type(cfa).__name__}")


def _check_even(image: Tensor) -> None:
    if image.shape[-1] % 2 or image.shape[-2] % 2:
        raise ValueError(f"image must have an even height and width, got {tuple(image.shape[-2:])}")
