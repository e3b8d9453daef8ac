# SPDX-License-Identifier: Apache-2.0
"""Peak signal-to-noise ratio."""

import math

from jaxtyping import Float, Real
from torch import Tensor

from foveal._op import op
from foveal.losses.psnr import decibels


@op
def psnr(image: Real[Tensor, "*shape"], target: Real[Tensor, "*shape"], max_val: float) -> Float[Tensor, ""]:
    """Return the peak signal-to-noise ratio in decibels: 10 log10(max_val^2 / mean squared error).

    Args:
        image: an image of any shape; integers are taken as float32.
        target: an image of the same shape.
        max_val: the largest possible difference, as 1 for images in [0, 1].

    Returns:
        A scalar over all images; inf, without a gradient, for equal ones, NaN of no pixel.

    Raises:
        TypeError: an image is no tensor of real numbers, or `max_val` is no number.
        ValueError: the images have different shapes or devices, or `max_val` is not positive.

    >>> import torch
    >>> psnr(torch.tensor([1.0]), torch.tensor([1.2]), 2.0)
    tensor(20.0000)

    Source: ITU-T J.340, "Reference algorithm for computing peak signal to noise ratio".
    """
    return -decibels(image, target, max_val, math.nan)
