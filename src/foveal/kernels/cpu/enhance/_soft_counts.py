# SPDX-License-Identifier: Apache-2.0
"""Loops of soft histograms: each sample meets only the bins within reach, never a table of samples times bins.

count[n] = sum over samples of weight((x - bin[n]) / bandwidth).
    Adjoint: gx = sum over the bins within reach of g[n] weight'((x - bin[n]) / bandwidth) / bandwidth.
"""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from foveal.kernels.cpu._array import empty
from foveal.kernels.cpu._compile import compile_kernel
from foveal.kernels.cpu._exp import exp2
from foveal.kernels.cpu._parallel import parallel_for

f32 = np.float32

# Samples of a piece of work: its sums in float32 are then as exact as they are in any order.
PIECE = 1 << 13

# -d^2 / 2 as a power of two.
HALF_LOG2_E = f32(-0.5 * np.log2(np.e))

# In bandwidths; a Gaussian weighs less than 1e-21 outside.
REACHES = {"gaussian": 10.0, "uniform": 1.0, "triangular": 1.0, "epanechnikov": 1.0}
KINDS = {"gaussian": 0, "uniform": 1, "triangular": 2, "epanechnikov": 3}


def soft_counts(rows: np.ndarray[Any, Any], bins: np.ndarray[Any, Any], bandwidth: float, kernel: str) -> Tensor:
    """Return the soft counts of rows of samples (B, D) in bins (N), as float64, (B, N)."""
    order = np.argsort(bins, kind="stable")
    pieces = -(-rows.shape[1] // PIECE)
    parts = np.zeros((rows.shape[0], pieces, bins.shape[0]), f32)
    parallel_for(
        _soft_counts, rows.shape[0] * pieces, rows, bins[order], *scales(bandwidth, kernel), parts, work=rows.size
    )
    counts = torch.empty(rows.shape[0], bins.shape[0], dtype=torch.float64, device="cpu")
    counts[:, torch.from_numpy(order)] = torch.from_numpy(parts).sum(dim=1, dtype=torch.float64)
    return counts


def soft_counts_adjoint(
    rows: np.ndarray[Any, Any], bins: np.ndarray[Any, Any], bandwidth: float, kernel: str, gradients: Tensor
) -> Tensor:
    """Return the gradient to the samples (B, D) of a gradient to their soft counts (B, N)."""
    order = np.argsort(bins, kind="stable")
    sorted_gradients = np.ascontiguousarray(gradients.float().numpy()[:, order])
    result = empty(*rows.shape)
    pieces = -(-rows.shape[1] // PIECE)
    parallel_for(
        _soft_counts_adjoint, rows.shape[0] * pieces, rows, bins[order], *scales(bandwidth, kernel),
        sorted_gradients, result.numpy(), work=rows.size,
    )  # fmt: skip
    return result


def scales(bandwidth: float, kernel: str) -> tuple[Any, ...]:
    inverse = 1 / bandwidth if bandwidth else np.inf
    # A little further than the weights go: the window may hold bins that weigh nothing, but must not lack one.
    return f32(inverse), f32(abs(bandwidth) * REACHES[kernel] * (1 + 1e-6)), KINDS[kernel]


@compile_kernel(inline="always")
def window(bins, x, reach):
    """Return the first bin within reach of a sample, and the one behind the last."""
    first, size = 0, bins.shape[0]
    while size > 0:
        half = size // 2
        if bins[first + half] < x - reach:
            first += half + 1
            size -= half + 1
        else:
            size = half
    last = first
    while last < bins.shape[0] and bins[last] <= x + reach:
        last += 1
    return first, last


@compile_kernel
def _add_gaussians(bins, x, inverse, counts):
    for n in range(bins.shape[0]):
        distance = (x - bins[n]) * inverse
        counts[n] += exp2(distance * distance * HALF_LOG2_E)


@compile_kernel(inline="always")
def _height(distance, kind):
    """Return the weight of a kernel that ends at distance 1."""
    if kind == 1:
        return f32(1.0) if abs(distance) <= f32(1.0) else f32(0.0)
    height = f32(1.0) - (abs(distance) if kind == 2 else distance * distance)
    return height if height > f32(0.0) else f32(0.0)


@compile_kernel
def _soft_counts(start, stop, rows, bins, inverse, reach, kind, parts):
    samples = rows.shape[1]
    pieces = (samples + PIECE - 1) // PIECE
    for unit in range(start, stop):
        row = unit // pieces
        piece = unit - row * pieces
        counts = parts[row, piece]
        for x in rows[row, piece * PIECE : min(piece * PIECE + PIECE, samples)]:
            if kind == 0:
                if np.isnan(x):
                    counts[:] = x
                    continue
                first, last = window(bins, x, reach)
                _add_gaussians(bins[first:last], x, inverse, counts[first:last])
            elif not np.isnan(x):
                first, last = window(bins, x, reach)
                for n in range(first, last):
                    counts[n] += _height((x - bins[n]) * inverse, kind)


@compile_kernel
def _gaussian_slope(bins, x, inverse, gradients):
    total = f32(0.0)
    for n in range(bins.shape[0]):
        distance = (x - bins[n]) * inverse
        total -= gradients[n] * distance * exp2(distance * distance * HALF_LOG2_E)
    return total * inverse


@compile_kernel
def _slope(bins, x, inverse, kind, gradients):
    total = f32(0.0)
    for n in range(bins.shape[0]):
        distance = (x - bins[n]) * inverse
        if _height(distance, kind) > f32(0.0) and kind != 1:
            steep = np.sign(distance) if kind == 2 else f32(2.0) * distance
            total -= gradients[n] * steep
    return total * inverse


@compile_kernel
def _soft_counts_adjoint(start, stop, rows, bins, inverse, reach, kind, gradients, result):
    samples = rows.shape[1]
    pieces = (samples + PIECE - 1) // PIECE
    for unit in range(start, stop):
        row = unit // pieces
        piece = unit - row * pieces
        for i in range(piece * PIECE, min(piece * PIECE + PIECE, samples)):
            x = rows[row, i]
            first, last = window(bins, x, reach)
            if kind == 0:
                slope = _gaussian_slope(bins[first:last], x, inverse, gradients[row, first:last])
                result[row, i] = x if np.isnan(x) else slope
            else:
                result[row, i] = _slope(bins[first:last], x, inverse, kind, gradients[row, first:last])
