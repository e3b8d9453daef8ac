# SPDX-License-Identifier: Apache-2.0
"""CPU kernel of planes stretched to a range: one pass for the extremes, one for x' = (x - m) s + low.

With n and m the largest and the smallest pixel, s = (high - low) / (n - m + eps). Adjoint, with G the sum of g, H that
of g (x - m), and K = H s / (n - m + eps): g s to each pixel, -K in equal shares to the largest ones, K - G s in equal
shares to the smallest ones.
"""

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

f32 = np.float32
Array = np.ndarray[Any, Any]

# Sums of so many pixels are taken in float32, those of a plane in float64.
CHUNK = 4096


def _accepts(input: Any, min_val: Any, max_val: Any, eps: Any) -> bool:
    return (
        isinstance(input, Tensor)
        and input.dtype is torch.float32
        and input.ndim >= 2
        and input.numel() > 0
        and all(isinstance(value, float | int) for value in (min_val, max_val, eps))
    )


def _examples() -> Iterator[tuple[Any, ...]]:
    yield torch.zeros(3, 4, 4), 0.0, 1.0, 1e-6


def _adjoint(
    needs: tuple[bool, ...],
    gradients: tuple[Tensor, ...],
    outputs: tuple[Tensor, ...],
    input: Tensor,
    min_val: float,
    max_val: float,
    eps: float,
) -> tuple[Tensor | None, ...]:
    result = empty(*input.shape)
    _for_each_plane(_stretch_adjoint, input, _planes(gradients[0]), f32(max_val - min_val), f32(eps), _planes(result))
    return result, None, None, None


@kernel(accepts=_accepts, adjoint=_adjoint, examples=_examples, keep_outputs=False)
def normalize_min_max(input: Tensor, min_val: float, max_val: float, eps: float) -> Tensor:
    """Find the extremes of a plane, then stretch it."""
    result = empty(*input.shape)
    _for_each_plane(_stretch, input, f32(min_val), f32(max_val - min_val), f32(eps), _planes(result))
    return result


def _planes(image: Tensor) -> Array:
    return as_array(image).reshape(-1, image.shape[-2] * image.shape[-1])


def _for_each_plane(loop: Any, image: Tensor, *arguments: Any) -> None:
    planes = _planes(image)
    parallel_for(loop, len(planes), planes, *arguments, work=planes.size)


@compile_kernel
def _extremes(plane):
    largest, negative = plane[0], -plane[0]
    for j in range(plane.shape[0]):
        largest = maximum(largest, plane[j])
        negative = maximum(negative, -plane[j])
    return -negative, largest


@compile_kernel
def _stretch(start, stop, planes, low, width, eps, result):
    for i in range(start, stop):
        plane, found = planes[i], result[i]
        smallest, largest = _extremes(plane)
        scale = width / (largest - smallest + eps)
        for j in range(found.shape[0]):
            found[j] = (plane[j] - smallest) * scale + low


@compile_kernel
def _sums(plane, gradient, smallest, largest):
    """Return the sums of g and g (x - m), and how many pixels equal m and n."""
    total, moment, lows, highs = f32(0.0), f32(0.0), f32(0.0), f32(0.0)
    for j in range(plane.shape[0]):
        total += gradient[j]
        moment += gradient[j] * (plane[j] - smallest)
        lows += f32(1.0) if plane[j] == smallest else f32(0.0)
        highs += f32(1.0) if plane[j] == largest else f32(0.0)
    return total, moment, lows, highs


@compile_kernel
def _stretch_adjoint(start, stop, planes, gradients, width, eps, result):
    for i in range(start, stop):
        plane, gradient, found = planes[i], gradients[i], result[i]
        smallest, largest = _extremes(plane)
        total, moment, lows, highs = 0.0, 0.0, 0.0, 0.0
        for chunk in range((plane.shape[0] + CHUNK - 1) // CHUNK):
            part = plane[chunk * CHUNK : (chunk + 1) * CHUNK]
            g, h, a, b = _sums(part, gradient[chunk * CHUNK : (chunk + 1) * CHUNK], smallest, largest)
            total += np.float64(g)
            moment += np.float64(h)
            lows += np.float64(a)
            highs += np.float64(b)
        spread = largest - smallest + eps
        scale = width / spread
        through = moment * np.float64(scale) / np.float64(spread)
        to_largest = f32(-through / highs)
        to_smallest = f32((through - total * np.float64(scale)) / lows)
        for j in range(found.shape[0]):
            x = plane[j]
            to_x = gradient[j] * scale
            to_x = to_x + (to_largest if x == largest else f32(0.0))
            found[j] = to_x + (to_smallest if x == smallest else f32(0.0))
