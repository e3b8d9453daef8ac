# SPDX-License-Identifier: Apache-2.0
"""CPU kernels of the derivatives of images and volumes.

First derivatives take one pass over the rows, and one for the adjoint; second ones of images are small filters.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from foveal.filters.gradient_kernels import PRODUCTS, RESPONSES
from foveal.kernels._kernel import kernel
from foveal.kernels.cpu._array import as_array, empty
from foveal.kernels.cpu._compile import compile_kernel
from foveal.kernels.cpu._parallel import parallel_for
from foveal.kernels.cpu.filters._gradient_rows import (
    close_row,
    planes_of,
    pull_row,
    row_gradient,
    rows_of_gradient,
)
from foveal.kernels.cpu.filters._layout import Array
from foveal.kernels.cpu.filters._stencil import fits, stencil_adjoint, stencils
from foveal.kernels.cpu.filters._volume_rows import volume_differences, volume_differences_adjoint

f32 = np.float32
ONE = f32(1)


def _accepts(input: Tensor, mode: str, order: int, normalized: bool) -> bool:
    return (
        input.dtype is torch.float32
        and input.ndim == 4
        and input.numel() > 0
        and isinstance(mode, str)
        and mode.lower() in ("sobel", "diff")
        and (order == 1 or (order == 2 and fits(input, _sides(mode))))
    )


def _sides(mode: str) -> tuple[int, int]:
    """Return the sides of the stencils of the second derivatives."""
    column, row = PRODUCTS[mode.lower(), 2][0]
    return len(column), len(row)


def _examples() -> Iterator[tuple[Any, ...]]:
    yield torch.zeros(1, 1, 4, 4), "sobel", 1, True
    for mode in ("sobel", "diff"):
        yield torch.zeros(1, 1, 40, 40), mode, 2, True


def _adjoint(
    needs: tuple[bool, ...],
    gradients: tuple[Tensor, ...],
    outputs: tuple[Tensor, ...],
    input: Tensor,
    mode: str,
    order: int,
    normalized: bool,
) -> tuple[Tensor | None, ...]:
    if order == 2:
        gradient, weights = gradients[0], _second(mode, normalized)
        parts = [stencil_adjoint(gradient[:, :, k], weights[k : k + 1], "replicate") for k in range(len(weights))]
        return parts[0].add_(parts[1]).add_(parts[2]), None, None, None
    result = empty(*input.shape)
    planes = planes_of(result)
    parallel_for(
        _pull_back, planes.shape[0] * planes.shape[1], rows_of_gradient(gradients[0]), *_stencil(mode, normalized),
        planes, work=planes.size,
    )  # fmt: skip
    return result, None, None, None


@kernel(accepts=_accepts, adjoint=_adjoint, examples=_examples, keep_outputs=False)
def spatial_gradient(input: Tensor, mode: str, order: int, normalized: bool) -> Tensor:
    """Both derivatives in one pass over the rows, or the three second ones as filters."""
    if order == 2:
        return stencils(input, _second(mode, normalized), "replicate")
    result = empty(*input.shape[:2], 2, *input.shape[2:])
    planes = planes_of(input)
    derivatives = result.numpy().reshape(-1, 2, *input.shape[2:])
    rows = planes.shape[0] * planes.shape[1]
    parallel_for(_derivatives, rows, planes, *_stencil(mode, normalized), derivatives, work=planes.size)
    return result


def _accepts_volume(input: Tensor, mode: str, order: int) -> bool:
    return (
        input.dtype is torch.float32
        and input.ndim == 5
        and input.numel() > 0
        and isinstance(mode, str)
        and mode.lower() == "diff"
        and order == 1
    )


def _examples_of_volume() -> Iterator[tuple[Any, ...]]:
    yield torch.zeros(1, 1, 2, 3, 4), "diff", 1


def _adjoint_of_volume(
    needs: tuple[bool, ...], gradients: tuple[Tensor, ...], outputs: tuple[Tensor, ...], input: Tensor, *options: Any
) -> tuple[Tensor | None, ...]:
    result, gradient = empty(*input.shape), gradients[0]
    if any(gradient.stride()):
        given = as_array(gradient).reshape(-1, 3, *input.shape[2:])
    else:  # one and the same value, as of a sum or a mean
        given = as_array(gradient[:1, 0, :1, :1, :1])
    volumes = result.numpy().reshape(-1, *input.shape[2:])
    rows = volumes.shape[0] * volumes.shape[1] * volumes.shape[2]
    parallel_for(volume_differences_adjoint, rows, given, volumes, work=volumes.size)
    return result, None, None


@kernel(accepts=_accepts_volume, adjoint=_adjoint_of_volume, examples=_examples_of_volume, keep_outputs=False)
def spatial_gradient3d(input: Tensor, mode: str, order: int) -> Tensor:
    """The three derivatives in one pass over the rows."""
    result = empty(*input.shape[:2], 3, *input.shape[2:])
    volumes = as_array(input).reshape(-1, *input.shape[2:])
    rows = volumes.shape[0] * volumes.shape[1] * volumes.shape[2]
    derivatives = result.numpy().reshape(-1, 3, *input.shape[2:])
    parallel_for(volume_differences, rows, volumes, derivatives, work=volumes.size)
    return result


def _stencil(mode: str, normalized: bool) -> tuple[bool, np.float32]:
    mode = mode.lower()
    return mode == "sobel", f32(1 / RESPONSES[mode, 1][0] if normalized else 1)


def _second(mode: str, normalized: bool) -> Array:
    """Return the stencils of the second derivatives."""
    key = mode.lower(), 2
    kernels = [np.outer(column, row) for column, row in PRODUCTS[key]]
    scales = [response if normalized else 1 for response in RESPONSES[key]]
    return np.stack([kernel / scale for kernel, scale in zip(kernels, scales, strict=True)]).astype(np.float32)


@compile_kernel
def _derivatives(start, stop, planes, smooth, scale, result):
    height = planes.shape[1]
    for number in range(start, stop):
        index, i = number // height, number % height
        plane = planes[index]
        up, row, down = plane[max(i - 1, 0)], plane[i], plane[min(i + 1, height - 1)]
        row_gradient(up, row, down, smooth, scale, result[index, 0, i], result[index, 1, i])


@compile_kernel
def _load(gradients, index, i, scale, x, y):
    """Write the cotangents of a row, extended, into x and y."""
    planes, rows = gradients.shape[:2]
    from_x, from_y = gradients[(2 * index) % planes, i % rows], gradients[(2 * index + 1) % planes, i % rows]
    width = from_x.shape[0]
    to_x, to_y = x[1 : width + 1], y[1 : width + 1]
    for j in range(width):
        to_x[j] = scale * from_x[j]
        to_y[j] = scale * from_y[j]
    close_row(x, y, width)


@compile_kernel
def _pull_back(start, stop, gradients, smooth, scale, result):
    height, width = result.shape[1:]
    x, y = np.empty((3, width + 2), f32), np.empty((3, width + 2), f32)
    loaded = -1
    for number in range(start, stop):
        index, i = number // height, number % height
        above, below = max(i - 1, 0), min(i + 1, height - 1)
        if number == start or i == 0:
            loaded = above - 1
        while loaded < below:
            loaded += 1
            _load(gradients, index, loaded, scale, x[loaded % 3], y[loaded % 3])
        pull_row(
            x[above % 3], x[i % 3], x[below % 3], y[above % 3], y[below % 3],
            ONE if above < i else -ONE, ONE if below > i else -ONE, smooth, result[index, i],
        )  # fmt: skip
