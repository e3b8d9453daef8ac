# SPDX-License-Identifier: Apache-2.0
"""Sigmoidal contrast."""

import torch
from torch import Tensor

from foveal._module import module
from foveal._op import op
from foveal._pixels import Pixels
from foveal.color._bytes import decode, encode
from foveal.enhance._factor import aligned, check_factor, check_image


@op
def adjust_sigmoid(
    image: Pixels[Tensor, "*batch height width"],
    cutoff: Tensor | float = 0.5,
    gain: Tensor | float = 10,
    inv: bool = False,
) -> Pixels[Tensor, "*batch height width"]:
    """Send every pixel through a sigmoid: 1 / (1 + exp(gain * (cutoff - pixel))).

    Args:
        image: pixels in [0, 1], (*, H, W), or uint8.
        cutoff: the pixel that becomes 1/2; a number, or a tensor along the leading dimensions such as (B,).
        gain: slope of the curve, four times that at the cutoff; given as `cutoff` is.
        inv: return 1 less the curve: a negative.

    Returns:
        The image in the dtype of `image`.

    Raises:
        TypeError: `image` is neither of a floating-point dtype nor uint8; `cutoff` or `gain` is no number or tensor.
        ValueError: `image` has less than two dimensions; `cutoff` or `gain` does not run along its leading ones.

    >>> adjust_sigmoid(torch.tensor([[0.0, 0.5, 1.0]]))
    tensor([[0.0067, 0.5000, 0.9933]])

    Source: Braun and Fairchild 1999, "Image lightness rescaling using sigmoidal contrast enhancement functions".
    """
    check_image(image, "image")
    check_factor(cutoff, "cutoff", image)
    check_factor(gain, "gain", image)
    pixels = decode(image)
    height = (pixels - aligned(cutoff, pixels)) * aligned(gain, pixels)
    return encode(torch.sigmoid(-height if inv else height), image)


class AdjustSigmoid(module(adjust_sigmoid)): ...
