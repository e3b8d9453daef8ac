# SPDX-License-Identifier: Apache-2.0
"""Joint soft histograms: the weights of a chunk of samples at a time, and matrix products of them.

count = W1' W2 with W1[i, n] = w((x[i] - bin[n]) / bandwidth), W2 likewise of y, and Gaussians w.
    Adjoint: gx[i] = sum over n of slope1[i, n] (W2 g')[i, n], gy[i] = sum over m of slope2[i, m] (W1 g)[i, m], with the
    slopes -d w(d) / bandwidth.
"""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from foveal.kernels.cpu._array import empty
from foveal.kernels.cpu._compile import compile_kernel
from foveal.kernels.cpu._exp import exp2
from foveal.kernels.cpu._parallel import parallel_for
from foveal.kernels.cpu.enhance._soft_counts import HALF_LOG2_E

f32 = np.float32

# Samples whose weights in all bins are in memory at a time.
CHUNK = 4096


def joint_counts(
    first: np.ndarray[Any, Any], second: np.ndarray[Any, Any], bins: np.ndarray[Any, Any], bandwidth: float
) -> Tensor:
    """Return the soft counts of pairs of samples, each (B, D), in pairs of bins (N), as float64, (B, N, N)."""
    size = bins.shape[0]
    counts = torch.zeros(first.shape[0], size, size, dtype=torch.float64, device="cpu")
    for begin in range(0, first.shape[1], CHUNK):
        rows, columns = (_weights_of(x[:, begin : begin + CHUNK], bins, bandwidth) for x in (first, second))
        counts += rows.mT @ columns
    return counts


def joint_counts_adjoint(
    first: np.ndarray[Any, Any],
    second: np.ndarray[Any, Any],
    bins: np.ndarray[Any, Any],
    bandwidth: float,
    gradients: Tensor,
) -> tuple[Tensor, Tensor]:
    """Return the gradients to the samples of a gradient (B, N, N) to their joint soft counts."""
    results = empty(*first.shape), empty(*first.shape)
    slopes = gradients.float()
    for begin in range(0, first.shape[1], CHUNK):
        parts = [x[:, begin : begin + CHUNK] for x in (first, second)]
        rows, columns = (_weights_of(part, bins, bandwidth) for part in parts)
        pairs = ((rows, columns @ slopes.mT), (columns, rows @ slopes))
        for part, (weights, pulled), result in zip(parts, pairs, results, strict=True):
            target = result.numpy()[:, begin : begin + CHUNK]
            for batch in range(part.shape[0]):
                parallel_for(
                    _pull, part.shape[1], part[batch], bins, f32(1 / bandwidth if bandwidth else np.inf),
                    weights[batch].numpy(), pulled[batch].numpy(), target[batch], work=weights[batch].numel(),
                )  # fmt: skip
    return results


def _weights_of(samples: np.ndarray[Any, Any], bins: np.ndarray[Any, Any], bandwidth: float) -> Tensor:
    """Return the weights of samples (B, D) in bins (N), (B, D, N)."""
    weights = empty(*samples.shape, bins.shape[0])
    for batch in range(samples.shape[0]):
        parallel_for(
            _weigh, samples.shape[1], samples[batch], bins, f32(1 / bandwidth if bandwidth else np.inf),
            weights[batch].numpy(), work=weights[batch].numel(),
        )  # fmt: skip
    return weights


@compile_kernel
def _weigh_one(bins, x, inverse, weights):
    for n in range(bins.shape[0]):
        distance = (x - bins[n]) * inverse
        weights[n] = exp2(distance * distance * HALF_LOG2_E)


@compile_kernel
def _weigh(start, stop, samples, bins, inverse, weights):
    for i in range(start, stop):
        _weigh_one(bins, samples[i], inverse, weights[i])


@compile_kernel
def _pull_one(bins, x, inverse, weights, pulled):
    total = f32(0.0)
    for n in range(bins.shape[0]):
        total -= (x - bins[n]) * inverse * weights[n] * pulled[n]
    return total * inverse


@compile_kernel
def _pull(start, stop, samples, bins, inverse, weights, pulled, result):
    for i in range(start, stop):
        result[i] = _pull_one(bins, samples[i], inverse, weights[i], pulled[i])
