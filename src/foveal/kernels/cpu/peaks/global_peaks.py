# SPDX-License-Identifier: Apache-2.0
"""CPU kernel of the global peaks: one read of the maps, for the largest score of each row."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from foveal.kernels._kernel import kernel
from foveal.kernels.cpu._array import as_array, empty
from foveal.kernels.cpu._compile import compile_kernel
from foveal.kernels.cpu._maximum import maximum
from foveal.kernels.cpu._parallel import parallel_for
from foveal.kernels.cpu.peaks._places import accepts_maps, pull_back_peaks, refinement_numbers
from foveal.kernels.cpu.peaks._refinement import refine
from foveal.peaks.refinement import Refinement

f32 = np.float32


def _accepts(cms: Tensor, threshold: Any, refinement: Any, integral_patch_size: Any, window: Any) -> bool:
    return accepts_maps(cms, threshold, Refinement(refinement, integral_patch_size, window))


def _accepts_rough(cms: Tensor, threshold: Any) -> bool:
    return accepts_maps(cms, threshold, Refinement())


def _examples() -> Iterator[tuple[Any, ...]]:
    yield torch.ones(1, 1, 4, 4), 0.2, None, 5, 25


def _examples_rough() -> Iterator[tuple[Any, ...]]:
    yield torch.ones(1, 1, 4, 4), 0.1


def _adjoint(
    needs: tuple[bool, ...],
    gradients: tuple[Tensor, ...],
    outputs: tuple[Tensor, ...],
    cms: Tensor,
    threshold: float,
    refinement: str | None,
    integral_patch_size: int,
    window: int,
) -> tuple[Tensor | None, ...]:
    points, _, places = _find(cms, threshold, Refinement())
    maps = (~points[..., 0].isnan()).flatten().nonzero()[:, 0]
    pixels = torch.from_numpy(places)[maps]
    rows, columns = pixels // cms.shape[3], pixels % cms.shape[3]
    wanted = gradients[0].flatten(0, 1)[maps], gradients[1].flatten()[maps]
    options = Refinement(refinement, integral_patch_size, window)
    return pull_back_peaks(cms, (maps, rows, columns), wanted, options), None, None, None, None


def _adjoint_rough(
    needs: tuple[bool, ...],
    gradients: tuple[Tensor, ...],
    outputs: tuple[Tensor, ...],
    cms: Tensor,
    threshold: float,
) -> tuple[Tensor | None, ...]:
    return _adjoint(needs, gradients, outputs, cms, threshold, *Refinement())[:2]


@kernel(
    accepts=_accepts_rough,
    adjoint=_adjoint_rough,
    examples=_examples_rough,
    keep_outputs=False,
    without_gradient=(0,),
)
def find_global_peaks_rough(cms: Tensor, threshold: float) -> tuple[Tensor, Tensor]:
    """Largest pixel of each map."""
    return _find(cms, threshold, Refinement())[:2]


def _without_gradient(cms: Tensor, threshold: float, refinement: str | None, *options: Any) -> tuple[int, ...]:
    """Say that points which are not refined have none."""
    return (0,) if refinement is None else ()


@kernel(
    accepts=_accepts,
    adjoint=_adjoint,
    examples=_examples,
    keep_outputs=False,
    without_gradient=_without_gradient,
)
def find_global_peaks(
    cms: Tensor, threshold: float, refinement: str | None, integral_patch_size: int, window: int
) -> tuple[Tensor, Tensor]:
    """Largest pixel of each map, refined."""
    return _find(cms, threshold, Refinement(refinement, integral_patch_size, window))[:2]


def _find(cms: Tensor, threshold: float, refinement: Refinement) -> tuple[Tensor, Tensor, np.ndarray[Any, Any]]:
    """Return points, values, and the places (row * width + column) of the largest pixels."""
    maps = as_array(cms.flatten(0, 1))
    count, height, width = maps.shape
    row_maxima = np.empty((count, height), np.float32)
    parallel_for(_row_maxima, count * height, maps.reshape(-1, width), row_maxima.reshape(-1), work=maps.size)
    points, values = empty(*cms.shape[:2], 2), empty(*cms.shape[:2])
    places = np.empty(count, np.int64)
    numbers = refinement_numbers(refinement)
    parallel_for(
        _locate, count, maps, row_maxima, f32(threshold), *numbers, as_array(points.view(-1, 2)),
        as_array(values.view(-1)), places, work=count * (width + numbers[3] * 50),
    )  # fmt: skip
    return points, values, places


@compile_kernel
def _row_maxima(start, stop, rows, result):
    for i in range(start, stop):
        row = rows[i]
        best = row[0]
        for j in range(row.shape[0]):
            best = maximum(best, row[j])
        result[i] = best


@compile_kernel
def _locate(start, stop, maps, row_maxima, threshold, refinement, patch, window, columns, points, values, places):
    pixels = np.empty((4, columns), f32)
    for index in range(start, stop):
        maxima, scores = row_maxima[index], maps[index]
        i = 0
        for k in range(1, maxima.shape[0]):
            # A NaN beats every number, and stays.
            if maxima[k] > maxima[i] or (np.isnan(maxima[k]) and not np.isnan(maxima[i])):
                i = k
        value, row, j = maxima[i], scores[i], 0
        while j < row.shape[0] - 1 and not (row[j] == value or np.isnan(row[j])):
            j += 1
        places[index] = i * row.shape[0] + j
        if value >= threshold:
            dx, dy = refine(scores, i, j, refinement, patch, window, pixels)
            points[index, 0], points[index, 1] = f32(j) + dx, f32(i) + dy
        else:
            points[index, 0] = points[index, 1] = f32(np.nan)
        values[index] = f32(0) if value < threshold else value
