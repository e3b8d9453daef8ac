# SPDX-License-Identifier: Apache-2.0
"""CPU kernel of the spatial soft-argmax: two passes over each map while it is in cache, no map of probabilities."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from foveal.kernels._kernel import kernel
from foveal.kernels.cpu._array import as_array, empty
from foveal.kernels.cpu._compile import FAST_MATH, compile_kernel
from foveal.kernels.cpu._exp import exp
from foveal.kernels.cpu._parallel import parallel_for

f32 = np.float32


def _accepts(input: Tensor, temperature: Any, normalized_coordinates: bool) -> bool:
    return (
        input.dtype is torch.float32
        and input.ndim == 4
        and 0 not in input.shape
        and not isinstance(temperature, Tensor)
        and (temperature is None or temperature > 0)
    )


def _examples() -> Iterator[tuple[Any, ...]]:
    yield torch.zeros(1, 1, 4, 4), None, True


def _adjoint(
    needs: tuple[bool, ...],
    gradients: tuple[Tensor, ...],
    outputs: tuple[Tensor, ...],
    input: Tensor,
    temperature: float | None,
    normalized_coordinates: bool,
) -> tuple[Tensor | None, ...]:
    maps = as_array(input.flatten(0, 1))
    result = empty(*maps.shape)
    scale = _scale(input, normalized_coordinates)
    parallel_for(
        _soft_argmax_adjoint, len(maps), maps, f32(1 / (temperature or 1.0)), *scale,
        as_array(gradients[0].flatten(0, 1)), as_array(outputs[0].flatten(0, 1)), as_array(result), work=maps.size,
    )  # fmt: skip
    return result.view(input.shape), None, None


@kernel(accepts=_accepts, adjoint=_adjoint, examples=_examples)
def spatial_soft_argmax2d(input: Tensor, temperature: float | None, normalized_coordinates: bool) -> Tensor:
    """Soft-argmax: per map the largest score, then the sums of e^(score - largest) times 1, x and y."""
    maps = as_array(input.flatten(0, 1))
    result = empty(*input.shape[:2], 2)
    scale = _scale(input, normalized_coordinates)
    parallel_for(
        _soft_argmax, len(maps), maps, f32(1 / (temperature or 1.0)), *scale, as_array(result.flatten(0, 1)),
        work=maps.size,
    )  # fmt: skip
    return result


def _scale(input: Tensor, normalized: bool) -> tuple[np.float32, ...]:
    """Return step and origin of the x, then the y coordinate: step * pixel + origin."""
    steps = [2 / (size - 1) if size > 1 else 0.0 for size in (input.shape[3], input.shape[2])]
    origins = [-1.0 if size > 1 else 0.0 for size in (input.shape[3], input.shape[2])]
    return (f32(steps[0]), f32(origins[0]), f32(steps[1]), f32(origins[1])) if normalized else (f32(1), f32(0)) * 2


@compile_kernel(fastmath=FAST_MATH | {"nnan"})
def _largest(scores):
    """Return the largest score of a map; NaN is caught by the sums, which keep it."""
    best = scores[0, 0]
    for i in range(scores.shape[0]):
        row = scores[i]
        for j in range(row.shape[0]):
            best = row[j] if row[j] > best else best
    return best


@compile_kernel
def _soft_argmax(start, stop, maps, sharpness, step_x, origin_x, step_y, origin_y, result):
    for index in range(start, stop):
        scores = maps[index]
        largest = _largest(scores)
        total, total_x, total_y = f32(0), f32(0), f32(0)
        for i in range(scores.shape[0]):
            row = scores[i]
            row_total, row_x = f32(0), f32(0)
            for j in range(row.shape[0]):
                weight = exp((row[j] - largest) * sharpness)
                row_total += weight
                row_x += weight * f32(j)
            total += row_total
            total_x += row_x
            total_y += row_total * f32(i)
        result[index, 0] = total_x / total * step_x + origin_x
        result[index, 1] = total_y / total * step_y + origin_y


@compile_kernel
def _soft_argmax_adjoint(start, stop, maps, sharpness, step_x, origin_x, step_y, origin_y, gradients, points, result):
    """d(x, y) / d score = probability * (position - (x, y)) * sharpness."""
    for index in range(start, stop):
        scores, gradient = maps[index], result[index]
        largest = _largest(scores)
        total = f32(0)
        for i in range(scores.shape[0]):
            row, gradient_row = scores[i], gradient[i]
            for j in range(row.shape[0]):
                weight = exp((row[j] - largest) * sharpness)
                gradient_row[j] = weight
                total += weight
        factor_x = gradients[index, 0] * sharpness / total
        factor_y = gradients[index, 1] * sharpness / total
        for i in range(scores.shape[0]):
            gradient_row = gradient[i]
            base = (f32(i) * step_y + origin_y - points[index, 1]) * factor_y + (origin_x - points[index, 0]) * factor_x
            slope = step_x * factor_x
            for j in range(gradient_row.shape[0]):
                gradient_row[j] *= base + slope * f32(j)
