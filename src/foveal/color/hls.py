# SPDX-License-Identifier: Apache-2.0
"""Hue, lightness and saturation."""

import torch
from torch import Tensor

from foveal._check import check_pixels
from foveal._module import module
from foveal._op import op
from foveal._pixels import Pixels
from foveal.color._bytes import HLS, decode, encode
from foveal.color._hue import hue_of, pure_colour


@op
def rgb_to_hls(
    image: Pixels[Tensor, "*batch 3 height width"], eps: float = 1e-8
) -> Pixels[Tensor, "*batch 3 height width"]:
    """Convert RGB to HLS: hue, lightness = mean of the extreme channels, saturation = chroma / largest one there.

    Args:
        image: RGB in [0, 1], (*, 3, H, W), or uint8.
        eps: added to the chroma and to the largest chroma of that lightness where they divide.

    Returns:
        Hue in radians [0, 2 pi), lightness and saturation in [0, 1], (*, 3, H, W), in the dtype of `image`. Grey has
        hue and saturation 0, with gradient 0. Where channels are equal, they share the gradient of their maximum or
        minimum. Bytes are OpenCV's: hue in units of 2 degrees, [0, 180); lightness and saturation in [0, 255].

    Raises:
        TypeError: `image` is neither of a floating-point dtype nor uint8.
        ValueError: `image` has not the shape (*, 3, H, W).

    >>> rgb_to_hls(torch.tensor([0.0, 0.5, 0.25]).view(3, 1, 1)).flatten()
    tensor([2.6180, 0.2500, 1.0000])

    Source: Joblove and Greenberg 1978, "Color spaces for computer graphics".
    """
    check_pixels(image, "image", 3)
    rgb = decode(image)
    maximum, minimum = rgb.amax(dim=-3), rgb.amin(dim=-3)
    total, chroma = maximum + minimum, maximum - minimum
    grey = chroma == 0
    largest_chroma = torch.where(total < 1, total, 2 - total) + eps
    saturation = torch.where(grey, 0, chroma / torch.where(grey, 1, largest_chroma))
    hue = hue_of(rgb, maximum, chroma, eps) * (torch.pi / 3)
    return encode(torch.stack([hue, total / 2, saturation], dim=-3), image, HLS)


@op
def hls_to_rgb(image: Pixels[Tensor, "*batch 3 height width"]) -> Pixels[Tensor, "*batch 3 height width"]:
    """Convert HLS to RGB: lightness + saturation * min(lightness, 1 - lightness) * (2 * pure colour of the hue - 1).

    Args:
        image: hue in radians, of any turn, lightness and saturation in [0, 1], (*, 3, H, W); or uint8, with hue in
            units of 2 degrees, [0, 180), lightness and saturation in [0, 255].

    Returns:
        RGB in [0, 1], (*, 3, H, W), in the dtype of `image`.

    Raises:
        TypeError: `image` is neither of a floating-point dtype nor uint8.
        ValueError: `image` has not the shape (*, 3, H, W).

    >>> hls_to_rgb(torch.tensor([2.6180, 0.25, 1.0]).view(3, 1, 1)).flatten()
    tensor([0.0000, 0.5000, 0.2500])

    Source: Joblove and Greenberg 1978, "Color spaces for computer graphics".
    """
    check_pixels(image, "image", 3)
    hue, lightness, saturation = decode(image, HLS).unbind(-3)
    amplitude = saturation * torch.minimum(lightness, 1 - lightness)
    colour = pure_colour(hue * (3 / torch.pi))
    return encode(lightness.unsqueeze(-3) + amplitude.unsqueeze(-3) * (2 * colour - 1), image)


class RgbToHls(module(rgb_to_hls, inputs=("image", "eps"))): ...


class HlsToRgb(module(hls_to_rgb)): ...
