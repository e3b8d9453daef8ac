# SPDX-License-Identifier: Apache-2.0
"""Otsu's threshold: the split of an image's values whose two classes differ most."""

import math

import torch
from jaxtyping import Bool, Real
from torch import Tensor

from foveal._check import check_count, check_tensor
from foveal._module import module
from foveal._op import op

# Standard deviations, in bins, of a pixel in the histogram that splits and in the one that has a gradient.
_NARROW, _WIDE = 0.1, 0.5
# Mass of a bin, in pixels, above which it counts as not empty.
_PRESENT = 0.01
# Sharpness of the soft maximum over the splits, as a part of the largest variance.
_TEMPERATURE = 0.01


@op
def otsu_threshold(
    x: Real[Tensor, "..."], nbins: int = 256, slow_and_differentiable: bool = False, return_mask: bool = False
) -> tuple[Real[Tensor, "..."] | Bool[Tensor, "..."], Real[Tensor, " planes"]]:
    """Keep the pixels above Otsu's threshold of their plane, and set the others to zero.

    Args:
        x: planes (*, H, W) of at most five dimensions; one or two dimensions are one plane.
        nbins: bins of the histogram between the least and the largest value of a plane.
        slow_and_differentiable: spread every pixel into a Gaussian of 0.1 bins, and give the threshold the gradient
            of a soft maximum over the splits of a histogram by Gaussians of 0.5 bins.
        return_mask: return where x is above the threshold, in place of what is kept.

    Returns:
        x where it is above the threshold, else 0 (or booleans), in the shape of `x`; and the thresholds, one a plane.

    Raises:
        TypeError: `x` is no tensor of real numbers.
        ValueError: `x` has more than five dimensions, or `nbins` is less than 2.

    Convention: the threshold is the upper edge of a bin, for integers the largest one below that edge; a bin of
    integers is never narrower than one.

    >>> otsu_threshold(torch.tensor([[10, 20, 30], [40, 50, 60], [70, 80, 90]]))[1]
    tensor([40])

    Source: Otsu 1979, "A threshold selection method from gray-level histograms", equation 18.
    """
    check_tensor(x, "x")
    if x.is_complex() or x.dtype is torch.bool:
        raise TypeError(f"x must hold real numbers, got {x.dtype}")
    if x.ndim > 5:
        raise ValueError(f"x must have at most five dimensions, got shape {tuple(x.shape)}")
    check_count(nbins, "nbins")
    if nbins < 2:
        raise ValueError(f"nbins must be at least 2, got {nbins}")
    planes = x.reshape(1, -1) if x.ndim <= 2 else x.flatten(-2).flatten(0, -2)
    values = planes.double()
    least, largest = values.amin(1, keepdim=True), values.amax(1, keepdim=True)
    width = (largest - least) / nbins
    if not x.is_floating_point():
        # A bin per integer: Kornia's narrower ones leave gaps, which shift the means of the classes.
        width = torch.where(largest - least < nbins, 1.0, width)
    places = (values - least) / torch.where(width > 0, width, 1.0)
    bins = places.detach().floor().clamp(max=nbins - 1)
    mass = _spread(places.detach(), nbins, _NARROW) if slow_and_differentiable else _counts(bins, nbins)
    variance = _between_classes(mass)
    split = torch.where(mass[:, :-1] > _PRESENT, variance, -1.0).argmax(1, keepdim=True)
    edge = (least + (split + 1) * width).detach()
    threshold = _between(edge, planes.detach(), bins <= split)
    if slow_and_differentiable and x.is_floating_point():
        soft = least + width * _soft_split(_between_classes(_spread(places, nbins, _WIDE)))
        threshold = threshold + (soft - soft.detach()).to(x.dtype)
    above = (planes > threshold).reshape(x.shape)
    return above if return_mask else x * above, threshold.squeeze(1)


_INPUTS = ("x", "nbins", "slow_and_differentiable", "return_mask")


class OtsuThreshold(module(otsu_threshold, inputs=_INPUTS)): ...


def _counts(bins: Tensor, nbins: int) -> Tensor:
    return bins.new_zeros(bins.shape[0], nbins).scatter_add(1, bins.long(), torch.ones_like(bins))


def _spread(places: Tensor, nbins: int, deviation: float) -> Tensor:
    """Return the mass in each bin of Gaussians around places in [0, nbins]; the outer bins take what lies beyond."""
    centre = places.detach().floor().clamp(max=nbins - 1)
    mass = places.new_zeros(places.shape[0], nbins)
    # Eight standard deviations around a pixel hold all but 1e-15 of it.
    reach = math.ceil(8 * deviation)
    for offset in range(-reach, reach + 1):
        bin = centre + offset
        below = torch.where(bin > 0, torch.special.ndtr((bin - places) / deviation), 0.0)
        upto = torch.where(bin < nbins - 1, torch.special.ndtr((bin + 1 - places) / deviation), 1.0)
        part = torch.where((bin >= 0) & (bin < nbins), upto - below, 0.0)
        mass = mass.scatter_add(1, bin.clamp(0, nbins - 1).long(), part)
    return mass


def _between_classes(mass: Tensor) -> Tensor:
    """Return the variance between the classes of each split, behind every bin but the last."""
    bins = torch.arange(mass.shape[1], dtype=mass.dtype, device=mass.device)
    below, moment = mass.cumsum(1), (mass * bins).cumsum(1)
    total, total_moment = below[:, -1:], moment[:, -1:]
    below, moment = below[:, :-1], moment[:, :-1]
    product = below * (total - below)
    there = product > 0
    return torch.where(there, (total_moment * below - total * moment) ** 2 / torch.where(there, product, 1.0), 0.0)


def _soft_split(variance: Tensor) -> Tensor:
    """Return the number of bins below the best split, by a soft maximum."""
    largest = variance.amax(1, keepdim=True)
    weights = (variance / (_TEMPERATURE * torch.where(largest > 0, largest, 1.0))).softmax(1)
    bins = torch.arange(1, variance.shape[1] + 1, dtype=variance.dtype, device=variance.device)
    return (weights * bins).sum(1, keepdim=True)


def _between(edge: Tensor, planes: Tensor, is_below: Tensor) -> Tensor:
    """Round an edge to the dtype of the planes so that it parts them as the bins do."""
    low, high = (-torch.inf, torch.inf) if planes.is_floating_point() else _limits(planes.dtype)
    highest_below = torch.where(is_below, planes, low).amax(1, keepdim=True)
    lowest_above = torch.where(is_below, high, planes).amin(1, keepdim=True)
    rounded = edge.to(planes.dtype) if planes.is_floating_point() else (edge.ceil() - 1).to(planes.dtype)
    return torch.where(rounded < lowest_above, rounded.maximum(highest_below), highest_below)


def _limits(dtype: torch.dtype) -> tuple[int, int]:
    return torch.iinfo(dtype).min, torch.iinfo(dtype).max
