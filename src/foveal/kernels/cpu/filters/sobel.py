# SPDX-License-Identifier: Apache-2.0
"""CPU kernel of Sobel's magnitude: one pass, three rows to one.

Adjoint, with m = sqrt(gx^2 + gy^2 + eps) and g the gradient to m: the cotangents of gx and gy are g gx / m and
g gy / m, computed anew row by row, and pulled back as those of `spatial_gradient`, in the same pass.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from foveal.filters.gradient_kernels import RESPONSES
from foveal.kernels._kernel import kernel
from foveal.kernels.cpu._array import empty
from foveal.kernels.cpu._compile import compile_kernel
from foveal.kernels.cpu._parallel import parallel_for
from foveal.kernels.cpu.filters._gradient_rows import (
    close_row,
    pixel_gradient,
    planes_of,
    pull_row,
    row_gradient,
    rows_of_gradient,
)

f32 = np.float32
ONE, TWO = f32(1), f32(2)


def _accepts(input: Tensor, normalized: bool, eps: float) -> bool:
    return (
        input.dtype is torch.float32 and input.ndim == 4 and input.numel() > 0 and isinstance(eps, int | float)
    )  # fmt: skip


def _examples() -> Iterator[tuple[Any, ...]]:
    yield torch.zeros(1, 1, 4, 4), True, 1e-6


def _adjoint(
    needs: tuple[bool, ...],
    gradients: tuple[Tensor, ...],
    outputs: tuple[Tensor, ...],
    input: Tensor,
    normalized: bool,
    eps: float,
) -> tuple[Tensor | None, ...]:
    result = empty(*input.shape)
    planes = planes_of(input)
    parallel_for(
        _pull_back, planes.shape[0] * planes.shape[1], planes, rows_of_gradient(gradients[0]), _scale(normalized),
        f32(eps), planes_of(result), work=planes.size,
    )  # fmt: skip
    return result, None, None


@kernel(accepts=_accepts, adjoint=_adjoint, examples=_examples, keep_outputs=False)
def sobel(input: Tensor, normalized: bool, eps: float) -> Tensor:
    """Magnitudes in one pass over the rows."""
    result = empty(*input.shape)
    planes = planes_of(input)
    rows = planes.shape[0] * planes.shape[1]
    parallel_for(_magnitudes, rows, planes, _scale(normalized), f32(eps), planes_of(result), work=planes.size)
    return result


def _scale(normalized: bool) -> np.float32:
    return f32(1 / RESPONSES["sobel", 1][0] if normalized else 1)


@compile_kernel(inline="always")
def _magnitude(x, y, eps):
    return np.sqrt(x * x + y * y + eps)


@compile_kernel
def _magnitudes(start, stop, planes, scale, eps, result):
    height, width = planes.shape[1:]
    last, size = width - 1, width - 2
    for number in range(start, stop):
        index, i = number // height, number % height
        plane, out = planes[index], result[index, i]
        up, row, down = plane[max(i - 1, 0)], plane[i], plane[min(i + 1, height - 1)]
        x, y = pixel_gradient(up, row, down, 0, 0, min(1, last), True, scale)
        out[0] = _magnitude(x, y, eps)
        x, y = pixel_gradient(up, row, down, max(last - 1, 0), last, last, True, scale)
        out[last] = _magnitude(x, y, eps)
        if width < 3:
            continue
        up0, up1, up2 = up[0:size], up[1 : size + 1], up[2 : size + 2]
        row0, row2 = row[0:size], row[2 : size + 2]
        down0, down1, down2 = down[0:size], down[1 : size + 1], down[2 : size + 2]
        inner = out[1 : size + 1]
        for j in range(size):
            falling, rising = down2[j] - up0[j], down0[j] - up2[j]
            x = scale * (falling - rising + TWO * (row2[j] - row0[j]))
            y = scale * (falling + rising + TWO * (down1[j] - up1[j]))
            inner[j] = _magnitude(x, y, eps)


@compile_kernel
def _load(plane, i, gradient, scale, eps, x, y):
    """Write the cotangents of the derivatives of a row, extended, into x and y."""
    height, width = plane.shape
    up, row, down = plane[max(i - 1, 0)], plane[i], plane[min(i + 1, height - 1)]
    to_x, to_y = x[1 : width + 1], y[1 : width + 1]
    row_gradient(up, row, down, True, scale, to_x, to_y)
    for j in range(width):
        share = scale * gradient[j] / _magnitude(to_x[j], to_y[j], eps)
        to_x[j] *= share
        to_y[j] *= share
    close_row(x, y, width)


@compile_kernel
def _pull_back(start, stop, planes, gradients, scale, eps, result):
    height, width = planes.shape[1:]
    x, y = np.empty((3, width + 2), f32), np.empty((3, width + 2), f32)
    loaded = -1
    for number in range(start, stop):
        index, i = number // height, number % height
        above, below = max(i - 1, 0), min(i + 1, height - 1)
        gradient = gradients[index % gradients.shape[0]]
        if number == start or i == 0:
            loaded = above - 1
        while loaded < below:
            loaded += 1
            slot = loaded % 3
            _load(planes[index], loaded, gradient[loaded % gradient.shape[0]], scale, eps, x[slot], y[slot])
        pull_row(
            x[above % 3], x[i % 3], x[below % 3], y[above % 3], y[below % 3],
            ONE if above < i else -ONE, ONE if below > i else -ONE, True, result[index, i],
        )  # fmt: skip
