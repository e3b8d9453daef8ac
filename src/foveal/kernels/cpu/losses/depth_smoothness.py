# SPDX-License-Identifier: Apache-2.0
"""CPU kernel of the smoothness of inverse depth: depths and image are read once, in strips of rows.

A difference D of neighbours in depth counts w |D| with w = exp(-mean over the channels of |P|), P the difference of the
same neighbours in the image. Adjoint: w sign(D) to the depths, -w |D| sign(P) / channels to the image, each to the
second neighbour, and its negative to the first. Sums are float32 within a row, float64 over the rows.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from foveal.kernels._kernel import kernel
from foveal.kernels.cpu._array import as_array, empty, scalar
from foveal.kernels.cpu._compile import compile_kernel
from foveal.kernels.cpu._exp import exp
from foveal.kernels.cpu._parallel import parallel_for
from foveal.kernels.cpu.losses.total_variation import sign

f32 = np.float32

# Rows of a strip.
STRIP = 32


def _accepts(idepth: Tensor, image: Any) -> bool:
    return (
        isinstance(image, Tensor)
        and idepth.dtype is image.dtype is torch.float32
        and idepth.ndim == image.ndim == 4
        and idepth.shape[0] == image.shape[0]
        and idepth.shape[2:] == image.shape[2:]
        and idepth.numel() > 0
        and image.numel() > 0
    )


def _examples() -> Iterator[tuple[Any, ...]]:
    yield torch.zeros(1, 1, 8, 8, device="cpu"), torch.zeros(1, 3, 8, 8, device="cpu")


def _shares(idepth: Tensor) -> tuple[float, float]:
    """Return what a vertical and a horizontal difference count."""
    images, depths, height, width = idepth.shape
    return 1 / max(images * depths * (height - 1) * width, 1), 1 / max(images * depths * height * (width - 1), 1)


def _adjoint(
    needs: tuple[bool, ...], gradients: tuple[Tensor, ...], outputs: tuple[Tensor, ...], idepth: Tensor, image: Tensor
) -> tuple[Tensor | None, ...]:
    # One without channels is not written.
    results = [
        empty(*(tensor.shape if need else (len(tensor), 0, *tensor.shape[2:])))
        for tensor, need in zip((idepth, image), needs, strict=True)
    ]
    scales = (f32(float(gradients[0]) * share) for share in _shares(idepth))
    strips = -(-idepth.shape[2] // STRIP)
    parallel_for(
        _slopes, len(idepth) * strips, strips, as_array(idepth), as_array(image), *scales,
        *(result.numpy() for result in results), work=image.numel(),
    )  # fmt: skip
    return tuple(result if need else None for result, need in zip(results, needs, strict=True))


@kernel(accepts=_accepts, adjoint=_adjoint, examples=_examples, keep_outputs=False)
def inverse_depth_smoothness_loss(idepth: Tensor, image: Tensor) -> Tensor:
    """Weigh and add up the differences of strips of rows."""
    strips = -(-idepth.shape[2] // STRIP)
    sums = np.zeros((len(idepth) * strips, 2))
    parallel_for(_differences, len(sums), strips, as_array(idepth), as_array(image), sums, work=image.numel())
    return scalar(sums.sum(axis=0) @ _shares(idepth))


@compile_kernel(inline="always")
def _pair(planes, channel, y, down, right):
    """Return a row, and the neighbours of its pixels so many rows down and columns to the right."""
    width = planes.shape[2]
    return planes[channel, y, : width - right], planes[channel, y + down, right:]


@compile_kernel
def _weigh(image, y, down, right, weights):
    """Write the weights of the differences of a row."""
    for j in range(weights.shape[0]):
        weights[j] = f32(0.0)
    for channel in range(image.shape[0]):
        a, b = _pair(image, channel, y, down, right)
        for j in range(weights.shape[0]):
            weights[j] += abs(b[j] - a[j])
    scale = f32(-1.0) / f32(image.shape[0])
    for j in range(weights.shape[0]):
        weights[j] = exp(scale * weights[j])


@compile_kernel
def _sum(depths, image, y, down, right, weights):
    """Return the sum of the weighted differences of a row."""
    _weigh(image, y, down, right, weights)
    total = 0.0
    for depth in range(depths.shape[0]):
        a, b = _pair(depths, depth, y, down, right)
        part = f32(0.0)
        for j in range(weights.shape[0]):
            part += abs(b[j] - a[j]) * weights[j]
        total += part
    return total


@compile_kernel
def _differences(start, stop, strips, depths, image, sums):
    height, width = depths.shape[2], depths.shape[3]
    weights = np.empty(width, f32)
    for strip in range(start, stop):
        index, begin = strip // strips, strip % strips * STRIP
        for y in range(begin, min(begin + STRIP, height)):
            if y + 1 < height:
                sums[strip, 0] += _sum(depths[index], image[index], y, 1, 0, weights)
            sums[strip, 1] += _sum(depths[index], image[index], y, 0, 1, weights[1:])


@compile_kernel
def _factors(depths, image, y, down, right, scale, weights, slopes):
    """Write the factors that the signs of a row's differences have, in depth and in the image."""
    _weigh(image, y, down, right, weights)
    for j in range(weights.shape[0]):
        weights[j] *= scale
        slopes[j] = f32(0.0)
    share = f32(-1.0) / f32(image.shape[0])
    for depth in range(depths.shape[0]):
        a, b = _pair(depths, depth, y, down, right)
        for j in range(weights.shape[0]):
            slopes[j] += abs(b[j] - a[j]) * weights[j] * share


@compile_kernel
def _add_signs(a, b, factors, found):
    for j in range(factors.shape[0]):
        found[j] += factors[j] * sign(b[j], a[j])


@compile_kernel
def _give(planes, y, down, right, factors, begin, end, result):
    """Add signs of differences to what a result, which may have no channels, has in the rows from begin to end."""
    for channel in range(result.shape[0]):
        a, b = _pair(planes, channel, y, down, right)
        first, second = _pair(result, channel, y, down, right)
        if y >= begin:
            _add_signs(b, a, factors, first)
        if y + down < end:
            _add_signs(a, b, factors, second)


@compile_kernel
def _slopes(start, stop, strips, depths, image, vertical, horizontal, depth_result, image_result):
    height, width = depths.shape[2], depths.shape[3]
    scratch = np.empty((2, width), f32)
    for strip in range(start, stop):
        index, begin = strip // strips, strip % strips * STRIP
        end = min(begin + STRIP, height)
        depth_result[index, :, begin:end] = f32(0.0)
        image_result[index, :, begin:end] = f32(0.0)
        # The row before the strip has a neighbour in it.
        for y in range(max(begin - 1, 0), end):
            for down in range(2):
                if y + down >= height or (down == 0 and y < begin):
                    continue
                right = 1 - down
                weights, slopes = scratch[0, right:], scratch[1, right:]
                scale = vertical if down else horizontal
                _factors(depths[index], image[index], y, down, right, scale, weights, slopes)
                _give(depths[index], y, down, right, weights, begin, end, depth_result[index])
                _give(image[index], y, down, right, slopes, begin, end, image_result[index])
