# SPDX-License-Identifier: Apache-2.0
"""Logarithmic correction."""

import math

import torch
from torch import Tensor

from foveal._module import module
from foveal._op import op
from foveal._pixels import Pixels
from foveal.color._bytes import decode, encode
from foveal.enhance._factor import aligned, check_factor, check_image, clipped


@op
def adjust_log(
    image: Pixels[Tensor, "*batch height width"],
    gain: Tensor | float = 1,
    inv: bool = False,
    clip_output: bool = True,
) -> Pixels[Tensor, "*batch height width"]:
    """Take the logarithm of every pixel: gain * log2(1 + pixel), or of the inverse gain * (2^pixel - 1).

    Args:
        image: pixels in [0, 1], (*, H, W), or uint8.
        gain: multiplier; a number, or a tensor along the leading dimensions such as (B,).
        inv: take the exponential instead.
        clip_output: clip the result to [0, 1].

    Returns:
        The image in the dtype of `image`.

    Raises:
        TypeError: `image` is neither of a floating-point dtype nor uint8, or `gain` is no number or tensor.
        ValueError: `image` has less than two dimensions, or `gain` does not run along its leading ones.

    >>> adjust_log(torch.tensor([[0.0, 0.5, 1.0]]))
    tensor([[0.0000, 0.5850, 1.0000]])

    Source: Gonzalez and Woods, "Digital image processing", section 3.2.
    """
    check_image(image, "image")
    check_factor(gain, "gain", image)
    pixels = decode(image)
    curve = torch.expm1(pixels * math.log(2)) if inv else torch.log1p(pixels) / math.log(2)
    return encode(clipped(curve * aligned(gain, pixels), clip_output), image)


class AdjustLog(module(adjust_log)): ...
