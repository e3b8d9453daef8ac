# SPDX-License-Identifier: Apache-2.0
"""CPU kernel of the peak signal-to-noise ratio: both images are read once, and nothing is written.

Adjoint: 20 / ln 10 times the difference, over the sum of squares, which the result tells.
"""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from foveal.kernels._kernel import kernel
from foveal.kernels.cpu._array import as_array, scalar
from foveal.kernels.cpu._compile import compile_kernel
from foveal.kernels.cpu._difference import EASE, oppose, pull_apart
from foveal.kernels.cpu._planes import BLOCK, for_each_block, span

f32 = np.float32


def accepts_images(image: Any, target: Any, max_val: Any) -> bool:
    """Say whether the kernels take these arguments."""
    return (
        isinstance(image, Tensor)
        and isinstance(target, Tensor)
        and image.dtype is target.dtype is torch.float32
        and image.shape == target.shape
        and image.numel() > 0
        and type(max_val) in (int, float)
        and max_val > 0
    )


def decibels(image: Tensor, target: Tensor, max_val: float) -> float:
    """Return the negative ratio."""
    first, second = as_array(image).reshape(1, 1, -1), as_array(target).reshape(1, 1, -1)
    totals = np.empty(-(-first.shape[2] // BLOCK), f32)
    for_each_block(_squares, first, second, f32(1 / max_val), totals, work=first.size // EASE)
    error = float(np.add.reduce(totals, dtype=np.float64)) / first.size
    return 10 * math.log10(error) if error > 0 else error if math.isnan(error) else -math.inf


def slope(
    needs: tuple[bool, ...], gradient: Tensor, loss: float, image: Tensor, target: Tensor, max_val: float
) -> tuple[Tensor | None, ...]:
    """Return the gradients to the images from that to the negative ratio, whose value is `loss`."""
    error = 10 ** (loss / 10) * max_val**2 * image.numel()
    factor = 0.0 if error == 0 else float(gradient) * 20 / math.log(10) / error
    return *pull_apart(
        needs, image, target, (1, 1, -1),
        lambda *images: for_each_block(_differences, *images, f32(factor), work=image.numel() // EASE),
    ), None  # fmt: skip


def _examples() -> Iterator[tuple[Any, ...]]:
    yield torch.zeros(8), torch.zeros(8), 1.0


def _adjoint(
    needs: tuple[bool, ...],
    gradients: tuple[Tensor, ...],
    outputs: tuple[Tensor, ...],
    image: Tensor,
    target: Tensor,
    max_val: float,
) -> tuple[Tensor | None, ...]:
    return slope(needs, gradients[0], float(outputs[0]), image, target, max_val)


@kernel(accepts=accepts_images, adjoint=_adjoint, examples=_examples)
def psnr_loss(image: Tensor, target: Tensor, max_val: float) -> Tensor:
    """Subtract, square and sum in one pass."""
    return scalar(decibels(image, target, max_val))


@compile_kernel
def _squares(start, stop, first, second, scale, totals):
    for block in range(start, stop):
        _, begin, end = span(block, first.shape[2])
        x, y, total = first[0, 0, begin:end], second[0, 0, begin:end], f32(0)
        for j in range(x.shape[0]):
            difference = (x[j] - y[j]) * scale
            total += difference * difference
        totals[block] = total


@compile_kernel
def _differences(start, stop, first, second, result, opposite, factor):
    for block in range(start, stop):
        _, begin, end = span(block, first.shape[2])
        x, y, found = first[0, 0, begin:end], second[0, 0, begin:end], result[0, 0, begin:end]
        for j in range(found.shape[0]):
            found[j] = (x[j] - y[j]) * factor
        oppose(found, opposite[0, 0, begin:end])
