# SPDX-License-Identifier: Apache-2.0
"""CUDA kernel of the spatial soft-argmax: one program per map, one read, no map of probabilities."""

from collections.abc import Iterator
from typing import Any

import torch
import triton
import triton.language as tl
from torch import Tensor

from foveal.kernels._kernel import kernel

DTYPES = (torch.float16, torch.bfloat16, torch.float32)


def _accepts(input: Tensor, temperature: Any, normalized_coordinates: bool) -> bool:
    return (
        input.dtype in DTYPES
        and input.ndim == 4
        and 0 not in input.shape
        and not isinstance(temperature, Tensor)
        and (temperature is None or temperature > 0)
    )


def _examples() -> Iterator[tuple[Any, ...]]:
    for dtype in DTYPES:
        yield torch.zeros(1, 1, 4, 4, dtype=dtype, device="cuda"), None, True


def _adjoint(
    needs: tuple[bool, ...],
    gradients: tuple[Tensor, ...],
    outputs: tuple[Tensor, ...],
    input: Tensor,
    temperature: float | None,
    normalized_coordinates: bool,
) -> tuple[Tensor | None, ...]:
    maps = input.contiguous()
    result = torch.empty_like(maps)
    size, block, warps = _tiling(maps)
    _soft_argmax_adjoint[(maps.shape[0] * maps.shape[1],)](
        maps, gradients[0].contiguous(), result, maps.shape[3], size, 1 / (temperature or 1.0),
        *scale(input, normalized_coordinates)[::2], BLOCK=block, num_warps=warps,
    )  # fmt: skip
    return result, None, None


@kernel(accepts=_accepts, adjoint=_adjoint, examples=_examples, keep_outputs=False)
def spatial_soft_argmax2d(input: Tensor, temperature: float | None, normalized_coordinates: bool) -> Tensor:
    """Sum e^(score - largest) times 1, x and y in one pass, shrinking the sums whenever the largest score grows."""
    maps = input.contiguous()
    result = torch.empty(*maps.shape[:2], 2, dtype=maps.dtype, device=maps.device)
    size, block, warps = _tiling(maps)
    _soft_argmax[(maps.shape[0] * maps.shape[1],)](
        maps, result, maps.shape[3], size, 1 / (temperature or 1.0), *scale(input, normalized_coordinates),
        BLOCK=block, num_warps=warps,
    )  # fmt: skip
    return result


def scale(input: Tensor, normalized: bool) -> tuple[float, float, float, float]:
    """Return step and origin of the x, then the y coordinate: step * pixel + origin."""
    if not normalized:
        return 1.0, 0.0, 1.0, 0.0
    width, height = input.shape[3], input.shape[2]
    return 2 / max(width - 1, 1), -float(width > 1), 2 / max(height - 1, 1), -float(height > 1)


def _tiling(maps: Tensor) -> tuple[int, int, int]:
    """Return the pixels of a map, and the pixels and warps that a program takes at a time."""
    size = maps.shape[2] * maps.shape[3]
    block = min(triton.next_power_of_2(size), 4096)
    return size, block, max(1, min(8, block // 256))


@triton.jit
def _sums(scores, width, size, sharpness, BLOCK: tl.constexpr):
    """Return the largest score of a map, and the sums of e^((score - largest) * sharpness) times 1, x and y."""
    largest = float("-inf")
    total, total_x, total_y = 0.0, 0.0, 0.0
    for start in range(0, size, BLOCK):
        place = start + tl.arange(0, BLOCK)
        score = tl.load(scores + place, mask=place < size, other=float("-inf")).to(tl.float32)
        grown = tl.maximum(largest, tl.max(score, axis=0))
        # As long as all scores are -inf, their difference would be NaN and stay.
        pivot = tl.where(grown == float("-inf"), 0.0, grown)
        shrink = tl.exp((largest - pivot) * sharpness)
        weight = tl.exp((score - pivot) * sharpness)
        total = total * shrink + tl.sum(weight, axis=0)
        total_x = total_x * shrink + tl.sum(weight * (place % width).to(tl.float32), axis=0)
        total_y = total_y * shrink + tl.sum(weight * (place // width).to(tl.float32), axis=0)
        largest = grown
    return largest, total, total_x, total_y


@triton.jit
def _soft_argmax(
    maps, result, width, size, sharpness, step_x, origin_x, step_y, origin_y, BLOCK: tl.constexpr
):  # fmt: skip
    index = tl.program_id(0).to(tl.int64)
    _, total, total_x, total_y = _sums(maps + index * size, width, size, sharpness, BLOCK)
    tl.store(result + 2 * index, total_x / total * step_x + origin_x)
    tl.store(result + 2 * index + 1, total_y / total * step_y + origin_y)


@triton.jit
def _soft_argmax_adjoint(maps, gradients, result, width, size, sharpness, step_x, step_y, BLOCK: tl.constexpr):
    """d(x, y) / d score = step * probability * (position - mean) * sharpness; the mean anew, for halves round it."""
    index = tl.program_id(0).to(tl.int64)
    largest, total, total_x, total_y = _sums(maps + index * size, width, size, sharpness, BLOCK)
    mean_x, mean_y = total_x / total, total_y / total
    factor_x = tl.load(gradients + 2 * index).to(tl.float32) * step_x * sharpness / total
    factor_y = tl.load(gradients + 2 * index + 1).to(tl.float32) * step_y * sharpness / total
    for start in range(0, size, BLOCK):
        place = start + tl.arange(0, BLOCK)
        score = tl.load(maps + index * size + place, mask=place < size, other=float("-inf")).to(tl.float32)
        along_x = ((place % width).to(tl.float32) - mean_x) * factor_x
        along_y = ((place // width).to(tl.float32) - mean_y) * factor_y
        gradient = tl.exp((score - largest) * sharpness) * (along_x + along_y)
        tl.store(result + index * size + place, gradient, mask=place < size)
