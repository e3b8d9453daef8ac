# SPDX-License-Identifier: Apache-2.0
"""What the peak finders share: options as numbers, and gradients at places that are known."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from foveal.kernels.cpu._array import as_array
from foveal.kernels.cpu._compile import compile_kernel
from foveal.kernels.cpu.peaks._gaussian_fit import scratch_size
from foveal.kernels.cpu.peaks._taylor import taylor_adjoint
from foveal.peaks.refinement import REFINEMENTS, Refinement, cut_windows, find_offsets


def accepts_maps(cms: Tensor, threshold: Any, refinement: Refinement) -> bool:
    """Say whether the kernels can take these maps, and the reference would take these options."""
    return (
        cms.dtype is torch.float32
        and cms.ndim == 4
        and 0 not in cms.shape
        and cms.shape[2] * cms.shape[3] < 2**24
        and isinstance(threshold, int | float)
        and refinement.name in REFINEMENTS
        and all(type(side) is int and side >= 3 and side % 2 == 1 for side in refinement[1:])
    )


def refinement_numbers(refinement: Refinement) -> tuple[int, int, int, int]:
    """Return refinement, patch, window, and the columns of the scratch that it needs, for the compiled loops."""
    columns = scratch_size(refinement.window) if refinement.name == "gaussian" else 0
    return REFINEMENTS.index(refinement.name), *refinement[1:], columns


def pull_back_peaks(
    cms: Tensor,
    places: tuple[Tensor, Tensor, Tensor],
    gradients: tuple[Tensor, Tensor],
    refinement: Refinement,
) -> Tensor:
    """Return the gradient to the maps of points and values found at `places` (map, row, column).

    The gradient is added to maps of zeros, of which the operating system makes no memory until someone writes or reads
    there. Means and fits are differentiated by the reference, on their windows alone.
    """
    result = np.zeros(cms.shape, np.float32)
    maps = result.reshape(-1, *cms.shape[2:])
    index, row, column = (as_array(place) for place in places)
    _add(maps, index, row[:, None], column[:, None], as_array(gradients[1][:, None, None]))
    if refinement.name in ("quadratic", "log_quadratic"):
        scores, log = as_array(cms.flatten(0, 1)), refinement.name == "log_quadratic"
        _add_taylor(scores, index, row, column, log, as_array(gradients[0]), maps)
    elif refinement.name not in (None, "local"):
        windows = cut_windows(cms.detach(), *places, refinement)
        with torch.enable_grad():
            windows.values.requires_grad_()
            offsets = find_offsets(windows, refinement)
            found = torch.autograd.grad(offsets, windows.values, gradients[0])[0]
        _add(maps, index, as_array(windows.rows), as_array(windows.columns), as_array(found))
    return torch.from_numpy(result)


@compile_kernel
def _add(maps, indices, rows, columns, gradients):
    for k in range(indices.shape[0]):
        scores = maps[indices[k]]
        for i in range(rows.shape[1]):
            for j in range(columns.shape[1]):
                scores[rows[k, i], columns[k, j]] += gradients[k, i, j]


@compile_kernel
def _add_taylor(maps, indices, rows, columns, log, gradients, result):
    for k in range(indices.shape[0]):
        index, gradient = indices[k], gradients[k]
        taylor_adjoint(maps[index], rows[k], columns[k], log, gradient[0], gradient[1], result[index])
