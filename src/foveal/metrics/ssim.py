# SPDX-License-Identifier: Apache-2.0
"""Structural similarity of images and volumes."""

from jaxtyping import Float, Real
from torch import Tensor

from foveal._check import check_scalar
from foveal._dtype import result_dtype, widen
from foveal._module import module
from foveal._op import op
from foveal.metrics._moments import check_pair, check_windows, window_moments

SIGMA = 1.5
"""Standard deviation of the window in pixels, as in the paper."""


@op
def ssim(
    img1: Real[Tensor, "batch channels height width"],
    img2: Real[Tensor, "batch channels height width"],
    window_size: int,
    max_val: float = 1.0,
    eps: float = 1e-12,
    padding: str = "same",
) -> Float[Tensor, "batch channels rows columns"]:
    """Return the map of the structural similarity (SSIM) of two images.

    Args:
        img1: images, (B, C, H, W); integers and half precision are computed in float32.
        img2: images of the same shape.
        window_size: taps of the Gaussian window along each axis, odd; its standard deviation is 1.5 pixels.
        max_val: the range of the pixels, as 1 for images in [0, 1].
        eps: added to the denominator.
        padding: "same" reflects the images at their borders; "valid" leaves out windows that do not fit.

    Returns:
        The index of every window, in [-1, 1] up to rounding: (B, C, H, W), or (B, C, H - window_size + 1,
        W - window_size + 1) for "valid".

    Raises:
        TypeError: an image is no tensor of real numbers, `window_size` no integer, `max_val` or `eps` no number.
        ValueError: shapes or devices differ, a window is even or does not fit, `max_val` is not positive, `eps` is
            negative, or an option is unknown.

    >>> import torch
    >>> image = torch.rand(1, 3, 16, 16)
    >>> print(f"{ssim(image, image, 11).mean():.4f}, {ssim(image, 1 - image, 11, padding='valid').mean() < 0}")
    1.0000, True

    Source: Wang et al. 2004, "Image quality assessment: from error visibility to structural similarity", equation 13.
    """
    check_pair(img1, img2, axes=2)
    return similarity(img1, img2, window_size, max_val, eps, padding).to(result_dtype(img1, img2))


class SSIM(module(ssim)): ...


@op
def ssim3d(
    img1: Real[Tensor, "batch channels depth height width"],
    img2: Real[Tensor, "batch channels depth height width"],
    window_size: int,
    max_val: float = 1.0,
    eps: float = 1e-12,
    padding: str = "same",
) -> Float[Tensor, "batch channels planes rows columns"]:
    """Return the map of the structural similarity (SSIM) of two volumes.

    Args:
        img1: volumes, (B, C, D, H, W); integers and half precision are computed in float32.
        img2: volumes of the same shape.
        window_size: as in `ssim`, along all three axes.
        max_val: as in `ssim`.
        eps: as in `ssim`.
        padding: as in `ssim`.

    Returns:
        The index of every window: (B, C, D, H, W), each axis `window_size - 1` shorter for "valid".

    Raises:
        TypeError: as `ssim`.
        ValueError: as `ssim`.

    >>> import torch
    >>> volume = torch.rand(1, 1, 5, 6, 7)
    >>> print(f"{ssim3d(volume, volume, 3).mean():.4f}")
    1.0000

    Source: Wang et al. 2004, equation 13, by windows of voxels.
    """
    check_pair(img1, img2, axes=3)
    return similarity(img1, img2, window_size, max_val, eps, padding).to(result_dtype(img1, img2))


class SSIM3D(module(ssim3d)): ...


def similarity(
    img1: Tensor, img2: Tensor, window_size: int, max_val: float, eps: float, padding: str
) -> Float[Tensor, "batch channels *sizes"]:
    """Return the map of the SSIM in float32 at least, the options checked."""
    check_scalar(max_val, "max_val", positive=True)
    check_scalar(eps, "eps", least=0)
    check_windows(img1, window_size, padding)
    first, second, _ = widen(img1, img2)
    mean1, mean2, variances, covariance = window_moments(first, second, window_size, SIGMA, padding)
    luminance_floor, contrast_floor = (0.01 * max_val) ** 2, (0.03 * max_val) ** 2
    likeness = (2 * mean1 * mean2 + luminance_floor) * (2 * covariance + contrast_floor)
    energy = (mean1 * mean1 + mean2 * mean2 + luminance_floor) * (variances + contrast_floor)
    return likeness / (energy + eps)
