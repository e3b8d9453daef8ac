# SPDX-License-Identifier: Apache-2.0
"""Inverses of a few homographies in float64, and the way back: in one loop, where PyTorch takes some thirty calls."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from foveal.kernels.cpu._array import as_array
from foveal.kernels.cpu._compile import compile_kernel

Array = np.ndarray[Any, Any]


def invert(matrices: Tensor) -> Array:
    """Return the inverses (B, 9), up to scale, of homographies (B, 3, 3) or affine maps (B, 2, 3)."""
    forward = _complete(matrices)
    inverses = np.empty_like(forward)
    _invert(forward, inverses)
    return inverses


def pull_back_inverses(matrices: Tensor, gradients: Array) -> Tensor:
    """Return the gradient to matrices from that (B, 9) to their inverses."""
    forward = _complete(matrices)
    found = np.empty_like(forward)
    _pull_back(forward, gradients, found)
    rows = matrices.shape[1]
    return torch.from_numpy(found[:, : 3 * rows].astype(np.float32)).view(-1, rows, 3)


def normalize(inverses: Array) -> tuple[Array, bool]:
    """Say whether all homographies (B, 9) are affine, and return them, divided by their scale if so."""
    affine = not inverses[:, 6:8].any()
    return (inverses / scale_of(inverses), True) if affine else (inverses, False)


def scale_of(inverses: Array) -> Array:
    """Return the scale (B, 1) of affine homographies; instead of zero something small."""
    scale = inverses[:, 8:]
    return np.where(scale == 0, np.finfo(np.float32).eps, scale)


def _complete(matrices: Tensor) -> Array:
    """Return homographies as rows of nine numbers."""
    rows = as_array(matrices).reshape(len(matrices), -1)
    result = np.empty((len(rows), 9))
    result[:, 6:] = 0, 0, 1
    result[:, : rows.shape[1]] = rows
    return result


@compile_kernel(inline="always")
def adjugate(m, inverse):
    """Write the inverse times the determinant: columns are cross products of two rows."""
    for row in range(3):
        a, b = (row + 1) % 3, (row + 2) % 3
        for column in range(3):
            c, d = (column + 1) % 3, (column + 2) % 3
            inverse[3 * column + row] = m[3 * a + c] * m[3 * b + d] - m[3 * a + d] * m[3 * b + c]


@compile_kernel
def _invert(matrices, inverses):
    for index in range(matrices.shape[0]):
        adjugate(matrices[index], inverses[index])


@compile_kernel
def _pull_back(matrices, gradients, result):
    """Pull gradients back through `adjugate`: each row is in two of the cross products."""
    for index in range(matrices.shape[0]):
        m, g, found = matrices[index], gradients[index], result[index]
        for row in range(3):
            a, b = (row + 1) % 3, (row + 2) % 3
            for column in range(3):
                c, d = (column + 1) % 3, (column + 2) % 3
                found[3 * row + column] = (g[3 * c + a] * m[3 * b + d] - g[3 * d + a] * m[3 * b + c]) + (
                    m[3 * a + c] * g[3 * d + b] - m[3 * a + d] * g[3 * c + b]
                )
