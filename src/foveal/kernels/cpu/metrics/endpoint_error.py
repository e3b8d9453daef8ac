# SPDX-License-Identifier: Apache-2.0
"""CPU kernel of the endpoint error: both flows are read once, and a reduced error writes nothing.

error = |input - target|.
    Adjoint: g (input - target) / error to the input, 0 where the error is, and its negative to the target.
Sums are float32 within a block, float64 over the blocks.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from foveal.kernels._kernel import kernel
from foveal.kernels.cpu._array import as_array, filled, fresh, scalar
from foveal.kernels.cpu._compile import compile_kernel
from foveal.kernels.cpu._difference import oppose, pull_apart
from foveal.kernels.cpu._parallel import parallel_for

f32 = np.float32
Array = np.ndarray[Any, Any]

# Vectors of a unit of work.
BLOCK = 4096


def _accepts(input: Tensor, target: Any, reduction: Any) -> bool:
    return (
        isinstance(target, Tensor)
        and input.dtype is target.dtype is torch.float32
        and input.shape == target.shape
        and input.ndim > 0
        and input.shape[-1] == 2
        and input.numel() > 0
        and reduction in ("none", "mean", "sum")
    )


def _examples() -> Iterator[tuple[Any, ...]]:
    flow = torch.zeros(4, 2, device="cpu")
    yield flow, flow, "mean"
    yield flow, flow, "none"


def _adjoint(
    needs: tuple[bool, ...],
    gradients: tuple[Tensor, ...],
    outputs: tuple[Tensor, ...],
    input: Tensor,
    target: Tensor,
    reduction: str,
) -> tuple[Tensor | None, ...]:
    count = input.numel() // 2
    if reduction == "none":
        gradient = as_array(gradients[0]).reshape(-1)
    else:
        value = gradients[0].item() / (count if reduction == "mean" else 1)
        # One block of it, for all blocks.
        gradient = filled((min(count, BLOCK),), value)
    return *pull_apart(
        needs, input, target, (-1, 2),
        lambda *flows: parallel_for(_pull, -(-count // BLOCK), *flows, gradient, work=2 * count),
    ), None  # fmt: skip


@kernel(accepts=_accepts, adjoint=_adjoint, examples=_examples, keep_outputs=False)
def aepe(input: Tensor, target: Tensor, reduction: str) -> Tensor:
    """Measure distances and reduce them in one pass."""
    first, second, blocks = _vectors(input, target)
    if reduction == "none":
        result, row = fresh(input.shape[:-1])
        parallel_for(_distances, blocks, first, second, row.reshape(-1), work=first.size)
        return result
    sums = np.empty(blocks, np.float32)
    parallel_for(_sums, blocks, first, second, sums, work=first.size)
    return scalar(np.add.reduce(sums, dtype=np.float64) / (len(first) if reduction == "mean" else 1))


def _vectors(input: Tensor, target: Tensor) -> tuple[Array, Array, int]:
    first = as_array(input).reshape(-1, 2)
    return first, as_array(target).reshape(-1, 2), -(-len(first) // BLOCK)


@compile_kernel(inline="always")
def _distance(x, y):
    return np.sqrt(x * x + y * y)


@compile_kernel
def _distances_of(first, second, result):
    for j in range(result.shape[0]):
        result[j] = _distance(first[j, 0] - second[j, 0], first[j, 1] - second[j, 1])


@compile_kernel
def _distances(start, stop, first, second, result):
    for block in range(start, stop):
        begin, end = block * BLOCK, min(block * BLOCK + BLOCK, result.shape[0])
        _distances_of(first[begin:end], second[begin:end], result[begin:end])


@compile_kernel
def _sum_of(first, second):
    total = f32(0.0)
    for j in range(first.shape[0]):
        total += _distance(first[j, 0] - second[j, 0], first[j, 1] - second[j, 1])
    return total


@compile_kernel
def _sums(start, stop, first, second, sums):
    for block in range(start, stop):
        begin, end = block * BLOCK, min(block * BLOCK + BLOCK, first.shape[0])
        sums[block] = _sum_of(first[begin:end], second[begin:end])


@compile_kernel
def _pull_of(first, second, gradient, result):
    for j in range(result.shape[0]):
        x, y = first[j, 0] - second[j, 0], first[j, 1] - second[j, 1]
        distance = _distance(x, y)
        scale = f32(0.0) if distance == f32(0.0) else gradient[j] / distance
        result[j, 0] = x * scale
        result[j, 1] = y * scale


@compile_kernel
def _pull(start, stop, first, second, result, opposite, gradient):
    for block in range(start, stop):
        begin, end = block * BLOCK, min(block * BLOCK + BLOCK, first.shape[0])
        at = begin % gradient.shape[0]
        _pull_of(first[begin:end], second[begin:end], gradient[at : at + end - begin], result[begin:end])
        oppose(result[begin:end].reshape(-1), opposite[begin:end].reshape(-1))
