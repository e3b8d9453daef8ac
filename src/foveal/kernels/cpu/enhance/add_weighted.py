# SPDX-License-Identifier: Apache-2.0
"""CPU kernel of weighted sums: x a + y b + c, both images read once.

Adjoint: g a and g b to the images, and to the weights the sums of g x, g y and g, each block's in float32, their sum in
float64. Images whose weights are tensors with dimensions go to the reference.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from foveal.kernels._kernel import kernel
from foveal.kernels.cpu._array import as_array, empty
from foveal.kernels.cpu._compile import compile_kernel
from foveal.kernels.cpu._planes import BLOCK, PIXELWISE, for_each_block, round_span, span
from foveal.kernels.cpu.enhance._curve import scaled

f32 = np.float32
Array = np.ndarray[Any, Any]
Weight = Tensor | float


def _accepts(src1: Any, alpha: Any, src2: Any, beta: Any, gamma: Any) -> bool:
    return (
        isinstance(src1, Tensor)
        and isinstance(src2, Tensor)
        and src1.dtype is src2.dtype is torch.float32
        and src1.shape == src2.shape
        and src1.numel() > 0
        and all(_is_weight(value, src1) for value in (alpha, beta, gamma))
    )


def _is_weight(value: Any, image: Tensor) -> bool:
    if isinstance(value, Tensor):
        return value.numel() == 1 and value.ndim <= image.ndim
    return isinstance(value, float | int)


def _examples() -> Iterator[tuple[Any, ...]]:
    yield torch.zeros(3, 4, 4), 0.5, torch.zeros(3, 4, 4), 0.5, 0.0


def _adjoint(
    needs: tuple[bool, ...],
    gradients: tuple[Tensor, ...],
    outputs: tuple[Tensor, ...],
    src1: Tensor,
    alpha: Weight,
    src2: Tensor,
    beta: Weight,
    gamma: Weight,
) -> tuple[Tensor | None, ...]:
    (gradient,) = gradients
    found: list[Tensor | None] = [None] * 5
    for place, weight in ((0, alpha), (2, beta)):
        if needs[place]:
            found[place] = scaled(gradient, weight)
    if needs[1] or needs[3] or needs[4]:
        first, second = _flat(src1), _flat(src2)
        totals = np.zeros((-(-first.shape[2] // BLOCK), 3), np.float32)
        for_each_block(_sums, first, second, _flat_gradient(gradient), totals)
        sums = torch.from_numpy(totals.sum(axis=0, dtype=np.float64))
        for number, (place, weight) in enumerate(((1, alpha), (3, beta), (4, gamma))):
            if needs[place] and isinstance(weight, Tensor):
                found[place] = sums[number].reshape(weight.shape).to(weight.dtype)
    return tuple(found)


@kernel(accepts=_accepts, adjoint=_adjoint, examples=_examples, keep_outputs=False)
def add_weighted(src1: Tensor, alpha: Weight, src2: Tensor, beta: Weight, gamma: Weight) -> Tensor:
    """Weigh and add in one pass."""
    result = empty(*src1.shape)
    weights = (f32(w.item() if isinstance(w, Tensor) else w) for w in (alpha, beta, gamma))
    for_each_block(_add, _flat(src1), _flat(src2), *weights, _flat(result))
    return result


def _flat(image: Tensor) -> Array:
    return as_array(image).reshape(1, 1, -1)


def _flat_gradient(gradient: Tensor) -> Array:
    """Return a gradient as one row; of one and the same value only a block, as `planes_of_gradient`."""
    if any(gradient.stride()) or gradient.ndim == 0:
        return _flat(gradient)
    value = as_array(gradient[(0,) * gradient.ndim])[()]
    return np.full((1, 1, min(gradient.numel(), BLOCK)), value, np.float32)


@compile_kernel(fastmath=PIXELWISE)
def _add(start, stop, first, second, a, b, c, result):
    for block in range(start, stop):
        _, begin, end = span(block, first.shape[2])
        x, y, found = first[0, 0, begin:end], second[0, 0, begin:end], result[0, 0, begin:end]
        for j in range(found.shape[0]):
            found[j] = x[j] * a + y[j] * b + c


@compile_kernel
def _sums(start, stop, first, second, gradient, totals):
    for block in range(start, stop):
        _, begin, end = span(block, first.shape[2])
        _, k, last = round_span(0, begin, end, gradient)
        x, y, g = first[0, 0, begin:end], second[0, 0, begin:end], gradient[0, 0, k:last]
        to_a, to_b, to_c = f32(0.0), f32(0.0), f32(0.0)
        for j in range(x.shape[0]):
            to_a += g[j] * x[j]
            to_b += g[j] * y[j]
            to_c += g[j]
        totals[block, 0] = to_a
        totals[block, 1] = to_b
        totals[block, 2] = to_c
