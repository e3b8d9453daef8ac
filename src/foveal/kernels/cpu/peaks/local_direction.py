# SPDX-License-Identifier: Apache-2.0
"""CPU kernel of the quarter-pixel step: it reads the four neighbours of each peak and no more."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from foveal.kernels._kernel import kernel
from foveal.kernels.cpu._array import as_array, empty
from foveal.kernels.cpu._compile import compile_kernel
from foveal.kernels.cpu._parallel import parallel_for

f32 = np.float32
INTEGERS = (torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8)
# A peak costs about as much as this many elements of a map.
WORK = 32


def _accepts(imgs: Tensor, peaks: Tensor, delta: Any) -> bool:
    return (
        imgs.dtype is torch.float32
        and imgs.ndim == 4
        and 0 not in imgs.shape
        and imgs.is_contiguous()
        and isinstance(peaks, Tensor)
        and (peaks.dtype is torch.float32 or peaks.dtype in INTEGERS)
        and peaks.shape[1:] == (4,)
        and isinstance(delta, float | int)
        and delta > 0
    )


def _examples() -> Iterator[tuple[Any, ...]]:
    yield torch.zeros(1, 1, 4, 4), torch.zeros(1, 4), 0.25


def _adjoint(
    needs: tuple[bool, ...],
    gradients: tuple[Tensor, ...],
    outputs: tuple[Tensor, ...],
    imgs: Tensor,
    peaks: Tensor,
    delta: float,
) -> tuple[Tensor | None, ...]:
    return torch.zeros_like(imgs) if needs[0] else None, gradients[0] if needs[1] else None, None


@kernel(accepts=_accepts, adjoint=_adjoint, examples=_examples, keep_outputs=False)
def refine_peaks_local_direction(imgs: Tensor, peaks: Tensor, delta: float) -> Tensor:
    """Step along the sign of the central differences."""
    places = as_array(peaks.to(torch.float32))
    result = empty(*places.shape)
    samples, channels = imgs.shape[:2]
    if len(places):
        for name, size, values in (("sample", samples, places[:, 0]), ("channel", channels, places[:, 3])):
            if not (np.rint(values.min()) >= -size and np.rint(values.max()) < size):
                raise IndexError(f"peaks must name a {name} under {size}, got {values.min()} to {values.max()}")
    parallel_for(_refine, len(places), as_array(imgs), places, f32(delta), result.numpy(), work=len(places) * WORK)
    return result


@compile_kernel
def _pixel(plane, row, column):
    return plane[row, column] if 0 <= row < plane.shape[0] and 0 <= column < plane.shape[1] else f32(0)


@compile_kernel
def _value(plane, y, x):
    """Read between the pixels, bilinearly, with zeros outside."""
    whole_y, whole_x = np.floor(y), np.floor(x)
    row, column, down, across = int(whole_y), int(whole_x), y - whole_y, x - whole_x
    value = _pixel(plane, row, column)
    if across == f32(0) and down == f32(0):
        return value
    above = value + across * (_pixel(plane, row, column + 1) - value)
    below = _pixel(plane, row + 1, column)
    below += across * (_pixel(plane, row + 1, column + 1) - below)
    return above + down * (below - above)


@compile_kernel
def _step(before, after, delta):
    return delta if after > before else (-delta if after < before else after - before)


@compile_kernel
def _refine(start, stop, imgs, peaks, delta, result):
    samples, channels, height, width = imgs.shape
    for index in range(start, stop):
        sample, channel = int(np.rint(peaks[index, 0])), int(np.rint(peaks[index, 3]))
        plane = imgs[sample + samples if sample < 0 else sample, channel + channels if channel < 0 else channel]
        y, x = peaks[index, 1], peaks[index, 2]
        result[index] = peaks[index]
        # An x far outside (or NaN) meets zeros on both sides.
        near = f32(-2) < x < f32(width + 1), f32(-2) < y < f32(height + 1)
        if near[0] and f32(1) <= y <= f32(height - 2):
            result[index, 1] += _step(_value(plane, y - f32(1), x), _value(plane, y + f32(1), x), delta)
        if near[1] and f32(1) <= x <= f32(width - 2):
            result[index, 2] += _step(_value(plane, y, x - f32(1)), _value(plane, y, x + f32(1)), delta)
