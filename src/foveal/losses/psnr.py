# SPDX-License-Identifier: Apache-2.0
"""Peak signal-to-noise ratio as a loss."""

import torch
from jaxtyping import Float, Real
from torch import Tensor

from foveal._check import check_device, check_real, check_scalar, check_shape
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
    check_shape(target, "target", *image.shape)
    check_device(target, "target", image, "image")
    check_scalar(max_val, "max_val", positive=True)
    dtype = torch.promote_types(image.dtype, target.dtype)
    dtype = dtype if dtype.is_floating_point else torch.float32
    wide = torch.promote_types(dtype, torch.float32)
    error = ((image.to(wide) - target.to(wide)) / max_val).square()
    if error.numel() == 0:
        return (error.sum() + of_none).to(dtype)
    error = error.mean()
    equal = error == 0
    return torch.where(equal, -torch.inf, 10 * torch.where(equal, 1, error).log10()).to(dtype)
