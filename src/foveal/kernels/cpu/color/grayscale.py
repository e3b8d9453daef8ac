# SPDX-License-Identifier: Apache-2.0
"""CPU kernels of grey: a weighted sum of three planes, bound by memory. Adjoint: the weights times the gradient."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from foveal.color.grayscale import LUMA, LUMA_BITS, LUMA_OF_BYTES
from foveal.kernels._kernel import kernel
from foveal.kernels.cpu._array import empty
from foveal.kernels.cpu._compile import BARE, compile_kernel
from foveal.kernels.cpu._planes import (
    PIXELWISE,
    accepts_image,
    convert,
    convert_large,
    for_each_block,
    planes,
    planes_of_gradient,
    round_span,
    span,
)
from foveal.kernels.cpu._vector import LANES, load, mix, mix_onto, prefetch, splat, stream

f32, i32 = np.float32, np.int32

AHEAD = 1024
"""How many pixels ahead planes are called for."""

_HALF, _SHIFT = i32(1 << (LUMA_BITS - 1)), i32(LUMA_BITS)


def luma(image: Tensor, weights: Any = LUMA, weights_of_bytes: tuple[int, ...] = LUMA_OF_BYTES) -> Tensor:
    """Return the weighted sum of the channels, (*, 1, H, W)."""
    if image.dtype is torch.uint8:
        return convert(image, 1, _luma_bytes, *(i32(weight) for weight in weights_of_bytes))
    return convert_large(image, 1, _luma, *(f32(weight) for weight in weights))


def luma_adjoint(gradient: Tensor, weights: Any = LUMA) -> Tensor:
    """Return the gradient to the three channels."""
    result = empty(*gradient.shape[:-3], 3, *gradient.shape[-2:])
    for_each_block(_luma_adjoint, planes(result), planes_of_gradient(gradient), *(f32(weight) for weight in weights))
    return result


def _accepts(image: Tensor, rgb_weights: Any) -> bool:
    if rgb_weights is None:
        return accepts_image(image, 3)
    # A gradient to the weights is left to the reference.
    plain = isinstance(rgb_weights, Tensor) and rgb_weights.numel() == 3 and not rgb_weights.requires_grad
    return plain and accepts_image(image, 3, bytes=False)


def _examples() -> Iterator[tuple[Any, ...]]:
    yield torch.zeros(3, 4, 4), None
    yield torch.zeros(3, 4, 4, dtype=torch.uint8), None


def _adjoint(
    needs: tuple[bool, ...],
    gradients: tuple[Tensor, ...],
    outputs: tuple[Tensor, ...],
    image: Tensor,
    rgb_weights: Tensor | None,
) -> tuple[Tensor | None, ...]:
    return luma_adjoint(gradients[0], LUMA if rgb_weights is None else rgb_weights.flatten().tolist()), None


@kernel(accepts=_accepts, adjoint=_adjoint, examples=_examples, keep_outputs=False)
def rgb_to_grayscale(image: Tensor, rgb_weights: Tensor | None) -> Tensor:
    """Grey = w . RGB; adjoint: w gradient. Bytes: (weights of 15 bits . RGB + 2^14) >> 15."""
    return luma(image) if rgb_weights is None else luma(image, rgb_weights.flatten().tolist())


def _accepts_bgr(image: Tensor) -> bool:
    return accepts_image(image, 3)


def _examples_bgr() -> Iterator[tuple[Any, ...]]:
    yield (torch.zeros(3, 4, 4),)
    yield (torch.zeros(3, 4, 4, dtype=torch.uint8),)


def _adjoint_bgr(
    needs: tuple[bool, ...], gradients: tuple[Tensor, ...], outputs: tuple[Tensor, ...], image: Tensor
) -> tuple[Tensor, ...]:
    return (luma_adjoint(gradients[0], LUMA[::-1]),)


@kernel(accepts=_accepts_bgr, adjoint=_adjoint_bgr, examples=_examples_bgr, keep_outputs=False)
def bgr_to_grayscale(image: Tensor) -> Tensor:
    """Grey, as `rgb_to_grayscale` with the weights in reverse."""
    return luma(image, LUMA[::-1], LUMA_OF_BYTES[::-1])


@compile_kernel(**BARE)
def _stream_luma(red, green, blue, grey, red_weight, green_weight, blue_weight):
    r, g, b = splat(red_weight), splat(green_weight), splat(blue_weight)
    for j in range(0, grey.shape[0], LANES):
        prefetch(red, j + AHEAD)
        prefetch(green, j + AHEAD)
        prefetch(blue, j + AHEAD)
        stream(grey, j, mix_onto(mix_onto(mix(load(red, j), r), load(green, j), g), load(blue, j), b))


@compile_kernel(fastmath=PIXELWISE)
def _luma(start, stop, image, result, streamed, red_weight, green_weight, blue_weight):
    for block in range(start, stop):
        index, first, last = span(block, image.shape[2])
        red, green, blue = image[index, 0, first:last], image[index, 1, first:last], image[index, 2, first:last]
        grey = result[index, 0, first:last]
        if streamed:
            _stream_luma(red, green, blue, grey, red_weight, green_weight, blue_weight)
            continue
        for j in range(grey.shape[0]):
            grey[j] = red_weight * red[j] + green_weight * green[j] + blue_weight * blue[j]


@compile_kernel(fastmath=PIXELWISE)
def _luma_bytes(start, stop, image, result, red_weight, green_weight, blue_weight):
    for block in range(start, stop):
        index, first, last = span(block, image.shape[2])
        red, green, blue = image[index, 0, first:last], image[index, 1, first:last], image[index, 2, first:last]
        grey = result[index, 0, first:last]
        for j in range(grey.shape[0]):
            total = red_weight * i32(red[j]) + green_weight * i32(green[j]) + blue_weight * i32(blue[j])
            grey[j] = np.uint8((total + _HALF) >> _SHIFT)


@compile_kernel(fastmath=PIXELWISE)
def _luma_adjoint(start, stop, result, gradient, red_weight, green_weight, blue_weight):
    for block in range(start, stop):
        index, first, last = span(block, result.shape[2])
        k, begin, end = round_span(index, first, last, gradient)
        grey = gradient[k, 0, begin:end]
        red, green, blue = result[index, 0, first:last], result[index, 1, first:last], result[index, 2, first:last]
        for j in range(grey.shape[0]):
            red[j] = red_weight * grey[j]
            green[j] = green_weight * grey[j]
            blue[j] = blue_weight * grey[j]
