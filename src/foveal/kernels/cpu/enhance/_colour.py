# SPDX-License-Identifier: Apache-2.0
"""One pass over an image that changes the three channels of every pixel: forward, of bytes, and the adjoint.

There is one factor an image; its gradient is the sum over the image's pixels, each block's in float32, their sum in
float64.
"""

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from foveal.color._bytes import UNIT, ByteRange
from foveal.enhance._factor import runs_along
from foveal.kernels.cpu._array import as_array, empty
from foveal.kernels.cpu._compile import compile_kernel
from foveal.kernels.cpu._planes import (
    BLOCK,
    PIXELWISE,
    accepts_image,
    decode,
    encode,
    for_each_block,
    planes,
    planes_of_gradient,
    round_span,
    span,
)
from foveal.kernels.cpu.enhance._colour_formulas import change, change_adjoint

f32 = np.float32
Array = np.ndarray[Any, Any]
Factor = Tensor | float


def accepts_colour(image: Any, factor: Any) -> bool:
    """Say whether these are three channels and one factor an image."""
    return accepts_image(image, 3) and (
        runs_along(factor, image, per_channel=False) if isinstance(factor, Tensor) else isinstance(factor, float | int)
    )


def run(formula: int, image: Tensor, factor: Factor, bytes: ByteRange = UNIT) -> Tensor:
    """Return the changed image."""
    result = empty(*image.shape, dtype=image.dtype)
    factors = _per_image(factor, image)
    if image.dtype is torch.uint8:
        scale = np.array((*bytes.scale, *bytes.scale, *bytes.scale)[:3], np.float32)
        for_each_block(_byte_loop(formula), planes(image), factors, scale, planes(result))
    else:
        for_each_block(_loop(formula), planes(image), factors, planes(result))
    return result


def adjoint_of(formula: int) -> Callable[..., tuple[Tensor | None, ...]]:
    """Return the adjoint of a kernel that takes an image and a factor."""

    def adjoint(
        needs: tuple[bool, ...],
        gradients: tuple[Tensor, ...],
        outputs: tuple[Tensor, ...],
        image: Tensor,
        factor: Factor,
    ) -> tuple[Tensor | None, ...]:
        result, channels = empty(*image.shape), planes(image)
        blocks = -(-channels.shape[2] // BLOCK)
        sums = np.zeros(len(channels) * blocks if needs[1] else 0, np.float32)
        for_each_block(
            _adjoint_loop(formula, needs[1]), channels, _per_image(factor, image),
            planes_of_gradient(gradients[0]), planes(result), sums,
        )  # fmt: skip
        if not isinstance(factor, Tensor) or not needs[1]:
            return result, None
        total = torch.from_numpy(sums.reshape(-1, blocks).sum(axis=1, dtype=np.float64)).reshape(image.shape[:-3])
        return result, total.sum_to_size(_stripped(factor, total.ndim)).reshape(factor.shape).to(factor.dtype)

    return adjoint


def _per_image(factor: Factor, image: Tensor) -> Array:
    """Return a factor's values, one an image."""
    batch = image.shape[:-3]
    if not isinstance(factor, Tensor):
        return np.full(math.prod(batch), factor, np.float32)
    values = factor.detach().to(torch.float32).reshape(_stripped(factor, len(batch))).expand(batch)
    return as_array(values.contiguous()).reshape(-1)


def _stripped(factor: Tensor, depth: int) -> tuple[int, ...]:
    """Return a factor's shape at so many leading dimensions."""
    return (*factor.shape, *[1] * depth)[:depth]


@compile_kernel(inline="always")
def _row(formula, red, green, blue, f, new_red, new_green, new_blue):
    for j in range(new_red.shape[0]):
        new_red[j], new_green[j], new_blue[j] = change(formula, red[j], green[j], blue[j], f)


@functools.cache
def _loop(formula: int) -> Callable[..., None]:
    @compile_kernel(fastmath=PIXELWISE)
    def loop(start, stop, image, factors, result):
        for block in range(start, stop):
            i, a, z = span(block, image.shape[2])
            _row(
                formula, image[i, 0, a:z], image[i, 1, a:z], image[i, 2, a:z], factors[i],
                result[i, 0, a:z], result[i, 1, a:z], result[i, 2, a:z],
            )  # fmt: skip

    return loop


@functools.cache
def _byte_loop(formula: int) -> Callable[..., None]:
    @compile_kernel(fastmath=PIXELWISE)
    def loop(start, stop, image, factors, scale, result):
        scratch = np.empty((6, BLOCK), np.float32)
        for block in range(start, stop):
            i, a, z = span(block, image.shape[2])
            for channel in range(3):
                decode(image[i, channel, a:z], f32(1.0) / scale[channel], f32(0), scratch[channel, : z - a])
            _row(
                formula, scratch[0, : z - a], scratch[1, : z - a], scratch[2, : z - a], factors[i],
                scratch[3, : z - a], scratch[4, : z - a], scratch[5, : z - a],
            )  # fmt: skip
            for channel in range(3):
                encode(scratch[3 + channel, : z - a], scale[channel], f32(0), result[i, channel, a:z])

    return loop


@functools.cache
def _adjoint_loop(formula: int, sums: bool) -> Callable[..., None]:
    @compile_kernel(fastmath=PIXELWISE | {"reassoc"} if sums else PIXELWISE)
    def loop(start, stop, image, factors, gradient, result, totals):
        for block in range(start, stop):
            i, a, z = span(block, image.shape[2])
            k, begin, end = round_span(i, a, z, gradient)
            red, green, blue, f = image[i, 0, a:z], image[i, 1, a:z], image[i, 2, a:z], factors[i]
            gp, gq, gr = gradient[k, 0, begin:end], gradient[k, 1, begin:end], gradient[k, 2, begin:end]
            to_red, to_green, to_blue = result[i, 0, a:z], result[i, 1, a:z], result[i, 2, a:z]
            total = f32(0.0)
            for j in range(to_red.shape[0]):
                to_red[j], to_green[j], to_blue[j], to_f = change_adjoint(
                    formula, red[j], green[j], blue[j], f, gp[j], gq[j], gr[j]
                )
                if sums:
                    total += to_f
            if sums:
                totals[block] = total

    return loop
