# SPDX-License-Identifier: Apache-2.0
"""CPU kernel of the encoder: each Gaussian is written where it can be told from zero, as a product of two profiles."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from foveal.kernels._kernel import kernel
from foveal.kernels.cpu._array import as_array, empty
from foveal.kernels.cpu._compile import compile_kernel
from foveal.kernels.cpu._exp import exp
from foveal.kernels.cpu._parallel import parallel_for

f32 = np.float32


def _accepts(points: Tensor, size: Any, sigma: Any, stride: Any, align: Any) -> bool:
    return (
        points.dtype is torch.float32
        and points.ndim in (3, 4)
        and points.shape[-1] == 2
        and 0 not in points.shape
        and isinstance(size, tuple | list)
        and len(size) == 2
        and all(type(side) is int and side > 0 for side in (*size, stride))
        and isinstance(sigma, float | int)
        and sigma > 0
        and align in ("first", "center")
    )


def _examples() -> Iterator[tuple[Any, ...]]:
    yield torch.zeros(1, 1, 1, 2), (4, 4), 1.0, 1, "first"


def _adjoint(
    needs: tuple[bool, ...],
    gradients: tuple[Tensor, ...],
    outputs: tuple[Tensor, ...],
    points: Tensor,
    size: tuple[int, int],
    sigma: float,
    stride: int,
    align: str,
) -> tuple[Tensor | None, ...]:
    places = as_array(points if points.ndim == 4 else points[:, None])
    result = empty(*places.shape)
    parallel_for(
        _render_adjoint, places.shape[0] * places.shape[2], places, *_scale(sigma, stride, align),
        as_array(gradients[0]), as_array(outputs[0]), as_array(result), work=gradients[0].numel() * places.shape[1],
    )  # fmt: skip
    return result.view(points.shape), None, None, None, None


@kernel(accepts=_accepts, adjoint=_adjoint, examples=_examples)
def render_confidence_maps(points: Tensor, size: tuple[int, int], sigma: float, stride: int, align: str) -> Tensor:
    """Zeros, then per instance the maximum with its Gaussian inside the window where that is above 1e-19."""
    places = as_array(points if points.ndim == 4 else points[:, None])
    rows, columns = (-(-side // stride) for side in size)
    result = empty(places.shape[0], places.shape[2], rows, columns)
    parallel_for(
        _render, places.shape[0] * places.shape[2], places, *_scale(sigma, stride, align), as_array(result),
        work=result.numel(),
    )  # fmt: skip
    return result


def _scale(sigma: float, stride: int, align: str) -> tuple[np.float32, ...]:
    """Return cells per input pixel, the input pixel of the first cell, and sigma in cells."""
    return f32(1 / stride), f32((stride - 1) / 2 if align == "center" else 0), f32(sigma / stride)


@compile_kernel
def _profile(centre, sigma, values):
    """Write a Gaussian from its first cell that is above 1e-19, and return that cell and the number of cells.

    The product of two values above 1e-19 is a normal number: the slow arithmetic of subnormal ones is never met.
    """
    if not np.isfinite(centre):
        return 0, 0
    reach, last = f32(9.3) * sigma, f32(values.shape[0] - 1)
    lowest, highest = np.ceil(max(centre - reach, f32(0))), np.floor(min(centre + reach, last))
    if not lowest <= highest:
        return 0, 0
    first, count = int(lowest), int(highest - lowest) + 1
    scale, offset = f32(1) / sigma, lowest - centre
    profile = values[:count]
    for j in range(count):
        z = (f32(j) + offset) * scale
        profile[j] = exp(z * z * f32(-0.5))
    return first, count


@compile_kernel
def _render(start, stop, points, cells, origin, sigma, result):
    across, down = np.empty(result.shape[3], f32), np.empty(result.shape[2], f32)
    for index in range(start, stop):
        sample, channel = index // points.shape[2], index % points.shape[2]
        plane = result[sample, channel]
        plane[:] = f32(0)
        for instance in range(points.shape[1]):
            x, y = points[sample, instance, channel]
            left, width = _profile((x - origin) * cells, sigma, across)
            top, height = _profile((y - origin) * cells, sigma, down)
            profile = across[:width]
            for i in range(height if width > 0 else 0):
                row, factor = plane[top + i, left : left + width], down[i]
                for j in range(width):
                    value = profile[j] * factor
                    row[j] = value if value > row[j] else row[j]


@compile_kernel
def _render_adjoint(start, stop, points, cells, origin, sigma, gradients, maps, result):
    """The derivative of a value by x is value * (column - x) / sigma^2, for the instance that gave it; ties share."""
    instances, columns, rows = points.shape[1], maps.shape[3], maps.shape[2]
    across, down = np.empty((instances, columns), f32), np.empty((instances, rows), f32)
    left, width, top, height = np.empty((4, instances), np.int64)
    winners = np.empty(columns, f32)
    for index in range(start, stop):
        sample, channel = index // points.shape[2], index % points.shape[2]
        for k in range(instances):
            x, y = points[sample, k, channel]
            left[k], width[k] = _profile((x - origin) * cells, sigma, across[k])
            top[k], height[k] = _profile((y - origin) * cells, sigma, down[k])
            result[sample, k, channel] = f32(0)
        for i in range(rows):
            gradient, values = gradients[sample, channel, i], maps[sample, channel, i]
            if instances > 1:
                winners[:] = f32(0)
                for k in range(instances):
                    if top[k] <= i < top[k] + height[k] and width[k] > 0:
                        _count(across[k], down[k, i - top[k]], left[k], width[k], values, winners)
            for k in range(instances):
                if top[k] <= i < top[k] + height[k] and width[k] > 0:
                    x, y = points[sample, k, channel]
                    window = slice(left[k], left[k] + width[k])
                    row_gradient, row_values, row_winners = gradient[window], values[window], winners[window]
                    profile, factor = across[k], down[k, i - top[k]]
                    offset = f32(left[k]) - (x - origin) * cells
                    total, total_x = f32(0), f32(0)
                    for j in range(width[k]):
                        value = profile[j] * factor
                        weight = row_gradient[j] * value
                        if instances > 1:
                            weight = weight / row_winners[j] if value >= row_values[j] * NEARLY else f32(0)
                        total += weight
                        total_x += weight * (f32(j) + offset)
                    result[sample, k, channel, 0] += total_x
                    result[sample, k, channel, 1] += total * (f32(i) - (y - origin) * cells)
        for k in range(instances):
            result[sample, k, channel, 0] *= cells / (sigma * sigma)
            result[sample, k, channel, 1] *= cells / (sigma * sigma)


# Two instances equally far from a cell may differ there in the last digits.
NEARLY = f32(1 - 1e-6)


@compile_kernel
def _count(profile, factor, left, width, values, winners):
    row_values, row_winners = values[left : left + width], winners[left : left + width]
    for j in range(width):
        row_winners[j] += f32(1) if profile[j] * factor >= row_values[j] * NEARLY else f32(0)
