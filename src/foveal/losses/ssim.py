# SPDX-License-Identifier: Apache-2.0
"""Structural dissimilarity of images and volumes as a loss."""

from jaxtyping import Float, Real
from torch import Tensor

from foveal._dtype import result_dtype
from foveal._module import module
from foveal._op import op
from foveal.losses._reduction import check_reduction, reduced
from foveal.metrics._moments import check_pair
from foveal.metrics.ssim import similarity


@op
def ssim_loss(
    img1: Real[Tensor, "batch channels height width"],
    img2: Real[Tensor, "batch channels height width"],
    window_size: int,
    max_val: float = 1.0,
    eps: float = 1e-12,
    reduction: str = "mean",
    padding: str = "same",
) -> Float[Tensor, "batch channels rows columns"] | Float[Tensor, ""]:
    """Return the structural dissimilarity (1 - SSIM) / 2 of two images, clamped to [0, 1].

    Args:
        img1: images, (B, C, H, W); integers and half precision are computed in float32.
        img2: images of the same shape.
        window_size: taps of the Gaussian window along each axis, odd; its standard deviation is 1.5 pixels.
        max_val: the range of the pixels, as 1 for images in [0, 1].
        eps: added to the denominator of the SSIM.
        reduction: "none" for a map, "mean" (0 of an empty batch) or "sum" over it.
        padding: "same" reflects the images at their borders; "valid" leaves out windows that do not fit.

    Returns:
        A scalar, or the map: (B, C, H, W), or (B, C, H - window_size + 1, W - window_size + 1) for "valid".

    Raises:
        TypeError: as `metrics.ssim`.
        ValueError: as `metrics.ssim`, or `reduction` is unknown.

    >>> import torch
    >>> image = torch.rand(1, 3, 16, 16)
    >>> print(f"{ssim_loss(image, image, 11):.4f}")
    0.0000

    Source: Wang et al. 2004, "Image quality assessment: from error visibility to structural similarity", equation 13.
    """
    check_pair(img1, img2, axes=2)
    return _dissimilarity(img1, img2, window_size, max_val, eps, reduction, padding)


class SSIMLoss(module(ssim_loss)): ...


@op
def ssim3d_loss(
    img1: Real[Tensor, "batch channels depth height width"],
    img2: Real[Tensor, "batch channels depth height width"],
    window_size: int,
    max_val: float = 1.0,
    eps: float = 1e-12,
    reduction: str = "mean",
    padding: str = "same",
) -> Float[Tensor, "batch channels planes rows columns"] | Float[Tensor, ""]:
    """Return the structural dissimilarity (1 - SSIM) / 2 of two volumes, clamped to [0, 1].

    Args:
        img1: volumes, (B, C, D, H, W); integers and half precision are computed in float32.
        img2: volumes of the same shape.
        window_size: as in `ssim_loss`, along all three axes.
        max_val: as in `ssim_loss`.
        eps: as in `ssim_loss`.
        reduction: as in `ssim_loss`.
        padding: as in `ssim_loss`.

    Returns:
        A scalar, or the map: (B, C, D, H, W), each axis `window_size - 1` shorter for "valid".

    Raises:
        TypeError: as `ssim_loss`.
        ValueError: as `ssim_loss`.

    >>> import torch
    >>> volume = torch.rand(1, 1, 5, 6, 7)
    >>> print(f"{ssim3d_loss(volume, volume, 3):.4f}")
    0.0000

    Source: Wang et al. 2004, equation 13, by windows of voxels.
    """
    check_pair(img1, img2, axes=3)
    return _dissimilarity(img1, img2, window_size, max_val, eps, reduction, padding)


class SSIM3DLoss(module(ssim3d_loss)): ...


def _dissimilarity(
    img1: Tensor, img2: Tensor, window_size: int, max_val: float, eps: float, reduction: str, padding: str
) -> Tensor:
    check_reduction(reduction)
    index = similarity(img1, img2, window_size, max_val, eps, padding)
    return reduced(((1 - index) / 2).clamp(0, 1), reduction).to(result_dtype(img1, img2))
