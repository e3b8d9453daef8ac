# SPDX-License-Identifier: Apache-2.0
"""Structural similarity over several scales, mixed with the absolute difference."""

from collections.abc import Sequence

import torch
from jaxtyping import Float, Real
from torch import Tensor

from foveal._check import check_device, check_scalar, check_shape
from foveal._dtype import widen
from foveal._module import module
from foveal._op import op
from foveal.filters._correlate import check_images
from foveal.losses._reduction import check_reduction, reduced
from foveal.metrics._moments import blur, window_moments

SIGMAS = (0.5, 1.0, 2.0, 4.0, 8.0)


@op
def ms_ssim_loss(
    img1: Real[Tensor, "batch1 channels height width"],
    img2: Real[Tensor, "batch2 channels height width"],
    sigmas: Sequence[float] = SIGMAS,
    data_range: float = 1.0,
    K: tuple[float, float] = (0.01, 0.03),
    alpha: float = 0.025,
    compensation: float = 200.0,
    reduction: str = "mean",
) -> Float[Tensor, "batch height width"] | Float[Tensor, ""]:
    """Return compensation * (alpha * (1 - MS-SSIM) + (1 - alpha) * blurred absolute difference / data_range).

    The MS-SSIM of a channel is its luminance term at the last scale times its contrast and structure at every scale;
    channels are averaged. The scales are Gaussians at full resolution, not a pyramid.

    Args:
        img1: images, (B, C, H, W); integers and half precision are computed in float32.
        img2: images of the same shape; a batch of one goes with every image of the other.
        sigmas: standard deviations of the windows in pixels, the coarsest last: it sets the size of all windows,
            2 * int(2 * sigma) + 1 taps, and blurs the absolute difference.
        data_range: the range of the pixels, as 1 for images in [0, 1].
        K: constants of the luminance and of the contrast term, relative to `data_range`.
        alpha: weight of the MS-SSIM.
        compensation: factor of the loss.
        reduction: "none" for a map, "mean" (0 of an empty batch) or "sum" over it.

    Returns:
        A scalar, or the map (B, H, W).

    Raises:
        TypeError: an image is no tensor of real numbers, or an option that must be one is no number.
        ValueError: shapes or devices differ, `sigmas` is empty, a number that must be positive is not, or `reduction`
            is unknown.

    Convention: the images are zero outside.

    >>> ms_ssim_loss(torch.zeros(1, 3, 64, 64), torch.zeros(1, 3, 64, 64))
    tensor(0.)

    Source: Zhao et al. 2017, "Loss functions for image restoration with neural networks", section III.
    """
    _check(img1, img2, sigmas, data_range, K, alpha, compensation, reduction)
    first, second, dtype = widen(img1, img2)
    first, second = torch.broadcast_tensors(first, second)
    window_size = 2 * int(2 * sigmas[-1]) + 1
    floors = [(factor * data_range) ** 2 for factor in K]
    likeness = torch.ones_like(first)
    for number, sigma in enumerate(sigmas):
        mean1, mean2, variances, covariance = window_moments(first, second, window_size, sigma, "zero")
        likeness = likeness * (2 * covariance + floors[1]) / (variances + floors[1])
        if number == len(sigmas) - 1:
            likeness = likeness * (2 * mean1 * mean2 + floors[0]) / (mean1 * mean1 + mean2 * mean2 + floors[0])
    difference = blur((first - second).abs(), window_size, sigmas[-1], "constant") / data_range
    loss = compensation * (alpha * (1 - likeness) + (1 - alpha) * difference).mean(dim=1)
    return reduced(loss, reduction).to(dtype)


class MS_SSIMLoss(module(ms_ssim_loss)): ...  # noqa: N801


def _check(
    img1: Tensor,
    img2: Tensor,
    sigmas: Sequence[float],
    data_range: float,
    K: tuple[float, float],
    alpha: float,
    compensation: float,
    reduction: str,
) -> None:
    check_images(img1, "img1")
    check_images(img2, "img2")
    check_shape(img2, "img2", "B", *img1.shape[1:])
    if img1.shape[0] != img2.shape[0] and 1 not in (img1.shape[0], img2.shape[0]):
        raise ValueError(f"img2 must be {img1.shape[0]} images or one, as img1, got {img2.shape[0]}")
    check_device(img2, "img2", img1)
    if not isinstance(sigmas, tuple | list):
        raise TypeError(f"sigmas must be a sequence of numbers, got {type(sigmas).__name__}")
    if not sigmas:
        raise ValueError("sigmas must hold at least one number, got none")
    if not isinstance(K, tuple | list) or len(K) != 2:
        raise ValueError(f"K must be two numbers, got {K!r}")
    for name, values in (("sigmas", sigmas), ("data_range", (data_range,)), ("K", K)):
        for value in values:
            check_scalar(value, name, positive=True)
    check_scalar(alpha, "alpha")
    check_scalar(compensation, "compensation")
    check_reduction(reduction)
