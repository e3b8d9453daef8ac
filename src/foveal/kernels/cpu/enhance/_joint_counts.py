# SPDX-License-Identifier: Apache-2.0
"""Loops of joint soft histograms: each pair of samples meets the bins within reach of both.

count[n, m] = sum over pairs of w((x - bin[n]) / bandwidth) w((y - bin[m]) / bandwidth), with Gaussians w.
    Adjoint: gx = sum over n of w'(n) sum over m of g[n, m] w(m), gy with the roles changed; w'(d) = -d w / bandwidth.
"""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from foveal.kernels.cpu._array import empty
from foveal.kernels.cpu._compile import compile_kernel
from foveal.kernels.cpu._exp import exp2
from foveal.kernels.cpu._parallel import parallel_for
from foveal.kernels.cpu.enhance._soft_counts import HALF_LOG2_E, PIECE, scales, window

f32 = np.float32

# Each piece has a table of its own, of bins times bins.
PIECES = 16


def joint_counts(
    first: np.ndarray[Any, Any], second: np.ndarray[Any, Any], bins: np.ndarray[Any, Any], bandwidth: float
) -> Tensor:
    """Return the soft counts of pairs of samples, each (B, D), in pairs of bins (N), as float64, (B, N, N)."""
    order = np.argsort(bins, kind="stable")
    pieces = min(-(-first.shape[1] // PIECE), PIECES)
    parts = np.zeros((first.shape[0], pieces, bins.shape[0], bins.shape[0]), f32)
    parallel_for(
        _joint_counts, first.shape[0] * pieces, first, second, bins[order], *scales(bandwidth, "gaussian")[:2], parts,
        work=first.size,
    )  # fmt: skip
    back = torch.from_numpy(np.argsort(order))
    return torch.from_numpy(parts).sum(dim=1, dtype=torch.float64)[:, back][..., back]


def joint_counts_adjoint(
    first: np.ndarray[Any, Any],
    second: np.ndarray[Any, Any],
    bins: np.ndarray[Any, Any],
    bandwidth: float,
    gradients: Tensor,
) -> tuple[Tensor, Tensor]:
    """Return the gradients to the samples of a gradient (B, N, N) to their joint soft counts."""
    order = np.argsort(bins, kind="stable")
    ordered = np.ascontiguousarray(gradients.float().numpy()[:, order][:, :, order])
    results = empty(*first.shape), empty(*first.shape)
    pieces = -(-first.shape[1] // PIECE)
    parallel_for(
        _joint_counts_adjoint, first.shape[0] * pieces, first, second, bins[order],
        *scales(bandwidth, "gaussian")[:2], ordered, results[0].numpy(), results[1].numpy(), work=first.size,
    )  # fmt: skip
    return results


@compile_kernel
def _weights(bins, x, inverse, weights):
    for n in range(bins.shape[0]):
        distance = (x - bins[n]) * inverse
        weights[n] = exp2(distance * distance * HALF_LOG2_E)


@compile_kernel
def _add(weight, weights, counts):
    for m in range(weights.shape[0]):
        counts[m] += weight * weights[m]


@compile_kernel
def _joint_counts(start, stop, first, second, bins, inverse, reach, parts):
    samples, pieces = first.shape[1], parts.shape[1]
    columns = np.empty(bins.shape[0], f32)
    rows = np.empty(bins.shape[0], f32)
    for unit in range(start, stop):
        batch = unit // pieces
        piece = unit - batch * pieces
        counts = parts[batch, piece]
        for i in range(samples * piece // pieces, samples * (piece + 1) // pieces):
            x, y = first[batch, i], second[batch, i]
            if np.isnan(x + y):
                counts[:] = x + y
                continue
            top, bottom = window(bins, x, reach)
            left, right = window(bins, y, reach)
            _weights(bins[top:bottom], x, inverse, rows[top:bottom])
            _weights(bins[left:right], y, inverse, columns[left:right])
            for n in range(top, bottom):
                _add(rows[n], columns[left:right], counts[n, left:right])


@compile_kernel
def _dot(bins, y, inverse, weights, gradients):
    """Return the sums of the gradients times the weights of y, and times their slopes."""
    straight, steep = f32(0.0), f32(0.0)
    for m in range(bins.shape[0]):
        product = gradients[m] * weights[m]
        straight += product
        steep -= product * ((y - bins[m]) * inverse)
    return straight, steep


@compile_kernel
def _joint_counts_adjoint(start, stop, first, second, bins, inverse, reach, gradients, result_first, result_second):
    samples = first.shape[1]
    pieces = (samples + PIECE - 1) // PIECE
    columns = np.empty(bins.shape[0], f32)
    rows = np.empty(bins.shape[0], f32)
    for unit in range(start, stop):
        batch = unit // pieces
        piece = unit - batch * pieces
        for i in range(piece * PIECE, min(piece * PIECE + PIECE, samples)):
            x, y = first[batch, i], second[batch, i]
            top, bottom = window(bins, x, reach)
            left, right = window(bins, y, reach)
            _weights(bins[top:bottom], x, inverse, rows[top:bottom])
            _weights(bins[left:right], y, inverse, columns[left:right])
            to_first, to_second = f32(0.0), f32(0.0)
            for n in range(top, bottom):
                straight, steep = _dot(
                    bins[left:right], y, inverse, columns[left:right], gradients[batch, n, left:right]
                )
                to_first -= rows[n] * ((x - bins[n]) * inverse) * straight
                to_second += rows[n] * steep
            result_first[batch, i] = to_first * inverse + (x + y if np.isnan(x + y) else f32(0.0))
            result_second[batch, i] = to_second * inverse + (x + y if np.isnan(x + y) else f32(0.0))
