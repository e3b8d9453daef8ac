# SPDX-License-Identifier: Apache-2.0
"""Hue, saturation and value."""

import torch
from torch import Tensor

from foveal._check import check_pixels
from foveal._module import module
from foveal._op import op
from foveal._pixels import Pixels
from foveal.color._bytes import HSV, decode, encode
from foveal.color._hue import hue_of, pure_colour


@op
def rgb_to_hsv(
    image: Pixels[Tensor, "*batch 3 height width"], eps: float = 1e-8
) -> Pixels[Tensor, "*batch 3 height width"]:
    """Convert RGB to HSV: hue, saturation = chroma / (value + eps), and value = largest channel.

    Args:
        image: RGB in [0, 1], (*, 3, H, W), or uint8.
        eps: added to the value where it divides.

    Returns:
        Hue in radians [0, 2 pi), saturation and value in [0, 1], (*, 3, H, W), in the dtype of `image`. Grey has hue
        and saturation 0, with gradient 0. Where channels are equal, they share the gradient of their maximum or
        minimum. Bytes are OpenCV's: hue in units of 2 degrees, [0, 180); saturation and value in [0, 255].

    Raises:
        TypeError: `image` is neither of a floating-point dtype nor uint8.
        ValueError: `image` has not the shape (*, 3, H, W).

    >>> rgb_to_hsv(torch.tensor([0.0, 0.5, 0.25]).view(3, 1, 1)).flatten()
    tensor([2.6180, 1.0000, 0.5000])

    Source: Smith 1978, "Color gamut transform pairs".
    """
    check_pixels(image, "image", 3)
    rgb = decode(image)
    value = rgb.amax(dim=-3)
    chroma = value - rgb.amin(dim=-3)
    grey = chroma == 0
    saturation = torch.where(grey, 0, chroma / torch.where(grey, 1, value + eps))
    hue = hue_of(rgb, value, chroma) * (torch.pi / 3)
    return encode(torch.stack([hue, saturation, value], dim=-3), image, HSV)


@op
def hsv_to_rgb(image: Pixels[Tensor, "*batch 3 height width"]) -> Pixels[Tensor, "*batch 3 height width"]:
    """Convert HSV to RGB: value * (1 - saturation * (1 - pure colour of the hue)).

    Args:
        image: hue in radians, of any turn, saturation and value in [0, 1], (*, 3, H, W); or uint8, with hue in units of
            2 degrees, [0, 180), saturation and value in [0, 255].

    Returns:
        RGB in [0, 1], (*, 3, H, W), in the dtype of `image`.

    Raises:
        TypeError: `image` is neither of a floating-point dtype nor uint8.
        ValueError: `image` has not the shape (*, 3, H, W).

    >>> hsv_to_rgb(torch.tensor([2.6180, 1.0, 0.5]).view(3, 1, 1)).flatten()
    tensor([0.0000, 0.5000, 0.2500])

    Source: Smith 1978, "Color gamut transform pairs".
    """
    check_pixels(image, "image", 3)
    hue, saturation, value = decode(image, HSV).unbind(-3)
    colour = pure_colour(hue * (3 / torch.pi))
    return encode(value.unsqueeze(-3) * (1 - saturation.unsqueeze(-3) * (1 - colour)), image)


class RgbToHsv(module(rgb_to_hsv)): ...


class HsvToRgb(module(hsv_to_rgb)): ...
