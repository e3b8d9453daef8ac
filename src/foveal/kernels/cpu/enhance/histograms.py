# SPDX-License-Identifier: Apache-2.0
"""CPU kernels of histograms: soft counts, then shares.

share = m / (sum m + eps).
    Adjoint: gm[n] = (g[n] - sum over k of g[k] share[k]) / (sum m + eps), and from there as the soft counts'.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from foveal.enhance.histograms import KERNELS
from foveal.kernels._kernel import kernel
from foveal.kernels.cpu._array import as_array
from foveal.kernels.cpu.enhance._joint_counts import joint_counts, joint_counts_adjoint
from foveal.kernels.cpu.enhance._soft_counts import soft_counts, soft_counts_adjoint


def _accepts_bins(bins: Any) -> bool:
    """Say whether these are bins without a gradient: the adjoint has none for them."""
    return (
        isinstance(bins, Tensor)
        and bins.dtype is torch.float32
        and bins.ndim == 1
        and bins.numel() > 0
        and not bins.requires_grad
    )


def _accepts_samples(x: Tensor, bins: Any, bandwidth: Any, epsilon: Any) -> bool:
    return (
        x.dtype is torch.float32
        and x.ndim == 2
        and x.numel() > 0
        and _accepts_bins(bins)
        and isinstance(bandwidth, Tensor)
        and bandwidth.is_floating_point()
        and bandwidth.numel() == 1
        and not bandwidth.requires_grad
        and isinstance(epsilon, float | int)
    )


def _examples_samples() -> Iterator[tuple[Any, ...]]:
    yield torch.zeros(1, 4), torch.zeros(2), torch.ones(1), 1e-10


def _adjoint_samples(
    needs: tuple[bool, ...],
    gradients: tuple[Tensor, ...],
    outputs: tuple[Tensor, ...],
    x: Tensor,
    bins: Tensor,
    bandwidth: Tensor,
    epsilon: float,
) -> tuple[Tensor | None, ...]:
    rows, centres, width = as_array(x), as_array(bins), bandwidth.item()
    counts = soft_counts(rows, centres, width, "gaussian") / x.shape[1]
    slopes = _shares_adjoint(counts, epsilon, gradients[0].double()) / x.shape[1]
    return soft_counts_adjoint(rows, centres, width, "gaussian", slopes), None, None, None


@kernel(accepts=_accepts_samples, adjoint=_adjoint_samples, examples=_examples_samples, keep_outputs=False)
def histogram(x: Tensor, bins: Tensor, bandwidth: Tensor, epsilon: float) -> Tensor:
    """Return the shares of Gaussian bins."""
    counts = soft_counts(as_array(x), as_array(bins), bandwidth.item(), "gaussian") / x.shape[1]
    return _shares(counts, epsilon).float()


def _accepts_pairs(x1: Tensor, x2: Any, bins: Any, bandwidth: Any, epsilon: Any) -> bool:
    return (
        _accepts_samples(x1, bins, bandwidth, epsilon)
        and isinstance(x2, Tensor)
        and x2.dtype is torch.float32
        and x2.shape == x1.shape
    )


def _examples_pairs() -> Iterator[tuple[Any, ...]]:
    yield torch.zeros(1, 4), torch.zeros(1, 4), torch.zeros(2), torch.ones(1), 1e-10


def _adjoint_pairs(
    needs: tuple[bool, ...],
    gradients: tuple[Tensor, ...],
    outputs: tuple[Tensor, ...],
    x1: Tensor,
    x2: Tensor,
    bins: Tensor,
    bandwidth: Tensor,
    epsilon: float,
) -> tuple[Tensor | None, ...]:
    rows, centres, width = (as_array(x1), as_array(x2)), as_array(bins), bandwidth.item()
    counts = joint_counts(*rows, centres, width)
    slopes = _shares_adjoint(counts.flatten(1), epsilon, gradients[0].double().flatten(1)).view(counts.shape)
    return *joint_counts_adjoint(*rows, centres, width, slopes), None, None, None


@kernel(accepts=_accepts_pairs, adjoint=_adjoint_pairs, examples=_examples_pairs, keep_outputs=False)
def histogram2d(x1: Tensor, x2: Tensor, bins: Tensor, bandwidth: Tensor, epsilon: float) -> Tensor:
    """Return the joint shares of Gaussian bins."""
    counts = joint_counts(as_array(x1), as_array(x2), as_array(bins), bandwidth.item())
    return _shares(counts.flatten(1), epsilon).float().view(counts.shape)


def _accepts_image(
    image: Tensor,
    min: Any,
    max: Any,
    n_bins: Any,
    bandwidth: Any,
    centers: Any,
    return_pdf: bool,
    kernel: str,
    eps: Any,
) -> bool:
    numbers = (min, max, eps, 1 if bandwidth is None else bandwidth)
    return (
        image.dtype in (torch.float32, torch.uint8)
        and 2 <= image.ndim <= 4
        and image.numel() > 0
        and all(isinstance(number, float | int) for number in numbers)
        and (bandwidth is None or bandwidth == -1 or bandwidth > 0)
        and kernel in KERNELS
        and (_accepts_bins(centers) if centers is not None else isinstance(n_bins, int))
        and (centers is not None or (n_bins > 0 and -np.inf < min < max < np.inf))
        and (bandwidth not in (None, -1) or (isinstance(n_bins, int) and n_bins > 0 and max > min))
    )


def _examples_image() -> Iterator[tuple[Any, ...]]:
    for shape in KERNELS:
        yield torch.zeros(4, 4), 0.0, 1.0, 4, None, None, False, shape, 1e-10


def _bins(min: float, max: float, n_bins: int, bandwidth: float | None, centers: Tensor | None) -> tuple[Any, float]:
    """Return centres and bandwidth, computed as the reference does."""
    width = (max - min) / n_bins if bandwidth is None or bandwidth == -1 else bandwidth
    if centers is None:
        centers = min + width * (torch.arange(n_bins, device="cpu", dtype=torch.float32) + 0.5)
    return as_array(centers), width


def _rows(image: Tensor) -> np.ndarray[Any, Any]:
    """Return planes as rows of float32."""
    return as_array(image.float()).reshape(-1, image.shape[-2] * image.shape[-1])


def _adjoint_image(
    needs: tuple[bool, ...],
    gradients: tuple[Tensor, ...],
    outputs: tuple[Tensor, ...],
    image: Tensor,
    min: float,
    max: float,
    n_bins: int,
    bandwidth: float | None,
    centers: Tensor | None,
    return_pdf: bool,
    kernel: str,
    eps: float,
) -> tuple[Tensor | None, ...]:
    centres, width = _bins(min, max, n_bins, bandwidth, centers)
    slopes = gradients[0].double()
    if return_pdf:
        slopes = slopes + _shares_adjoint(outputs[0].double(), eps, gradients[1].double())
    slopes = slopes.reshape(-1, slopes.shape[-1])
    found = soft_counts_adjoint(_rows(image), centres, width, kernel, slopes)
    return found.view(image.shape), *(None,) * 8


def _without_gradient(*arguments: Any) -> tuple[int, ...]:
    """Say which outputs have none: shares that are not asked for, and all by a kernel of steps."""
    return_pdf, kernel = arguments[6:8]
    return (0, 1) if kernel == "uniform" else () if return_pdf else (1,)


@kernel(accepts=_accepts_image, adjoint=_adjoint_image, examples=_examples_image, without_gradient=_without_gradient)
def image_histogram2d(
    image: Tensor,
    min: float,
    max: float,
    n_bins: int,
    bandwidth: float | None,
    centers: Tensor | None,
    return_pdf: bool,
    kernel: str,
    eps: float,
) -> tuple[Tensor, Tensor]:
    """Return soft counts of planes, and their shares."""
    centres, width = _bins(min, max, n_bins, bandwidth, centers)
    counts = soft_counts(_rows(image), centres, width, kernel).view(*image.shape[:-2], -1)
    shares = _shares(counts, eps).float() if return_pdf else torch.zeros_like(counts, dtype=torch.float32)
    return counts.float(), shares


def _shares(counts: Tensor, epsilon: float) -> Tensor:
    return counts / (counts.sum(dim=-1, keepdim=True) + epsilon)


def _shares_adjoint(counts: Tensor, epsilon: float, gradients: Tensor) -> Tensor:
    total = counts.sum(dim=-1, keepdim=True) + epsilon
    return (gradients - (gradients * counts / total).sum(dim=-1, keepdim=True)) / total
