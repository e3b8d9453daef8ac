# SPDX-License-Identifier: Apache-2.0
"""CPU kernel that divides points by their last coordinate: one pass over the rows."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from foveal.kernels._kernel import kernel
from foveal.kernels.cpu._array import as_array, empty
from foveal.kernels.cpu._compile import compile_kernel
from foveal.kernels.cpu._parallel import parallel_for
from foveal.kernels.cpu._vector import select
from foveal.kernels.cpu.geometry.conversions._rows import EASE, ROWS, u

f32 = np.float32
ZERO, ONE = f32(0), f32(1)


@compile_kernel(inline="always")
def inverse_weight(weight, eps):
    """Return what a point is multiplied by, and what that changes by with the weight."""
    finite = abs(weight) > eps
    inverse = ONE / select(finite, weight, ONE)
    return inverse, select(finite, -inverse, ZERO)


@compile_kernel(**ROWS)
def _plane(start, stop, points, eps, result):
    points, result = points[3 * start : 3 * stop], result[2 * start : 2 * stop]
    for i in range(u(stop - start)):
        p, o = u(3) * i, u(2) * i
        inverse, _ = inverse_weight(points[p + u(2)], eps)
        result[o] = points[p] * inverse
        result[o + u(1)] = points[p + u(1)] * inverse


@compile_kernel(**ROWS)
def _space(start, stop, points, eps, result):
    points, result = points[4 * start : 4 * stop], result[3 * start : 3 * stop]
    for i in range(u(stop - start)):
        p, o = u(4) * i, u(3) * i
        inverse, _ = inverse_weight(points[p + u(3)], eps)
        result[o] = points[p] * inverse
        result[o + u(1)] = points[p + u(1)] * inverse
        result[o + u(2)] = points[p + u(2)] * inverse


@compile_kernel(**ROWS)
def _plane_adjoint(start, stop, points, gradients, eps, result):
    points, gradients = points[3 * start : 3 * stop], gradients[2 * start : 2 * stop]
    result = result[3 * start : 3 * stop]
    for i in range(u(stop - start)):
        p, o = u(3) * i, u(2) * i
        inverse, slope = inverse_weight(points[p + u(2)], eps)
        x, y = gradients[o] * inverse, gradients[o + u(1)] * inverse
        result[p] = x
        result[p + u(1)] = y
        result[p + u(2)] = (x * points[p] + y * points[p + u(1)]) * slope


@compile_kernel(**ROWS)
def _space_adjoint(start, stop, points, gradients, eps, result):
    points, gradients = points[4 * start : 4 * stop], gradients[3 * start : 3 * stop]
    result = result[4 * start : 4 * stop]
    for i in range(u(stop - start)):
        p, o = u(4) * i, u(3) * i
        inverse, slope = inverse_weight(points[p + u(3)], eps)
        x, y, z = gradients[o] * inverse, gradients[o + u(1)] * inverse, gradients[o + u(2)] * inverse
        result[p] = x
        result[p + u(1)] = y
        result[p + u(2)] = z
        result[p + u(3)] = (x * points[p] + y * points[p + u(1)] + z * points[p + u(2)]) * slope


def _accepts(points: Tensor, eps: float) -> bool:
    return points.dtype is torch.float32 and points.ndim >= 2 and points.shape[-1] in (3, 4) and points.numel() > 0


def _adjoint(
    needs: tuple[bool, ...], gradients: tuple[Tensor, ...], outputs: tuple[Tensor, ...], points: Tensor, eps: float
) -> tuple[Tensor | None, ...]:
    loop = _plane_adjoint if points.shape[-1] == 3 else _space_adjoint
    return _run(loop, (points, gradients[0]), eps, *points.shape), None


def _examples() -> Any:
    yield torch.ones(1, 3), 1e-8
    yield torch.ones(1, 4), 1e-8


@kernel(accepts=_accepts, adjoint=_adjoint, examples=_examples, keep_outputs=False)
def convert_points_from_homogeneous(points: Tensor, eps: float) -> Tensor:
    """Multiply each row by the inverse of its last number."""
    width = points.shape[-1]
    return _run(_plane if width == 3 else _space, (points,), eps, *points.shape[:-1], width - 1)


def _run(loop: Any, inputs: tuple[Tensor, ...], eps: float, *shape: int) -> Tensor:
    result = empty(*shape)
    arrays = [as_array(tensor).reshape(-1) for tensor in inputs]
    count = result.numel() // shape[-1]
    parallel_for(loop, count, *arrays, f32(eps), result.numpy().reshape(-1), work=count * 8 // EASE)
    return result
