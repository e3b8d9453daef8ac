# SPDX-License-Identifier: Apache-2.0
"""Smoothness of inverse depth, but for the edges of an image."""

import torch
from jaxtyping import Float
from torch import Tensor

from foveal._check import check_device, check_floating, check_shape
from foveal._dtype import widen
from foveal._module import module
from foveal._op import op


@op
def inverse_depth_smoothness_loss(
    idepth: Float[Tensor, "batch depths height width"], image: Float[Tensor, "batch channels height width"]
) -> Float[Tensor, ""]:
    """Return the mean gradient of inverse depth, weighed down where the image has a gradient, too.

    Args:
        idepth: inverse depth, (B, 1, H, W).
        image: its image in [0, 1], (B, 3, H, W).

    Returns:
        mean |d/dx idepth| exp(-|d/dx image|) + the same along y, a scalar. Differences are of neighbours, and those
        of the image are means over its channels; along an axis of one pixel there are none, and the mean is 0.

    Raises:
        TypeError: an argument is not of a floating-point dtype.
        ValueError: an argument has not four dimensions, or batch, height, width or device differ.

    >>> inverse_depth_smoothness_loss(torch.eye(2).view(1, 1, 2, 2), torch.zeros(1, 3, 2, 2))
    tensor(2.)

    Source: Godard, Mac Aodha and Brostow 2017, "Unsupervised monocular depth estimation with left-right consistency".
    """
    check_floating(idepth, "idepth")
    check_floating(image, "image")
    check_shape(idepth, "idepth", "B", "D", "H", "W")
    check_shape(image, "image", idepth.shape[0], "C", *idepth.shape[2:])
    check_device(image, "image", idepth)
    depths, pixels, dtype = widen(idepth, image)
    total = torch.zeros((), dtype=depths.dtype, device=idepth.device)
    for axis in (-1, -2):
        weight = torch.exp(-pixels.diff(dim=axis).abs().mean(dim=1, keepdim=True))
        steps = depths.diff(dim=axis).abs() * weight
        total = total + steps.sum() / max(steps.numel(), 1)
    return total.to(dtype)


class InverseDepthSmoothnessLoss(module(inverse_depth_smoothness_loss)): ...
