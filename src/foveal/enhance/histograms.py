# SPDX-License-Identifier: Apache-2.0
"""Differentiable histograms: every sample counts in all bins near it, by a kernel around each bin's centre."""

import math

import torch
from jaxtyping import Float
from torch import Tensor

from foveal._check import check_floating, check_option, check_positive, check_same_shape, check_shape, check_tensor
from foveal._op import op
from foveal._pixels import Pixels

KERNELS = ("triangular", "gaussian", "uniform", "epanechnikov")


@op
def histogram(
    x: Float[Tensor, "batch samples"],
    bins: Float[Tensor, " bins"],
    bandwidth: Float[Tensor, ""] | Float[Tensor, "1"],
    epsilon: float = 1e-10,
) -> Float[Tensor, "batch bins"]:
    """Estimate the distribution of each row's samples over bins, by Gaussians around their centres.

    Args:
        x: samples, (B, D).
        bins: centres of the bins, (N).
        bandwidth: standard deviation of the Gaussians, positive; a tensor of one element.
        epsilon: added to the sum of the bins, by which they are divided.

    Returns:
        Shares of the bins, (B, N), which sum to one; zeros where no sample is near any bin.

    Raises:
        TypeError: an argument is not a tensor of a floating-point dtype.
        ValueError: `x` has not two dimensions, `bins` not one, or `bandwidth` more than one element.

    >>> histogram(torch.tensor([[0.0, 1.0, 1.0, 1.0]]), torch.tensor([0.0, 1.0]), torch.tensor(0.1))
    tensor([[0.2500, 0.7500]])

    Source: Avi-Aharon et al. 2020, "DeepHist", section 3.1.
    """
    check_floating(x, "x")
    check_shape(x, "x", "B", "D")
    _check_bins(bins, bandwidth)
    weights = _gaussians(x, bins, bandwidth)
    mean = weights.sum(dim=1) / max(x.shape[1], 1)
    return (mean / (mean.sum(dim=-1, keepdim=True) + epsilon)).to(torch.promote_types(x.dtype, bins.dtype))


@op
def histogram2d(
    x1: Float[Tensor, "batch samples"],
    x2: Float[Tensor, "batch samples"],
    bins: Float[Tensor, " bins"],
    bandwidth: Float[Tensor, ""] | Float[Tensor, "1"],
    epsilon: float = 1e-10,
) -> Float[Tensor, "batch bins bins"]:
    """Estimate the joint distribution of each row's pairs of samples over bins, by Gaussians around their centres.

    Args:
        x1: first members of the pairs, (B, D).
        x2: second members, (B, D).
        bins: centres of the bins of both, (N).
        bandwidth: standard deviation of the Gaussians, positive; a tensor of one element.
        epsilon: added to the sum of the bins, by which they are divided.

    Returns:
        Shares of the bins, (B, N, N), the rows for `x1`, which sum to one; zeros where no pair is near any bin.

    Raises:
        TypeError: an argument is not a tensor of a floating-point dtype.
        ValueError: `x1` has not two dimensions, `x2` not its shape, `bins` not one dimension, or `bandwidth` more than
            one element.

    >>> bins = torch.tensor([0.0, 1.0])
    >>> histogram2d(torch.tensor([[0.0, 1.0]]), torch.tensor([[1.0, 1.0]]), bins, torch.tensor(0.01))
    tensor([[[0.0000, 0.5000],
             [0.0000, 0.5000]]])

    Source: as `histogram`.
    """
    check_floating(x1, "x1")
    check_floating(x2, "x2")
    check_shape(x1, "x1", "B", "D")
    check_same_shape(x2, "x2", x1)
    _check_bins(bins, bandwidth)
    joint = _gaussians(x1, bins, bandwidth).transpose(1, 2) @ _gaussians(x2, bins, bandwidth)
    dtype = torch.promote_types(torch.promote_types(x1.dtype, x2.dtype), bins.dtype)
    return (joint / (joint.sum(dim=(-2, -1), keepdim=True) + epsilon)).to(dtype)


@op
def image_histogram2d(
    image: Pixels[Tensor, "*channels height width"],
    min: float = 0.0,
    max: float = 255.0,
    n_bins: int = 256,
    bandwidth: float | None = None,
    centers: Float[Tensor, " bins"] | None = None,
    return_pdf: bool = False,
    kernel: str = "triangular",
    eps: float = 1e-10,
) -> tuple[Float[Tensor, "*channels bins"], Float[Tensor, "*channels bins"]]:
    """Count the pixels of each image plane in bins, by a kernel around their centres.

    Args:
        image: images (H, W), (C, H, W) or (B, C, H, W), of a floating-point dtype or uint8.
        min: lower end of the first bin, where `centers` are not given.
        max: upper end of the last bin, likewise.
        n_bins: number of bins, likewise.
        bandwidth: half the width of a kernel, standard deviation of the Gaussian; `None` or -1 is the width of a bin.
        centers: centres of the bins, (N).
        return_pdf: return the shares of the bins as well.
        kernel: "triangular", "gaussian", "uniform" or "epanechnikov".
        eps: added to the sum of the bins, by which they are divided to give their shares.

    Returns:
        Counts, (*, N), and shares, (*, N), zeros unless `return_pdf` is set; at least in float32.

    Raises:
        TypeError: `image` is neither of a floating-point dtype nor uint8, or `bandwidth` no number.
        ValueError: `image` has not two to four dimensions, `kernel` is unknown, the bins or the bandwidth are empty.

    >>> image_histogram2d(torch.tensor([[0.5, 1.5], [1.5, 2.0]]), max=3.0, n_bins=3)[0]
    tensor([1.0000, 2.5000, 0.5000])

    Source: Silverman 1986, "Density estimation for statistics and data analysis", section 2.4.
    """
    check_tensor(image, "image")
    if not image.is_floating_point() and image.dtype is not torch.uint8:
        raise TypeError(f"image must have a floating-point dtype or be uint8, got {image.dtype}")
    if not 2 <= image.ndim <= 4:
        raise ValueError(f"image must have shape (H, W), (C, H, W) or (B, C, H, W), got {tuple(image.shape)}")
    check_option(kernel, "kernel", KERNELS)
    if bandwidth is not None and bandwidth != -1:
        check_positive(bandwidth, "bandwidth")
    given = centers is not None and centers.numel() > 0
    if given:
        check_shape(centers, "centers", "n_bins")
    elif n_bins < 1 or not -math.inf < min < max < math.inf:
        raise ValueError(f"n_bins and (min, max) must not be empty, got {n_bins} bins from {min} to {max}")
    width = (max - min) / n_bins if bandwidth is None or bandwidth == -1 else bandwidth
    dtype = torch.promote_types(image.dtype, torch.float32)
    if centers is None or not given:
        centers = min + width * (torch.arange(n_bins, device=image.device, dtype=dtype) + 0.5)
    distance = (image.flatten(-2).to(dtype).unsqueeze(-1) - centers) / width
    counts = kernel_weights(distance, kernel).sum(dim=-2)
    shares = counts / (counts.sum(dim=-1, keepdim=True) + eps) if return_pdf else torch.zeros_like(counts)
    return counts, shares


def kernel_weights(distance: Tensor, kernel: str) -> Tensor:
    """Return how much a sample counts at a distance, in bandwidths, from the centre of a bin."""
    if kernel == "gaussian":
        return torch.exp(-0.5 * distance**2)
    if kernel == "uniform":
        return (distance.abs() <= 1).to(distance.dtype)
    height = 1 - (distance.abs() if kernel == "triangular" else distance**2)
    return torch.where(height > 0, height, 0)


def _check_bins(bins: Tensor, bandwidth: Tensor) -> None:
    check_floating(bins, "bins")
    check_shape(bins, "bins", "N")
    check_floating(bandwidth, "bandwidth")
    if bandwidth.numel() != 1:
        raise ValueError(f"bandwidth must have one element, got shape {tuple(bandwidth.shape)}")


def _gaussians(x: Tensor, bins: Tensor, bandwidth: Tensor) -> Tensor:
    """Return the weight of each sample in each bin, (B, D, N), at least in float32."""
    dtype = torch.promote_types(torch.promote_types(x.dtype, bins.dtype), torch.float32)
    distance = (x.to(dtype).unsqueeze(-1) - bins.to(dtype)) / bandwidth.to(dtype).reshape(())
    return torch.exp(-0.5 * distance**2)
