# SPDX-License-Identifier: Apache-2.0
"""Hue in sixths of a turn, which HSV and HLS share: red is 0, yellow 1, green 2, cyan 3, blue 4, magenta 5."""

import torch
from torch import Tensor


def hue_of(image: Tensor, maximum: Tensor, chroma: Tensor, eps: float = 0.0) -> Tensor:
    """Return the hue in [0, 6) of RGB; of grey it is 0, with gradient 0.

    Args:
        image: RGB, (*, 3, H, W).
        maximum: largest channel, (*, H, W).
        chroma: largest less smallest channel, (*, H, W).
        eps: added to the chroma where it divides.
    """
    red, green, blue = image.unbind(-3)
    grey = chroma == 0
    scale = torch.where(grey, 1, chroma + eps)
    from_green_or_blue = torch.where(maximum == green, 2 + (blue - red) / scale, 4 + (red - green) / scale)
    hue = torch.where(maximum == red, (green - blue) / scale, from_green_or_blue)
    hue = torch.where(hue < 0, hue + 6, hue)
    # A hue just below 0 rounds to 6, which is 0 again.
    return torch.where(grey | (hue >= 6), 0, hue)


def pure_colour(hue: Tensor) -> Tensor:
    """Return the RGB (*, 3, H, W) of full saturation and value at hues (*, H, W) in sixths of a turn, any turn."""
    hue = hue - 6 * (hue / 6).floor()
    ramps = ((hue - 3).abs() - 1, 2 - (hue - 2).abs(), 2 - (hue - 4).abs())
    return torch.stack(ramps, dim=-3).clamp(0, 1)
