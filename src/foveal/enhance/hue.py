# SPDX-License-Identifier: Apache-2.0
"""Hue: turned by an angle."""

import torch
from torch import Tensor

from foveal._check import check_pixels
from foveal._module import module
from foveal._op import op
from foveal._pixels import Pixels
from foveal.color._bytes import HSV, decode, encode
from foveal.color._hue import hue_of, pure_colour
from foveal.enhance._factor import aligned, check_factor

TURN = 2 * torch.pi


@op
def adjust_hue(
    image: Pixels[Tensor, "*batch 3 height width"], factor: Tensor | float
) -> Pixels[Tensor, "*batch 3 height width"]:
    """Turn the hue of RGB by an angle; saturation and value stay.

    Args:
        image: RGB in [0, 1], (*, 3, H, W), or uint8.
        factor: angle in radians, of any turn; a number, or a tensor along the leading dimensions such as (B,).

    Returns:
        RGB in the dtype of `image`. Grey stays.

    Raises:
        TypeError: `image` is neither of a floating-point dtype nor uint8, or `factor` is no number or tensor.
        ValueError: `image` has not the shape (*, 3, H, W), or `factor` does not run along its leading dimensions.

    >>> adjust_hue(torch.tensor([1.0, 0.0, 0.0]).view(3, 1, 1), 2 * torch.pi / 3).flatten().round(decimals=4)
    tensor([0., 1., 0.])

    Source: Smith 1978, "Color gamut transform pairs".
    """
    check_pixels(image, "image", 3)
    check_factor(factor, "factor", image, per_channel=False)
    rgb = decode(image)
    value = rgb.amax(dim=-3)
    chroma = value - rgb.amin(dim=-3)
    turn = aligned(factor, rgb)
    turn = turn.squeeze(-3) if isinstance(turn, Tensor) else turn
    colour = pure_colour(hue_of(rgb, value, chroma) + turn * (3 / torch.pi))
    return encode(value.unsqueeze(-3) - chroma.unsqueeze(-3) * (1 - colour), image)


@op
def adjust_hue_raw(
    image: Pixels[Tensor, "*batch 3 height width"], factor: Tensor | float
) -> Pixels[Tensor, "*batch 3 height width"]:
    """Turn the hue of HSV by an angle.

    Args:
        image: hue in radians, saturation and value, (*, 3, H, W), or uint8 with hue in units of 2 degrees.
        factor: angle in radians, of any turn; a number, or a tensor along the leading dimensions such as (B,).

    Returns:
        HSV in the dtype of `image`, with hue in [0, 2 pi).

    Raises:
        TypeError: `image` is neither of a floating-point dtype nor uint8, or `factor` is no number or tensor.
        ValueError: `image` has not the shape (*, 3, H, W), or `factor` does not run along its leading dimensions.

    >>> adjust_hue_raw(torch.tensor([6.0, 1.0, 0.5]).view(3, 1, 1), 1.0).flatten()
    tensor([0.7168, 1.0000, 0.5000])
    """
    check_pixels(image, "image", 3)
    check_factor(factor, "factor", image, per_channel=False)
    hue, others = decode(image, HSV).split((1, 2), dim=-3)
    hue = hue + aligned(factor, hue)
    hue = hue - (hue / TURN).floor() * TURN
    # A hue just below 0 rounds to a full turn.
    hue = hue - torch.where(hue >= TURN, TURN, 0.0)
    return encode(torch.cat([hue, others], dim=-3), image, HSV)


class AdjustHue(module(adjust_hue, inputs=("image",), names={"factor": "hue_factor"})): ...
