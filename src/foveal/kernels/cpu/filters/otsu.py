# SPDX-License-Identifier: Apache-2.0
"""CPU kernel of Otsu's threshold: range, histogram and split of each plane, then its pixels above the threshold.

Adjoint: the gradient where the pixel was kept; the threshold has none.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from foveal.kernels._kernel import kernel
from foveal.kernels.cpu._array import as_array, empty
from foveal.kernels.cpu._compile import compile_kernel
from foveal.kernels.cpu._parallel import parallel_for

f32, f64 = np.float32, np.float64


def _accepts(x: Tensor, nbins: Any, slow_and_differentiable: bool, return_mask: bool) -> bool:
    return (
        x.dtype in (torch.float32, torch.uint8)
        and x.ndim <= 5
        and x.numel() > 0
        and isinstance(nbins, int)
        and not isinstance(nbins, bool)
        and nbins >= 2
        and not slow_and_differentiable
    )


def _examples() -> Iterator[tuple[Any, ...]]:
    for dtype in (torch.float32, torch.uint8):
        for return_mask in (False, True):
            yield torch.zeros(4, 4, dtype=dtype), 256, False, return_mask


def _adjoint(
    needs: tuple[bool, ...],
    gradients: tuple[Tensor, ...],
    outputs: tuple[Tensor, ...],
    x: Tensor,
    nbins: int,
    slow_and_differentiable: bool,
    return_mask: bool,
) -> tuple[Tensor | None, ...]:
    planes = x.reshape(len(outputs[1]), -1)
    mask = (planes > outputs[1].unsqueeze(1)).view(x.shape)
    return gradients[0] * mask, None, None, None


@kernel(accepts=_accepts, adjoint=_adjoint, examples=_examples, without_gradient=(1,))
def otsu_threshold(x: Tensor, nbins: int, slow_and_differentiable: bool, return_mask: bool) -> tuple[Tensor, Tensor]:
    """Threshold plane by plane."""
    planes = as_array(x).reshape(1, -1) if x.ndim <= 2 else as_array(x).reshape(-1, x.shape[-2] * x.shape[-1])
    thresholds = empty(len(planes), dtype=x.dtype)
    result = empty(*x.shape, dtype=torch.bool if return_mask else x.dtype)
    parallel_for(
        _thresholds, len(planes), planes, nbins, x.dtype is torch.uint8, thresholds.numpy(), work=planes.size
    )  # fmt: skip
    parallel_for(
        _masks if return_mask else _above, len(planes), planes, thresholds.numpy(),
        result.numpy().reshape(planes.shape), work=planes.size,
    )  # fmt: skip
    return result, thresholds


@compile_kernel
def _range(plane):
    least = largest = plane[0]
    for value in plane:
        least = value if value < least else least
        largest = value if value > largest else largest
    return f64(least), f64(largest)


@compile_kernel(inline="always")
def _bin(place, nbins):
    """Return the bin of a place; NaN falls into the first."""
    return int(place) if (place >= 0) & (place < nbins) else nbins - 1 if place >= nbins else 0


@compile_kernel(fastmath=False)
def _split(counts):
    """Return the first of the bins behind which the variance between the classes is largest."""
    total, total_moment = f64(0), f64(0)
    for k in range(counts.shape[0]):
        total += counts[k]
        total_moment += counts[k] * k
    below, moment, best, split = f64(0), f64(0), f64(-1), 0
    for k in range(counts.shape[0] - 1):
        below += counts[k]
        moment += counts[k] * k
        product = below * (total - below)
        if counts[k] > 0:
            variance = (total_moment * below - total * moment) ** 2 / product if product > 0 else f64(0)
            if variance > best:
                best, split = variance, k
    return split


# Exact divisions: a value on the edge of a bin must fall into the bin that the reference finds.
@compile_kernel(fastmath=False)
def _thresholds(start, stop, planes, nbins, whole, thresholds):
    counts = np.empty(nbins, f64)
    for index in range(start, stop):
        plane = planes[index]
        least, largest = _range(plane)
        width = (largest - least) / nbins
        if whole and largest - least < nbins:
            width = f64(1)
        divisor = width if width > 0 else f64(1)
        counts[:] = 0
        for value in plane:
            counts[_bin((f64(value) - least) / divisor, nbins)] += 1
        split = _split(counts)
        highest_below, lowest_above = -np.inf, np.inf
        for value in plane:
            exact = f64(value)
            if _bin((exact - least) / divisor, nbins) <= split:
                highest_below = max(highest_below, exact)
            else:
                lowest_above = min(lowest_above, exact)
        edge = least + (split + 1) * width
        rounded = np.ceil(edge) - 1 if whole else f64(f32(edge))
        thresholds[index] = max(rounded, highest_below) if rounded < lowest_above else highest_below


@compile_kernel
def _above(start, stop, planes, thresholds, result):
    for index in range(start, stop):
        plane, threshold, out = planes[index], thresholds[index], result[index]
        one, zero = out.dtype.type(1), out.dtype.type(0)
        for j in range(plane.shape[0]):
            out[j] = plane[j] * (one if plane[j] > threshold else zero)


@compile_kernel
def _masks(start, stop, planes, thresholds, result):
    for index in range(start, stop):
        plane, threshold, out = planes[index], thresholds[index], result[index]
        for j in range(plane.shape[0]):
            out[j] = plane[j] > threshold
