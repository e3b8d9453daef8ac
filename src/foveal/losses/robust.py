# SPDX-License-Identifier: Apache-2.0
"""Robust losses of pixelwise differences: members of Barron's general loss at scale 1."""

import torch
from jaxtyping import Float
from torch import Tensor

from foveal._check import check_floating, check_same_shape
from foveal._dtype import narrow, widen
from foveal._module import module
from foveal._op import op
from foveal.losses._reduction import check_reduction, reduced

Loss = Float[Tensor, "*shape"] | Float[Tensor, ""]


@op
def charbonnier_loss(img1: Float[Tensor, "*shape"], img2: Float[Tensor, "*shape"], reduction: str = "none") -> Loss:
    """Return the Charbonnier loss sqrt((img1 - img2)^2 + 1) - 1.

    Args:
        img1: an image of any shape.
        img2: an image of the same shape.
        reduction: `"none"` for one number per element, `"mean"` (0 of an empty batch) or `"sum"` over all of them.

    Returns:
        The loss, of the shape of the images or a scalar; half precision is computed in float32.

    Raises:
        TypeError: an image is not of a floating-point dtype.
        ValueError: the images have different shapes or devices, or `reduction` is unknown.

    Convention: alpha = 1, also called pseudo-Huber in Barron's family, at scale 1 in the units of the images.

    >>> charbonnier_loss(torch.tensor([1.0, 2.0]), torch.tensor([2.0, 2.0]))
    tensor([0.4142, 0.0000])

    Source: Charbonnier et al. 1994, "Two deterministic half-quadratic regularization algorithms";
    Barron 2019, "A general and adaptive robust loss function".
    """
    difference, dtype = _difference(img1, img2, reduction)
    # Not as a difference, which would cancel, and no square, which would overflow.
    loss = difference * (difference / (1 + torch.hypot(difference, torch.ones_like(difference))))
    return narrow(reduced(loss, reduction), dtype)


@op
def cauchy_loss(img1: Float[Tensor, "*shape"], img2: Float[Tensor, "*shape"], reduction: str = "none") -> Loss:
    """Return the Cauchy loss log((img1 - img2)^2 / 2 + 1).

    Args:
        img1: an image of any shape.
        img2: an image of the same shape.
        reduction: `"none"` for one number per element, `"mean"` (0 of an empty batch) or `"sum"` over all of them.

    Returns:
        The loss, of the shape of the images or a scalar; half precision is computed in float32.

    Raises:
        TypeError: an image is not of a floating-point dtype.
        ValueError: the images have different shapes or devices, or `reduction` is unknown.

    Convention: alpha = 0, also called Lorentzian in Barron's family, at scale 1 in the units of the images.

    >>> cauchy_loss(torch.tensor([1.0, 2.0]), torch.tensor([2.0, 2.0]))
    tensor([0.4055, 0.0000])

    Source: Black and Anandan 1996, "The robust estimation of multiple motions";
    Barron 2019, "A general and adaptive robust loss function".
    """
    difference, dtype = _difference(img1, img2, reduction)
    loss = torch.log1p(difference.square() / 2)
    return narrow(reduced(loss, reduction), dtype)


@op
def geman_mcclure_loss(img1: Float[Tensor, "*shape"], img2: Float[Tensor, "*shape"], reduction: str = "none") -> Loss:
    """Return the Geman-McClure loss 2 (img1 - img2)^2 / ((img1 - img2)^2 + 4).

    Args:
        img1: an image of any shape.
        img2: an image of the same shape.
        reduction: `"none"` for one number per element, `"mean"` (0 of an empty batch) or `"sum"` over all of them.

    Returns:
        The loss, of the shape of the images or a scalar; half precision is computed in float32.

    Raises:
        TypeError: an image is not of a floating-point dtype.
        ValueError: the images have different shapes or devices, or `reduction` is unknown.

    Convention: alpha = -2 in Barron's family, at scale 1 in the units of the images.

    >>> geman_mcclure_loss(torch.tensor([1.0, 2.0]), torch.tensor([2.0, 2.0]))
    tensor([0.4000, 0.0000])

    Source: Geman and McClure 1985, "Bayesian image analysis";
    Barron 2019, "A general and adaptive robust loss function".
    """
    difference, dtype = _difference(img1, img2, reduction)
    # The square of a quotient: a square by itself would overflow.
    loss = 2 * (difference / torch.hypot(difference, torch.full_like(difference, 2))).square()
    return narrow(reduced(loss, reduction), dtype)


@op
def welsch_loss(img1: Float[Tensor, "*shape"], img2: Float[Tensor, "*shape"], reduction: str = "none") -> Loss:
    """Return the Welsch loss 1 - exp(-(img1 - img2)^2 / 2).

    Args:
        img1: an image of any shape.
        img2: an image of the same shape.
        reduction: `"none"` for one number per element, `"mean"` (0 of an empty batch) or `"sum"` over all of them.

    Returns:
        The loss, of the shape of the images or a scalar; half precision is computed in float32.

    Raises:
        TypeError: an image is not of a floating-point dtype.
        ValueError: the images have different shapes or devices, or `reduction` is unknown.

    Convention: alpha = -infinity, also called Leclerc in Barron's family, at scale 1 in the units of the images.

    >>> welsch_loss(torch.tensor([1.0, 2.0]), torch.tensor([2.0, 2.0]))
    tensor([0.3935, 0.0000])

    Source: Dennis and Welsch 1978, "Techniques for nonlinear least squares and robust regression";
    Barron 2019, "A general and adaptive robust loss function".
    """
    difference, dtype = _difference(img1, img2, reduction)
    loss = -torch.expm1(-difference.square() / 2)
    return narrow(reduced(loss, reduction), dtype)


class CharbonnierLoss(module(charbonnier_loss)): ...


class CauchyLoss(module(cauchy_loss)): ...


class GemanMcclureLoss(module(geman_mcclure_loss)): ...


class WelschLoss(module(welsch_loss)): ...


def _difference(img1: Tensor, img2: Tensor, reduction: str) -> tuple[Tensor, torch.dtype]:
    """Check the arguments and return the difference, in float32 at least, and the dtype of the loss."""
    check_floating(img1, "img1")
    check_floating(img2, "img2")
    check_same_shape(img2, "img2", img1)
    check_reduction(reduction)
    first, second, dtype = widen(img1, img2)
    return first - second, dtype
