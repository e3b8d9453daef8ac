# SPDX-License-Identifier: Apache-2.0
"""CPU kernel of the pixels in a range, for bounds of a number per channel. Adjoint: the gradient on the pixels kept."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from foveal.kernels._kernel import kernel
from foveal.kernels.cpu._array import empty
from foveal.kernels.cpu._compile import compile_kernel
from foveal.kernels.cpu._planes import BLOCK, PIXELWISE, for_each_block, planes, planes_of_gradient, round_span, span

f32 = np.float32
ONE = f32(1)


def _accepts(input: Tensor, lower: Any, upper: Any, return_mask: Any) -> bool:
    return (
        input.dtype is torch.float32
        and input.ndim >= 3
        and input.numel() > 0
        and isinstance(return_mask, bool)
        and all(isinstance(bound, tuple) and len(bound) == input.shape[-3] for bound in (lower, upper))
        and all(isinstance(value, int | float) for value in (*lower, *upper))
    )


def _examples() -> Iterator[tuple[Any, ...]]:
    for return_mask in (False, True):
        yield torch.zeros(3, 4, 4), (0.0,) * 3, (1.0,) * 3, return_mask


def _bounds(lower: tuple[Any, ...], upper: tuple[Any, ...]) -> tuple[Any, Any]:
    return np.array(lower, np.float32), np.array(upper, np.float32)


def _adjoint(
    needs: tuple[bool, ...],
    gradients: tuple[Tensor, ...],
    outputs: tuple[Tensor, ...],
    input: Tensor,
    lower: tuple[Any, ...],
    upper: tuple[Any, ...],
    return_mask: bool,
) -> tuple[Tensor | None, ...]:
    result = empty(*input.shape)
    for_each_block(
        _kept, planes(input), planes_of_gradient(gradients[0]), *_bounds(lower, upper), planes(result)
    )  # fmt: skip
    return result, None, None, None


@kernel(accepts=_accepts, adjoint=_adjoint, examples=_examples, keep_outputs=False)
def in_range(input: Tensor, lower: tuple[Any, ...], upper: tuple[Any, ...], return_mask: bool) -> Tensor:
    """One pass over blocks of pixels: the mask of all channels, then the channels times it."""
    image = planes(input)
    if return_mask:
        result = empty(*input.shape[:-3], 1, *input.shape[-2:])
        for_each_block(_masks, image, *_bounds(lower, upper), planes(result))
        return result
    result = empty(*input.shape)
    for_each_block(_kept, image, image, *_bounds(lower, upper), planes(result))
    return result


@compile_kernel(fastmath=PIXELWISE)
def _mask(image, index, first, last, lower, upper, mask):
    mask[:] = ONE
    for channel in range(image.shape[1]):
        row, low, high = image[index, channel, first:last], lower[channel], upper[channel]
        for j in range(mask.shape[0]):
            mask[j] = mask[j] if (row[j] >= low) & (row[j] <= high) else f32(0)


@compile_kernel(fastmath=PIXELWISE)
def _masks(start, stop, image, lower, upper, result):
    for block in range(start, stop):
        index, first, last = span(block, image.shape[2])
        _mask(image, index, first, last, lower, upper, result[index, 0, first:last])


@compile_kernel(fastmath=PIXELWISE)
def _kept(start, stop, image, values, lower, upper, result):
    """Write values times the mask of the image: the image itself, or a gradient."""
    scratch = np.empty(BLOCK, f32)
    for block in range(start, stop):
        index, first, last = span(block, image.shape[2])
        place, begin, end = round_span(index, first, last, values)
        mask = scratch[: last - first]
        _mask(image, index, first, last, lower, upper, mask)
        for channel in range(image.shape[1]):
            row, out = values[place, channel, begin:end], result[index, channel, first:last]
            for j in range(mask.shape[0]):
                out[j] = row[j] * mask[j]
