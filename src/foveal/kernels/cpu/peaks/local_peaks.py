# SPDX-License-Identifier: Apache-2.0
"""CPU kernel of the local peaks: one read of the maps, then a walk over what it found."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from foveal.kernels._kernel import kernel
from foveal.kernels.cpu._array import as_array, empty
from foveal.kernels.cpu._compile import compile_kernel
from foveal.kernels.cpu._parallel import parallel_for
from foveal.kernels.cpu.peaks._local_maxima import find_local_maxima
from foveal.kernels.cpu.peaks._places import accepts_maps, pull_back_peaks, refinement_numbers
from foveal.kernels.cpu.peaks._refinement import refine
from foveal.peaks.refinement import Refinement

f32 = np.float32
Array = np.ndarray[Any, Any]


def _accepts(
    cms: Tensor, threshold: Any, refinement: Any, integral_patch_size: Any, max_peaks: Any, window: Any
) -> bool:
    count = max_peaks is None or (type(max_peaks) is int and max_peaks >= 1)
    return count and accepts_maps(cms, threshold, Refinement(refinement, integral_patch_size, window))


def _accepts_rough(cms: Tensor, threshold: Any) -> bool:
    return accepts_maps(cms, threshold, Refinement())


def _examples() -> Iterator[tuple[Any, ...]]:
    yield torch.ones(1, 1, 4, 4), 0.2, None, 5, None, 25
    yield torch.ones(1, 1, 4, 4), 0.2, None, 5, 1, 25


def _examples_rough() -> Iterator[tuple[Any, ...]]:
    yield torch.ones(1, 1, 4, 4), 0.2


def _adjoint(
    needs: tuple[bool, ...],
    gradients: tuple[Tensor, ...],
    outputs: tuple[Tensor, ...],
    cms: Tensor,
    threshold: float,
    refinement: str | None,
    integral_patch_size: int,
    max_peaks: int | None,
    window: int,
) -> tuple[Tensor | None, ...]:
    maps, rows, columns = _places(cms, threshold) if max_peaks is None else _highest(cms, threshold, max_peaks)
    found = torch.from_numpy(maps >= 0)
    places = torch.from_numpy(maps)[found], torch.from_numpy(rows)[found], torch.from_numpy(columns)[found]
    wanted = gradients[0].reshape(-1, 2)[found], gradients[1].reshape(-1)[found]
    options = Refinement(refinement, integral_patch_size, window)
    return pull_back_peaks(cms, places, wanted, options), None, None, None, None, None


def _adjoint_rough(
    needs: tuple[bool, ...],
    gradients: tuple[Tensor, ...],
    outputs: tuple[Tensor, ...],
    cms: Tensor,
    threshold: float,
) -> tuple[Tensor | None, ...]:
    return _adjoint(needs, gradients, outputs, cms, threshold, None, 5, None, 3)[:2]


@kernel(
    accepts=_accepts_rough,
    adjoint=_adjoint_rough,
    examples=_examples_rough,
    keep_outputs=False,
    without_gradient=(0,),
)
def find_local_peaks_rough(cms: Tensor, threshold: float) -> tuple[Tensor, ...]:
    """Local maxima."""
    return find_local_peaks.forward(cms, threshold, None, 5, None, 3)


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
def find_local_peaks(
    cms: Tensor,
    threshold: float,
    refinement: str | None,
    integral_patch_size: int,
    max_peaks: int | None,
    window: int,
) -> tuple[Tensor, ...]:
    """Local maxima, refined."""
    places = _places(cms, threshold) if max_peaks is None else _highest(cms, threshold, max_peaks)
    shape = places[0].shape if max_peaks is None else (*cms.shape[:2], max_peaks)
    points, values = empty(*shape, 2), empty(*shape)
    samples, channels = empty(*shape, dtype=torch.int32), empty(*shape, dtype=torch.int32)
    numbers = refinement_numbers(Refinement(refinement, integral_patch_size, window))
    parallel_for(
        _refine, len(places[0]), as_array(cms.flatten(0, 1)), cms.shape[1], *places, *numbers,
        as_array(points.view(-1, 2)), *(as_array(output.view(-1)) for output in (values, samples, channels)),
        work=len(places[0]) * (100 + numbers[3] * 50),
    )  # fmt: skip
    return points, values, samples, channels


def _places(cms: Tensor, threshold: float) -> tuple[Array, Array, Array]:
    """Return map, row and column of every peak, by sample, row, column and channel."""
    channels, height, width = cms.shape[1:]
    maps, pixels = np.divmod(find_local_maxima(cms, threshold), height * width)
    samples, channel = np.divmod(maps, channels)
    key = np.sort((samples * (height * width) + pixels) * channels + channel)
    key, channel = np.divmod(key, channels)
    samples, pixels = np.divmod(key, height * width)
    return samples * channels + channel, *np.divmod(pixels, width)


def _highest(cms: Tensor, threshold: float, max_peaks: int) -> tuple[Array, Array, Array]:
    """Return map (-1 for an empty place), row and column of the highest peaks of each map, highest first."""
    maps = as_array(cms.flatten(0, 1))
    count, height, width = maps.shape
    places = find_local_maxima(cms, threshold)
    bounds = np.searchsorted(places, np.arange(count + 1) * (height * width))
    result = np.empty((count, max_peaks), np.int64)
    parallel_for(_select, count, maps.reshape(-1), places, bounds, result, work=len(places) * max_peaks)
    chosen, pixels = np.divmod(np.maximum(result.reshape(-1), 0), height * width)
    return np.where(result.reshape(-1) < 0, -1, chosen), *np.divmod(pixels, width)


@compile_kernel
def _select(start, stop, scores, places, bounds, result):
    """Insert the peaks of a map into its list of the highest ones; of equal peaks the first stays before."""
    for index in range(start, stop):
        highest = result[index]
        highest[:] = -1
        for k in range(bounds[index], bounds[index + 1]):
            score = scores[places[k]]
            place = highest.shape[0]
            while place > 0 and (highest[place - 1] < 0 or scores[highest[place - 1]] < score):
                if place < highest.shape[0]:
                    highest[place] = highest[place - 1]
                place -= 1
            if place < highest.shape[0]:
                highest[place] = places[k]


@compile_kernel
def _refine(
    start, stop, maps, channels, indices, rows, columns, refinement, patch, window, scratch, points, values,
    sample_inds, channel_inds,
):  # fmt: skip
    pixels = np.empty((4, scratch), f32)
    for k in range(start, stop):
        index, row, column = indices[k], rows[k], columns[k]
        if index < 0:
            points[k, 0] = points[k, 1] = f32(np.nan)
            values[k], sample_inds[k], channel_inds[k] = f32(0), -1, -1
            continue
        scores = maps[index]
        dx, dy = refine(scores, row, column, refinement, patch, window, pixels)
        points[k, 0], points[k, 1] = f32(column) + dx, f32(row) + dy
        values[k] = scores[row, column]
        sample_inds[k], channel_inds[k] = index // channels, index % channels
