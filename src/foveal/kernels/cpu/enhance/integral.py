# SPDX-License-Identifier: Apache-2.0
"""CPU kernels of integral images: one pass over four rows at a time.

Each row has a running sum, which waits for itself alone, and adds to the sums of the columns above it. Both are
float64, so that a sum of a million pixels is as exact as one of two.
    Adjoint: the integral of the gradient from the last pixel on.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from foveal.kernels._kernel import kernel
from foveal.kernels.cpu._array import as_array, empty
from foveal.kernels.cpu._compile import compile_kernel
from foveal.kernels.cpu._parallel import parallel_for

f32, f64 = np.float32, np.float64

# A core takes some 3 pixels per nanosecond, three times what `parallel_for` counts on.
EASE = 3


def _accepts_image(image: Tensor) -> bool:
    return image.dtype is torch.float32 and image.ndim >= 2 and image.numel() > 0


def _accepts_tensor(input: Tensor, dim: Any) -> bool:
    return (
        _accepts_image(input)
        and isinstance(dim, tuple | list)
        and len(dim) == 2
        and all(isinstance(axis, int) for axis in dim)
        and {axis - input.ndim if axis >= 0 else axis for axis in dim} == {-2, -1}
    )


def _examples_image() -> Iterator[tuple[Any, ...]]:
    yield (torch.zeros(1, 4, 4),)


def _examples_tensor() -> Iterator[tuple[Any, ...]]:
    yield torch.zeros(1, 4, 4), (-2, -1)


def _adjoint(
    needs: tuple[bool, ...], gradients: tuple[Tensor, ...], outputs: tuple[Tensor, ...], input: Tensor, *rest: Any
) -> tuple[Tensor | None, ...]:
    return _integrate(gradients[0], backwards=True), *(None for _ in rest)


@kernel(accepts=_accepts_image, adjoint=_adjoint, examples=_examples_image, keep_outputs=False)
def integral_image(image: Tensor) -> Tensor:
    """Integrate images."""
    return _integrate(image)


@kernel(accepts=_accepts_tensor, adjoint=_adjoint, examples=_examples_tensor, keep_outputs=False)
def integral_tensor(input: Tensor, dim: Any) -> Tensor:
    """Integrate along the last two axes."""
    return _integrate(input)


def _integrate(image: Tensor, backwards: bool = False) -> Tensor:
    planes = as_array(image).reshape(-1, *image.shape[-2:])
    result = empty(*image.shape)
    target = result.numpy().reshape(planes.shape)
    if backwards:
        planes, target = planes[:, ::-1, ::-1], target[:, ::-1, ::-1]
    parallel_for(_integral, planes.shape[0], planes, target, work=planes.size // EASE)
    return result


@compile_kernel
def _integral(start, stop, planes, result):
    height, width = planes.shape[1:]
    above = np.empty(width, f64)
    for plane in range(start, stop):
        above[:] = 0.0
        whole = height // 4 * 4
        for i in range(0, whole, 4):
            _four_rows(planes[plane, i : i + 4], above, result[plane, i : i + 4])
        for i in range(whole, height):
            _row(planes[plane, i], above, result[plane, i])


@compile_kernel
def _row(row, above, result):
    total = f64(0)
    for j in range(above.shape[0]):
        total += f64(row[j])
        above[j] += total
        result[j] = f32(above[j])


@compile_kernel
def _four_rows(rows, above, result):
    row_a, row_b, row_c, row_d = rows[0], rows[1], rows[2], rows[3]
    result_a, result_b, result_c, result_d = result[0], result[1], result[2], result[3]
    a, b, c, d = f64(0), f64(0), f64(0), f64(0)
    for j in range(above.shape[0]):
        a += f64(row_a[j])
        b += f64(row_b[j])
        c += f64(row_c[j])
        d += f64(row_d[j])
        total = above[j] + a
        result_a[j] = f32(total)
        total += b
        result_b[j] = f32(total)
        total += c
        result_c[j] = f32(total)
        total += d
        result_d[j] = f32(total)
        above[j] = total
