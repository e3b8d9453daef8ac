# SPDX-License-Identifier: Apache-2.0
"""The transfer function of sRGB: light from stored values, and back."""

import torch
from torch import Tensor

from foveal._check import check_pixels
from foveal._module import module
from foveal._op import op
from foveal._pixels import Pixels
from foveal.color._bytes import decode, encode


@op
def rgb_to_linear_rgb(image: Pixels[Tensor, "*batch 3 height width"]) -> Pixels[Tensor, "*batch 3 height width"]:
    """Convert sRGB to linear RGB: undo the gamma, so that values are proportional to light.

    Args:
        image: sRGB in [0, 1], (*, 3, H, W), or uint8. Values above 1 follow the curve, negative ones its linear part.

    Returns:
        Linear RGB, (*, 3, H, W), in the dtype of `image`.

    Raises:
        TypeError: `image` is neither of a floating-point dtype nor uint8.
        ValueError: `image` has not the shape (*, 3, H, W).

    >>> rgb_to_linear_rgb(torch.tensor([1.0, 0.5, 0.0]).view(3, 1, 1)).flatten()
    tensor([1.0000, 0.2140, 0.0000])

    Source: IEC 61966-2-1:1999, section 5.2.
    """
    check_pixels(image, "image", 3)
    return encode(to_linear(decode(image)), image)


@op
def linear_rgb_to_rgb(image: Pixels[Tensor, "*batch 3 height width"]) -> Pixels[Tensor, "*batch 3 height width"]:
    """Convert linear RGB to sRGB: apply the gamma.

    Args:
        image: linear RGB in [0, 1], (*, 3, H, W), or uint8. Values above 1 follow the curve, negative ones its linear
            part.

    Returns:
        sRGB, (*, 3, H, W), in the dtype of `image`.

    Raises:
        TypeError: `image` is neither of a floating-point dtype nor uint8.
        ValueError: `image` has not the shape (*, 3, H, W).

    >>> linear_rgb_to_rgb(torch.tensor([1.0, 0.214, 0.0]).view(3, 1, 1)).flatten()
    tensor([1.0000, 0.5000, 0.0000])

    Source: IEC 61966-2-1:1999, section 5.2.
    """
    check_pixels(image, "image", 3)
    return encode(from_linear(decode(image)), image)


class RgbToLinearRgb(module(rgb_to_linear_rgb)): ...


class LinearRgbToRgb(module(linear_rgb_to_rgb)): ...


def to_linear(value: Tensor) -> Tensor:
    """Return ((value + 0.055) / 1.055)^2.4, or value / 12.92 up to 0.04045."""
    # The clamp keeps the power, and its gradient, away from the values that are not its own.
    curve = ((value.clamp(min=0.04045) + 0.055) / 1.055) ** 2.4
    return torch.where(value > 0.04045, curve, value / 12.92)


def from_linear(light: Tensor) -> Tensor:
    """Return 1.055 light^(1 / 2.4) - 0.055, or 12.92 light up to 0.0031308."""
    curve = 1.055 * light.clamp(min=0.0031308) ** (1 / 2.4) - 0.055
    return torch.where(light > 0.0031308, curve, 12.92 * light)
