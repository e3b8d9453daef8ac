# SPDX-License-Identifier: Apache-2.0
"""Gamma correction."""

import torch
from torch import Tensor

from foveal._check import check_not_negative
from foveal._module import module
from foveal._op import op
from foveal._pixels import Pixels
from foveal.color._bytes import decode, encode
from foveal.enhance._factor import aligned, check_factor, check_image, clipped


@op
def adjust_gamma(
    input: Pixels[Tensor, "*batch height width"], gamma: Tensor | float, gain: Tensor | float = 1.0
) -> Pixels[Tensor, "*batch height width"]:
    """Raise every pixel to a power: gain * pixel^gamma.

    Args:
        input: pixels in [0, 1], (*, H, W), or uint8; negative ones count as 0.
        gamma: exponent of at least 0, more than 1 darkens; a number, or a tensor along the leading dimensions such as
            (B,), which is not read.
        gain: multiplier of at least 0, given as `gamma` is.

    Returns:
        The image, clipped to [0, 1], in the dtype of `input`. The gradient to pixels that are not positive is 0.

    Raises:
        TypeError: `input` is neither of a floating-point dtype nor uint8; `gamma` or `gain` is no number or tensor.
        ValueError: `input` has less than two dimensions; `gamma` or `gain` does not run along its leading ones, or is a
            negative number.

    >>> adjust_gamma(torch.tensor([[0.0, 0.25, 1.0]]), 0.5)
    tensor([[0.0000, 0.5000, 1.0000]])

    Source: Poynton, "Digital video and HDTV", chapter 23.
    """
    check_image(input, "input")
    for value, name in ((gamma, "gamma"), (gain, "gain")):
        check_factor(value, name, input)
        check_not_negative(value, name)
    pixels = decode(input)
    exponent = aligned(gamma, pixels)
    dark = pixels <= 0
    # 0^0 is 1, and the slope of a power below 1 is infinite at 0.
    of_dark = (exponent == 0).to(pixels) if isinstance(exponent, Tensor) else float(exponent == 0)
    curve = torch.where(dark, of_dark, torch.where(dark, 1, pixels) ** exponent)
    return encode(clipped(aligned(gain, pixels) * curve), input)


class AdjustGamma(module(adjust_gamma, inputs=("input",))): ...
