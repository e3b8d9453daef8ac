# SPDX-License-Identifier: Apache-2.0
"""CUDA kernel of the soft-argmax of windows: one program per run of windows, one per run of pixels on the way back."""

from collections.abc import Iterator
from typing import Any

import torch
import triton
import triton.language as tl
from torch import Tensor

from foveal.kernels._kernel import kernel
from foveal.kernels.cuda.geometry.subpix.soft_argmax import DTYPES, scale

BLOCK = 256

Sizes = tuple[int, int]


def _accepts(
    input: Tensor,
    kernel_size: Any,
    stride: Any,
    padding: Any,
    temperature: Any,
    normalized_coordinates: bool,
    eps: float,
    output_value: bool,
) -> bool:
    sizes = (kernel_size, stride, padding)
    if not all(isinstance(s, tuple | list) and len(s) == 2 and all(type(v) is int for v in s) for s in sizes):
        return False
    return (
        input.dtype in DTYPES
        and input.ndim == 4
        and 0 not in input.shape
        and not isinstance(temperature, Tensor)
        and temperature > 0
        and min(stride) > 0
        and all(
            0 <= 2 * pad <= window <= size + 2 * pad and window > 0
            for pad, window, size in zip(padding, kernel_size, input.shape[2:], strict=True)
        )
    )


def _examples() -> Iterator[tuple[Any, ...]]:
    for dtype in DTYPES:
        maps = torch.zeros(1, 1, 4, 4, dtype=dtype, device="cuda")
        yield maps, (3, 3), (1, 1), (1, 1), 1.0, True, 1e-8, True


def _adjoint(
    needs: tuple[bool, ...],
    gradients: tuple[Tensor, ...],
    outputs: tuple[Tensor, ...],
    input: Tensor,
    kernel_size: Sizes,
    stride: Sizes,
    padding: Sizes,
    temperature: float,
    normalized_coordinates: bool,
    eps: float,
    output_value: bool,
) -> tuple[Tensor | None, ...]:
    maps = input.contiguous()
    means = _windows(maps, kernel_size, stride, padding, temperature)
    of_points = gradients[0].contiguous()
    of_value = gradients[1].contiguous() if output_value else of_points
    step_x, _, step_y, _ = scale(input, normalized_coordinates)
    result = torch.empty_like(maps)
    _pull_windows[(triton.cdiv(maps.numel(), BLOCK),)](
        maps, *means, of_points, of_value, result, *maps.shape[2:], *means[0].shape[2:], maps.numel(),
        1 / temperature, step_x, step_y, *kernel_size, *stride, *padding, output_value, BLOCK,
    )  # fmt: skip
    return (result, *[None] * 7)


@kernel(accepts=_accepts, adjoint=_adjoint, examples=_examples, keep_outputs=False)
def conv_soft_argmax2d(
    input: Tensor,
    kernel_size: Sizes,
    stride: Sizes,
    padding: Sizes,
    temperature: float,
    normalized_coordinates: bool,
    eps: float,
    output_value: bool,
) -> Tensor | tuple[Tensor, Tensor]:
    """Per window the largest score, then the sums of e^(score - largest) times 1, x, y and the score."""
    step_x, origin_x, step_y, origin_y = scale(input, normalized_coordinates)
    x, y, value, _ = _windows(input.contiguous(), kernel_size, stride, padding, temperature)
    points = torch.stack([x * step_x + origin_x, y * step_y + origin_y], dim=2).to(input.dtype)
    return (points, value.to(input.dtype)) if output_value else points


def _windows(maps: Tensor, kernel_size: Sizes, stride: Sizes, padding: Sizes, temperature: float) -> list[Tensor]:
    """Return mean x and y in pixels, mean score, and log of the sum of e^(score / temperature), of every window."""
    height, width = (
        (size + 2 * pad - window) // step + 1
        for size, window, step, pad in zip(maps.shape[2:], kernel_size, stride, padding, strict=True)
    )
    results = [torch.empty(*maps.shape[:2], height, width, device=maps.device) for _ in range(4)]
    count = results[0].numel()
    _take_windows[(triton.cdiv(count, BLOCK),)](
        maps, *results, *maps.shape[2:], height, width, count, 1 / temperature, *kernel_size, *stride, *padding, BLOCK
    )
    return results


@triton.jit
def _take_windows(
    maps, mean_x, mean_y, mean_score, log_sum, height, width, out_height, out_width, count, sharpness,
    KERNEL_Y: tl.constexpr, KERNEL_X: tl.constexpr, STRIDE_Y: tl.constexpr, STRIDE_X: tl.constexpr,
    PAD_Y: tl.constexpr, PAD_X: tl.constexpr, BLOCK: tl.constexpr,
):  # fmt: skip
    index = tl.program_id(0).to(tl.int64) * BLOCK + tl.arange(0, BLOCK)
    valid = index < count
    x0 = index % out_width * STRIDE_X - PAD_X
    y0 = index // out_width % out_height * STRIDE_Y - PAD_Y
    scores = maps + index // (out_width * out_height) * height * width
    largest = tl.full([BLOCK], float("-inf"), tl.float32)
    for i in range(KERNEL_Y):
        for j in range(KERNEL_X):
            x, y = x0 + j, y0 + i
            inside = valid & (x >= 0) & (x < width) & (y >= 0) & (y < height)
            score = tl.load(scores + y * width + x, mask=inside, other=float("-inf")).to(tl.float32)
            largest = tl.maximum(largest, score)
    total = tl.zeros([BLOCK], tl.float32)
    sum_x = tl.zeros([BLOCK], tl.float32)
    sum_y = tl.zeros([BLOCK], tl.float32)
    sum_score = tl.zeros([BLOCK], tl.float32)
    for i in range(KERNEL_Y):
        for j in range(KERNEL_X):
            x, y = x0 + j, y0 + i
            inside = valid & (x >= 0) & (x < width) & (y >= 0) & (y < height)
            score = tl.load(scores + y * width + x, mask=inside, other=float("-inf")).to(tl.float32)
            weight = tl.where(inside, tl.exp((score - largest) * sharpness), 0.0)
            total += weight
            sum_x += weight * j
            sum_y += weight * i
            # -inf has weight 0, and 0 * -inf would be NaN.
            sum_score += weight * tl.where(score == float("-inf"), 0.0, score)
    tl.store(mean_x + index, x0.to(tl.float32) + sum_x / total, mask=valid)
    tl.store(mean_y + index, y0.to(tl.float32) + sum_y / total, mask=valid)
    tl.store(mean_score + index, sum_score / total, mask=valid)
    tl.store(log_sum + index, largest * sharpness + tl.log(total), mask=valid)


@triton.jit
def _pull_windows(
    maps, mean_x, mean_y, mean_score, log_sum, of_points, of_value, result, height, width, out_height, out_width,
    count, sharpness, step_x, step_y,
    KERNEL_Y: tl.constexpr, KERNEL_X: tl.constexpr, STRIDE_Y: tl.constexpr, STRIDE_X: tl.constexpr,
    PAD_Y: tl.constexpr, PAD_X: tl.constexpr, WITH_VALUE: tl.constexpr, BLOCK: tl.constexpr,
):  # fmt: skip
    """Gather, for each pixel, from every window that holds it (so that the sum has one order).

    With p the pixel's probability in a window, s its score and T the temperature, dx / ds = step p (x - mean x) / T and
    d value / ds = p (1 + (s - value) / T).
    """
    index = tl.program_id(0).to(tl.int64) * BLOCK + tl.arange(0, BLOCK)
    valid = index < count
    x, y = index % width, index // width % height
    image = index // (width * height)
    score = tl.load(maps + index, mask=valid, other=0.0).to(tl.float32)
    gradient = tl.zeros([BLOCK], tl.float32)
    for i in range(KERNEL_Y):
        for j in range(KERNEL_X):
            left, top = x + PAD_X - j, y + PAD_Y - i
            column, row = left // STRIDE_X, top // STRIDE_Y
            held = valid & (left >= 0) & (top >= 0) & (left % STRIDE_X == 0) & (top % STRIDE_Y == 0)
            held = held & (column < out_width) & (row < out_height)
            plane = row * out_width + column
            window = image * out_height * out_width + plane
            point = 2 * image * out_height * out_width + plane
            weight = tl.exp(score * sharpness - tl.load(log_sum + window, mask=held, other=0.0))
            gradient_x = tl.load(of_points + point, mask=held, other=0.0).to(tl.float32)
            gradient_y = tl.load(of_points + point + out_height * out_width, mask=held, other=0.0).to(tl.float32)
            along = gradient_x * step_x * (x.to(tl.float32) - tl.load(mean_x + window, mask=held, other=0.0))
            along += gradient_y * step_y * (y.to(tl.float32) - tl.load(mean_y + window, mask=held, other=0.0))
            change = along * sharpness
            if WITH_VALUE:
                gradient_value = tl.load(of_value + window, mask=held, other=0.0).to(tl.float32)
                beyond = score - tl.load(mean_score + window, mask=held, other=0.0)
                change += gradient_value * (1 + tl.where(score == float("-inf"), 0.0, beyond * sharpness))
            gradient += tl.where(held, weight * change, 0.0)
    tl.store(result + index, gradient, mask=valid)
