# SPDX-License-Identifier: Apache-2.0
"""Colormaps, and grey images drawn through them."""

from collections.abc import Sequence
from enum import Enum

import torch
from jaxtyping import Float, Num
from torch import Tensor
from torch.nn.functional import interpolate

from foveal._check import check_tensor
from foveal._module import module
from foveal._op import op
from foveal.color._colormap_formulas import base_colours


class ColorMapType(Enum):
    """The names of the built-in colormaps, which are matplotlib's."""

    autumn = 1
    bone = 2
    jet = 3
    winter = 4
    rainbow = 5
    ocean = 6
    summer = 7
    spring = 8
    cool = 9
    hsv = 10
    brg = 11
    pink = 12
    hot = 13
    plasma = 14
    viridis = 15
    cividis = 16
    twilight = 17
    turbo = 18
    seismic = 19

    def __repr__(self) -> str:
        return f"{type(self).__name__}.{self.name}"


class ColorMap:
    """An ordered list of colours.

    Args:
        base: a built-in colormap, by type or by name (in any case), or a list of RGB colours in [0, 1].
        num_colors: number of colours, to which those of `base` (64 for a built-in one) are interpolated linearly.
        device: device of the colours.
        dtype: dtype of the colours; `None` is the default dtype.

    Attributes:
        colors: the colours, (3, num_colors).
        name: name of the built-in colormap, or "CustomColorMapType".

    Raises:
        TypeError: `base` is none of the above.
        ValueError: no built-in colormap has that name, or `base` is not a list of at least one RGB colour.

    >>> ColorMap("winter", num_colors=4).colors
    tensor([[0.0000, 0.0000, 0.0000, 0.0000],
            [0.1190, 0.3730, 0.6270, 0.8810],
            [0.9405, 0.8135, 0.6865, 0.5595]])
    """

    def __init__(
        self,
        base: Sequence[Sequence[float]] | str | ColorMapType,
        num_colors: int = 64,
        device: torch.device | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        self.name, colours = _named_colours(base)
        table = torch.tensor(colours, dtype=torch.float64, device="cpu").T
        if table.shape[1] != num_colors:
            table = interpolate(table[None], size=num_colors, mode="linear", align_corners=False)[0]
        self.colors = table.contiguous().to(device=device or "cpu", dtype=dtype or torch.get_default_dtype())
        self._base, self._options = base, (num_colors, device, dtype)

    def __len__(self) -> int:
        return self.colors.shape[1]

    def __repr__(self) -> str:
        num_colors, device, dtype = self._options
        options = f", device={device!r}" * (device is not None) + f", dtype={dtype!r}" * (dtype is not None)
        return f"ColorMap({self._base!r}, num_colors={num_colors}{options})"


@op
def apply_colormap(
    input_tensor: Num[Tensor, "*batch channels height width"], colormap: ColorMap
) -> Float[Tensor, "batch channels*3 height width"]:
    """Replace each grey value by a colour: the first one for 0, the last one for the largest value, in steps between.

    Args:
        input_tensor: grey, (C, H, W) or (B, C, H, W): integers in [0, 255], or floats in [0, 1]; floats in [0, 255]
            where an image's channel has a value above 1. Values outside count as the nearest inside.
        colormap: the colours.

    Returns:
        RGB in [0, 1], (B, 3 C, H, W), with B = 1 for three dimensions, in the dtype of the colours; it has no gradient
        to `input_tensor`.

    Raises:
        TypeError: `input_tensor` is not a tensor, or `colormap` not a `ColorMap`.
        ValueError: `input_tensor` has neither three nor four dimensions.

    Convention: of n colours the first and the last stand for the extreme values alone, the n - 2 between them for n - 2
    equal intervals, closed above.

    >>> apply_colormap(torch.tensor([[[0.0, 0.25, 1.0]]]), ColorMap("winter"))[0, :, 0]
    tensor([[0.0000, 0.0000, 0.0000],
            [0.0000, 0.2540, 1.0000],
            [1.0000, 0.8730, 0.5000]])
    """
    check_tensor(input_tensor, "input_tensor")
    if input_tensor.ndim not in (3, 4):
        raise ValueError(f"input_tensor must have shape (C, H, W) or (B, C, H, W), got {tuple(input_tensor.shape)}")
    if not isinstance(colormap, ColorMap):
        raise TypeError(f"colormap must be a ColorMap, got {type(colormap).__name__}")
    grey = input_tensor if input_tensor.ndim == 4 else input_tensor[None]
    wide = grey.to(torch.promote_types(grey.dtype, torch.float32))
    largest = torch.where((grey > 1).flatten(-2).any(dim=-1), 255.0, 1.0)[..., None, None].to(wide.dtype)
    if not grey.is_floating_point():
        largest = torch.full_like(largest, 255.0)
    last = len(colormap) - 1
    between = (wide * (last - 1) / largest).ceil().clamp(min=1, max=max(last, 1))
    index = torch.where(wide <= 0, 0, torch.where(wide >= largest, last, between)).long().clamp(0, last)
    colours = colormap.colors.to(grey.device)[:, index]
    return colours.movedim(0, -3).flatten(-4, -3)


class ApplyColorMap(module(apply_colormap)): ...


def _named_colours(base: Sequence[Sequence[float]] | str | ColorMapType) -> tuple[str, Sequence[Sequence[float]]]:
    if isinstance(base, str):
        if base.lower() not in ColorMapType.__members__:
            raise ValueError(f"base must be one of {', '.join(ColorMapType.__members__)}, got {base!r}")
        base = ColorMapType[base.lower()]
    if isinstance(base, ColorMapType):
        return base.name, base_colours(base.name)
    if not isinstance(base, list | tuple):
        raise TypeError(f"base must be a ColorMapType, its name or a list of RGB colours, got {type(base).__name__}")
    if not base or any(len(colour) != 3 for colour in base):
        raise ValueError(f"base must be a list of at least one RGB colour, got {base!r}")
    return "CustomColorMapType", base
