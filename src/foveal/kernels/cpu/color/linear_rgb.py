# SPDX-License-Identifier: Apache-2.0
"""CPU kernels of the sRGB gamma: one power per value, no masks, no copies for the two branches."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from foveal.kernels._kernel import kernel
from foveal.kernels.cpu._array import empty
from foveal.kernels.cpu._compile import compile_kernel
from foveal.kernels.cpu._planes import (
    PIXELWISE,
    accepts_image,
    for_each_block,
    planes,
    planes_of_gradient,
    round_span,
    span,
    to_byte,
)
from foveal.kernels.cpu.color._gamma import from_linear, from_linear_slope, to_linear, to_linear_slope

f32 = np.float32


def _accepts(image: Tensor) -> bool:
    return accepts_image(image, 3)


def _examples() -> Iterator[tuple[Any, ...]]:
    yield (torch.zeros(3, 4, 4),)
    yield (torch.zeros(3, 4, 4, dtype=torch.uint8),)


def _apart(channels: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return each channel as an image: they do not meet."""
    return channels.reshape(-1, 1, channels.shape[2])


def _convert(image: Tensor, loop: Callable[..., None]) -> Tensor:
    result = empty(*image.shape, dtype=image.dtype)
    for_each_block(loop, _apart(planes(image)), _apart(planes(result)))
    return result


def _pull_back(image: Tensor, output: Tensor, gradient: Tensor, loop: Callable[..., None]) -> Tensor:
    result, slopes = empty(*image.shape), planes_of_gradient(gradient)
    for_each_block(loop, _apart(planes(image)), _apart(planes(output)), _apart(slopes), _apart(planes(result)))
    return result


def _adjoint_there(
    needs: tuple[bool, ...], gradients: tuple[Tensor, ...], outputs: tuple[Tensor, ...], image: Tensor
) -> tuple[Tensor, ...]:
    return (_pull_back(image, outputs[0], gradients[0], _to_linear_adjoint),)


def _adjoint_back(
    needs: tuple[bool, ...], gradients: tuple[Tensor, ...], outputs: tuple[Tensor, ...], image: Tensor
) -> tuple[Tensor, ...]:
    return (_pull_back(image, outputs[0], gradients[0], _from_linear_adjoint),)


@kernel(accepts=_accepts, adjoint=_adjoint_there, examples=_examples)
def rgb_to_linear_rgb(image: Tensor) -> Tensor:
    """Light = g(value); adjoint: g'(value) gradient, where g' is made of value and light without a power."""
    return _convert(image, _to_linear_bytes if image.dtype is torch.uint8 else _to_linear)


@kernel(accepts=_accepts, adjoint=_adjoint_back, examples=_examples)
def linear_rgb_to_rgb(image: Tensor) -> Tensor:
    """Value = g^-1(light); adjoint: (g^-1)'(light) gradient, made of light and value without a power."""
    return _convert(image, _from_linear_bytes if image.dtype is torch.uint8 else _from_linear)


@compile_kernel(fastmath=PIXELWISE)
def _to_linear(start, stop, image, result):
    for block in range(start, stop):
        i, a, z = span(block, image.shape[2])
        values, lights = image[i, 0, a:z], result[i, 0, a:z]
        for j in range(lights.shape[0]):
            lights[j] = to_linear(values[j])


@compile_kernel(fastmath=PIXELWISE)
def _from_linear(start, stop, image, result):
    for block in range(start, stop):
        i, a, z = span(block, image.shape[2])
        lights, values = image[i, 0, a:z], result[i, 0, a:z]
        for j in range(values.shape[0]):
            values[j] = from_linear(lights[j])


@compile_kernel(fastmath=PIXELWISE)
def _to_linear_bytes(start, stop, image, result):
    table = np.empty(256, np.uint8)
    for level in range(256):
        table[level] = to_byte(to_linear(f32(level) * f32(1 / 255)) * f32(255))
    _look_up(start, stop, image, result, table)


@compile_kernel(fastmath=PIXELWISE)
def _from_linear_bytes(start, stop, image, result):
    table = np.empty(256, np.uint8)
    for level in range(256):
        table[level] = to_byte(from_linear(f32(level) * f32(1 / 255)) * f32(255))
    _look_up(start, stop, image, result, table)


@compile_kernel(fastmath=PIXELWISE)
def _look_up(start, stop, image, result, table):
    for block in range(start, stop):
        i, a, z = span(block, image.shape[2])
        levels, found = image[i, 0, a:z], result[i, 0, a:z]
        for j in range(found.shape[0]):
            found[j] = table[levels[j]]


@compile_kernel(fastmath=PIXELWISE)
def _to_linear_adjoint(start, stop, image, light, gradient, result):
    for block in range(start, stop):
        i, a, z = span(block, image.shape[2])
        values, lights = image[i, 0, a:z], light[i, 0, a:z]
        k, begin, end = round_span(i, a, z, gradient)
        slopes, found = gradient[k, 0, begin:end], result[i, 0, a:z]
        for j in range(found.shape[0]):
            found[j] = slopes[j] * to_linear_slope(values[j], lights[j])


@compile_kernel(fastmath=PIXELWISE)
def _from_linear_adjoint(start, stop, image, value, gradient, result):
    for block in range(start, stop):
        i, a, z = span(block, image.shape[2])
        lights, values = image[i, 0, a:z], value[i, 0, a:z]
        k, begin, end = round_span(i, a, z, gradient)
        slopes, found = gradient[k, 0, begin:end], result[i, 0, a:z]
        for j in range(found.shape[0]):
            found[j] = slopes[j] * from_linear_slope(lights[j], values[j])
