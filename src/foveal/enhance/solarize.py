# SPDX-License-Identifier: Apache-2.0
"""Solarization: the negative of bright pixels."""

from typing import Any

import torch
from torch import Tensor

from foveal._op import op
from foveal._pixels import Pixels
from foveal.color._bytes import decode, encode
from foveal.enhance._factor import aligned, check_factor, check_image, clipped


@op
def solarize(
    input: Pixels[Tensor, "*batch height width"],
    thresholds: Tensor | float = 0.5,
    additions: Tensor | float | None = None,
) -> Pixels[Tensor, "*batch height width"]:
    """Add an amount to every pixel, clip to [0, 1], then subtract from 1 the pixels at or above a threshold.

    Args:
        input: pixels in [0, 1], (*, H, W), or uint8.
        thresholds: in units of [0, 1]; a number, or a tensor along the leading dimensions such as (B,).
        additions: what is added, in [-0.5, 0.5], given as `thresholds` is, tensors unread; `None` adds nothing, and
            clips nothing.

    Returns:
        The image in the dtype of `input`.

    Raises:
        TypeError: `input` is neither of a floating-point dtype nor uint8; another argument is no number or tensor.
        ValueError: a tensor does not run along the leading dimensions of `input`, or `additions` is a number outside
            [-0.5, 0.5].

    >>> solarize(torch.tensor([[0.1, 0.4, 0.6, 0.9]]), 0.5, 0.2)
    tensor([[0.3000, 0.4000, 0.2000, 0.0000]])

    Source: Cubuk et al. 2019, "AutoAugment".
    """
    check_image(input, "input")
    check_factor(thresholds, "thresholds", input)
    check_additions(additions, input)
    pixels = decode(input)
    if additions is not None:
        pixels = clipped(pixels + aligned(additions, pixels))
    return encode(torch.where(pixels < aligned(thresholds, pixels), pixels, 1 - pixels), input)


def check_additions(additions: Any, input: Tensor) -> None:
    """Raise unless this can be added to an image."""
    if additions is None:
        return
    check_factor(additions, "additions", input)
    if not isinstance(additions, Tensor) and not -0.5 <= additions <= 0.5:
        raise ValueError(f"additions must be in [-0.5, 0.5], got {additions}")
