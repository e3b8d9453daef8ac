# SPDX-License-Identifier: Apache-2.0
"""Peak signal-to-noise ratio as a loss."""

import torch
from jaxtyping import Float, Real
from torch import Tensor
from torch.nn.functional import mse_loss

from foveal._check import check_real, check_same_shape, check_scalar
from foveal._dtype import narrow, widen
from foveal._module import module
from foveal._op import op


@op
def psnr_loss(image: Real[Tensor, "*shape"], target: Real[Tensor, "*shape"], max_val: float) -> Float[Tensor, ""]:
    """Return the negative peak signal-to-noise ratio in decibels: 10 log10(mean squared error / max_val^2).

    Args:
        image: an image of any shape; integers are taken as float32.
        target: an image of the same shape.
        max_val: the largest possible difference, as 1 for images in [0, 1].

    Returns:
        A scalar over all images; -inf, without a gradient, for equal ones, 0 of an empty batch.

    Raises:
        TypeError: an image is no tensor of real numbers, or `max_val` is no number.
        ValueError: the images have different shapes or devices, or `max_val` is not positive.

    >>> psnr_loss(torch.tensor([1.0]), torch.tensor([1.2]), 2.0)
    tensor(-20.0000)

    Source: ITU-T J.340, "Reference algorithm for computing peak signal to noise ratio".
    """
    return decibels(image, target, max_val, 0.0)


class PSNRLoss(module(psnr_loss)): ...


def decibels(image: Tensor, target: Tensor, max_val: float, of_none: float) -> Tensor:
    """Return the negative ratio; `of_none` is that of no pixel."""
    check_real(image, "image")
    check_real(target, "target")
    check_same_shape(target, "target", image)
    check_scalar(max_val, "max_val", positive=True)
    first, second, dtype = widen(image, target)
    if first.numel() == 0:
        return narrow((first - second).sum() + of_none, dtype)
    error = mse_loss(first, second) / max_val / max_val
    equal = error == 0
    return narrow(torch.where(equal, -torch.inf, 10 * torch.where(equal, 1, error).log10()), dtype)
