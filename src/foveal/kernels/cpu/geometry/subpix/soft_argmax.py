# SPDX-License-Identifier: Apache-2.0
"""CPU kernel of the spatial soft-argmax: one pass over each map, no map of probabilities.

A map is read in chunks of whole rows that stay in the first-level cache: first the chunk's largest score, then its sums
of e^(score - largest) times 1, x and y, which join the map's sums on the scale of the largest score so far.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from foveal.kernels._kernel import kernel
from foveal.kernels.cpu._array import as_array, empty
from foveal.kernels.cpu._compile import compile_kernel
from foveal.kernels.cpu._exp import exp2
from foveal.kernels.cpu._maximum import maximum
from foveal.kernels.cpu._parallel import parallel_for

f32 = np.float32
LOWEST = f32(np.finfo(np.float32).min)
LOG2_E = float(np.log2(np.e))

# Elements of a chunk: the vector loops run long enough, and chunk and coordinates fit in the first-level cache.
CHUNK = 1024
# A core takes some 7 elements per nanosecond, eight times what `parallel_for` counts on.
EASE = 8


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
    maps = as_array(input)
    result = empty(*maps.shape)
    count, width = maps.shape[0] * maps.shape[1], maps.shape[3]
    parallel_for(
        _soft_argmax_adjoint, count, maps.reshape(count, -1), width, f32(LOG2_E / (temperature or 1.0)),
        as_array(gradients[0]).reshape(count, 2), *_grid(input, normalized_coordinates),
        result.numpy().reshape(count, -1), work=maps.size // EASE,
    )  # fmt: skip
    return result, None, None


@kernel(accepts=_accepts, adjoint=_adjoint, examples=_examples, keep_outputs=False)
def spatial_soft_argmax2d(input: Tensor, temperature: float | None, normalized_coordinates: bool) -> Tensor:
    """Soft-argmax by an online softmax over the chunks of a map."""
    maps = as_array(input)
    result = empty(*maps.shape[:2], 2)
    count, width = maps.shape[0] * maps.shape[1], maps.shape[3]
    parallel_for(
        _soft_argmax, count, maps.reshape(count, -1), width, f32(LOG2_E / (temperature or 1.0)),
        *_grid(input, normalized_coordinates), result.numpy().reshape(count, 2), work=maps.size // EASE,
    )  # fmt: skip
    return result


def _grid(input: Tensor, normalized: bool) -> tuple[np.float32, ...]:
    """Return step and origin of the x, then the y coordinate: step * pixel + origin."""
    if not normalized:
        return f32(1), f32(0), f32(1), f32(0)
    height, width = input.shape[2:]
    x = (f32(2 / (width - 1)), f32(-1)) if width > 1 else (f32(0), f32(0))
    y = (f32(2 / (height - 1)), f32(-1)) if height > 1 else (f32(0), f32(0))
    return *x, *y


@compile_kernel
def _places(size, width):
    """Return x and y of the elements of a map's first chunk, and its number of rows."""
    rows = max(1, min(CHUNK, size) // width)
    x, y = np.empty(rows * width, f32), np.empty(rows * width, f32)
    for i in range(rows):
        for j in range(width):
            x[i * width + j] = f32(j)
            y[i * width + j] = f32(i)
    return x, y, rows


@compile_kernel
def _largest(scores, best):
    for j in range(scores.shape[0]):
        best = maximum(best, scores[j])
    return best


@compile_kernel
def _sums(scores, largest, sharpness, x, y):
    """Return the sums of the weights times 1, x and y."""
    total, total_x, total_y = f32(0), f32(0), f32(0)
    for j in range(scores.shape[0]):
        weight = exp2((scores[j] - largest) * sharpness)
        total += weight
        total_x += weight * x[j]
        total_y += weight * y[j]
    return total, total_x, total_y


@compile_kernel
def _expectation(scores, sharpness, x, y, rows):
    """Return a map's largest score, the sum of its weights, and its mean x and y."""
    largest, total, total_x, total_y = LOWEST, f32(0), f32(0), f32(0)
    for chunk in range((scores.shape[0] + x.shape[0] - 1) // x.shape[0]):
        part = scores[chunk * x.shape[0] : (chunk + 1) * x.shape[0]]
        before, largest = largest, _largest(part, largest)
        part_total, part_x, part_y = _sums(part, largest, sharpness, x, y)
        kept = exp2((before - largest) * sharpness)
        total = total * kept + part_total
        total_x = total_x * kept + part_x
        total_y = total_y * kept + part_y + part_total * f32(chunk * rows)
    # The largest score has weight 1: without one the map is -inf throughout, and its softmax 0 / 0.
    inverse = f32(1) / total if total > f32(0.5) else f32(np.nan)
    return largest, inverse, total_x * inverse, total_y * inverse


@compile_kernel
def _soft_argmax(start, stop, maps, width, sharpness, step_x, origin_x, step_y, origin_y, result):
    x, y, rows = _places(maps.shape[1], width)
    for index in range(start, stop):
        _, _, mean_x, mean_y = _expectation(maps[index], sharpness, x, y, rows)
        result[index, 0] = mean_x * step_x + origin_x
        result[index, 1] = mean_y * step_y + origin_y


@compile_kernel
def _scaled_weights(scores, largest, sharpness, base, slope_x, slope_y, x, y, result):
    for j in range(scores.shape[0]):
        result[j] = exp2((scores[j] - largest) * sharpness) * (base + slope_x * x[j] + slope_y * y[j])


@compile_kernel
def _soft_argmax_adjoint(start, stop, maps, width, sharpness, gradients, step_x, origin_x, step_y, origin_y, result):
    """The derivative of the mean position by a score is probability * (position - mean) / temperature."""
    x, y, rows = _places(maps.shape[1], width)
    size = x.shape[0]
    for index in range(start, stop):
        scores, gradient = maps[index], result[index]
        largest, inverse, mean_x, mean_y = _expectation(scores, sharpness, x, y, rows)
        scale = inverse * sharpness * f32(1 / LOG2_E)
        slope_x, slope_y = gradients[index, 0] * step_x * scale, gradients[index, 1] * step_y * scale
        for chunk in range((scores.shape[0] + size - 1) // size):
            part, gradient_part = scores[chunk * size : (chunk + 1) * size], gradient[chunk * size : (chunk + 1) * size]
            base = slope_y * (f32(chunk * rows) - mean_y) - slope_x * mean_x
            _scaled_weights(part, largest, sharpness, base, slope_x, slope_y, x, y, gradient_part)
