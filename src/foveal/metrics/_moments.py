# SPDX-License-Identifier: Apache-2.0
"""Means, variances and covariances of two images in a Gaussian window around every pixel."""

import math
from typing import Any, NamedTuple

import torch
from torch import Tensor

from foveal._border import pad
from foveal._check import check_option, check_same_shape
from foveal.filters._correlate import PADDINGS, check_images

_SIZES = ("D", "H", "W")


class Moments(NamedTuple):
    """What the windows of two images hold, maps of one shape."""

    mean1: Tensor
    mean2: Tensor
    variances: Tensor
    """The variance of the first image plus that of the second."""
    covariance: Tensor


def check_pair(img1: Any, img2: Any, axes: int) -> None:
    """Raise unless these are real images of one shape (B, C, *sizes) with so many axes."""
    check_images(img1, "img1", "B", "C", *_SIZES[-axes:])
    check_images(img2, "img2", "B", "C", *_SIZES[-axes:])
    check_same_shape(img2, "img2", img1)


def check_windows(img1: Tensor, window_size: Any, padding: Any) -> None:
    """Raise unless a window of so many taps can be laid around pixels under the rule of `padding`."""
    if not isinstance(window_size, int) or isinstance(window_size, bool):
        raise TypeError(f"window_size must be an integer, got {type(window_size).__name__}")
    if window_size < 1 or window_size % 2 == 0:
        raise ValueError(f"window_size must be positive and odd, got {window_size}")
    check_option(padding, "padding", PADDINGS)
    if padding == "valid" and any(size < window_size for size in img1.shape[2:]):
        raise ValueError(f"img1 must be at least as large as the window of {window_size}, got {tuple(img1.shape)}")


def blur(images: Tensor, window_size: int, sigma: float, border: str = "reflect", padding: str = "same") -> Tensor:
    """Blur images (B, C, *sizes) by a Gaussian along every axis."""
    if padding == "same" and images.numel() == 0:
        return images
    weights = [math.exp(-((place - window_size // 2) ** 2) / (2 * sigma**2)) for place in range(window_size)]
    # Numbers and shifts: to read taps off a tensor would break a trace, and PyTorch's grouped convolutions are slower.
    taps = [weight / sum(weights) for weight in weights]
    for axis in range(2, images.ndim):
        if padding == "same":
            margins = [0] * (2 * (images.ndim - axis - 1)) + [window_size // 2] * 2
            images = pad(images, tuple(margins), border)
        count = images.shape[axis] - window_size + 1
        result = taps[0] * images.narrow(axis, 0, count)
        for shift, tap in enumerate(taps[1:], start=1):
            result = torch.add(result, images.narrow(axis, shift, count), alpha=tap)
        images = result
    return images


def window_moments(img1: Tensor, img2: Tensor, window_size: int, sigma: float, padding: str) -> Moments:
    """Return the moments of images (B, C, *sizes); `padding` is "same" (reflected), "valid" or "zero" (zeros outside).

    A variance is the mean square less the square of the mean, which cancel if the mean is large. It does not depend on
    an offset, and neither do its derivatives, so that one is subtracted as a constant.
    """
    if padding == "zero":
        margins = (window_size // 2,) * (2 * (img1.ndim - 2))
        img1, img2 = (pad(image, margins, "constant") for image in (img1, img2))
        padding = "valid"
    offset1, offset2 = (_offset(image.detach()) for image in (img1, img2))
    first, second = img1 - offset1, img2 - offset2
    maps = torch.cat([first, second, first * first + second * second, first * second], dim=1)
    mean1, mean2, squares, products = blur(maps, window_size, sigma, padding=padding).chunk(4, dim=1)
    return Moments(mean1 + offset1, mean2 + offset2, squares - mean1 * mean1 - mean2 * mean2, products - mean1 * mean2)


def _offset(images: Tensor) -> Tensor:
    # Any number near the mean will do, where a pixel is no number.
    return images.mean(dim=tuple(range(2, images.ndim)), keepdim=True).nan_to_num(0, 0, 0)
