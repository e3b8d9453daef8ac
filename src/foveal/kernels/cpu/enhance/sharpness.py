# SPDX-License-Identifier: Apache-2.0
"""CPU kernel of the sharpness: rows of sums stay in the first-level cache, each pixel is read and written once.

With the 3x3 mean S = clip((sum of the window + 4 x) / 13) and w = 1 - f: y = clip(x + w (S - x)), the border clip(x).
Adjoint: with k = g where y is not clipped, g' = k (1 - w inside), plus the 3x3 mean's transpose of w k where S is not
clipped; the factor gets the sum of -k (S - x), each row's in float32, their sum in float64.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from foveal.enhance._factor import as_batch, runs_along
from foveal.kernels._kernel import kernel
from foveal.kernels.cpu._array import as_array, empty
from foveal.kernels.cpu._compile import compile_kernel
from foveal.kernels.cpu._parallel import parallel_for
from foveal.kernels.cpu._planes import PIXELWISE

f32 = np.float32
Array = np.ndarray[Any, Any]
Factor = Tensor | float

# Rows of a strip: the work of a thread, at whose ends the adjoint repeats two rows.
STRIP = 64


def _accepts(input: Any, factor: Any) -> bool:
    return (
        isinstance(input, Tensor)
        and input.dtype is torch.float32
        and input.ndim >= 2
        and min(input.shape[-2:]) >= 3
        and input.numel() > 0
        and (
            runs_along(factor, as_batch(input), per_channel=False)
            if isinstance(factor, Tensor)
            else isinstance(factor, float | int)
        )
    )


def _examples() -> Iterator[tuple[Any, ...]]:
    yield torch.zeros(3, 4, 4), 0.5


def _adjoint(
    needs: tuple[bool, ...], gradients: tuple[Tensor, ...], outputs: tuple[Tensor, ...], input: Tensor, factor: Factor
) -> tuple[Tensor | None, ...]:
    result = empty(*input.shape)
    planes = _planes(input)
    sums = np.zeros((len(planes), planes.shape[1]), np.float32)
    _for_each_strip(_adjoint_strips, planes, _weights(factor, input), _planes(gradients[0]), _planes(result), sums)
    if not isinstance(factor, Tensor) or not needs[1]:
        return result, None
    total = torch.from_numpy(sums.sum(axis=1, dtype=np.float64)).reshape(as_batch(input).shape[:2]).sum(dim=1)
    return result, total.sum_to_size((*factor.shape, 1)[:1]).reshape(factor.shape).to(factor.dtype)


@kernel(accepts=_accepts, adjoint=_adjoint, examples=_examples, keep_outputs=False)
def sharpness(input: Tensor, factor: Factor) -> Tensor:
    """Smooth, blend and clip row by row."""
    result = empty(*input.shape)
    _for_each_strip(_strips, _planes(input), _weights(factor, input), _planes(result))
    return result


def _planes(image: Tensor) -> Array:
    return as_array(image).reshape(-1, *image.shape[-2:])


def _weights(factor: Factor, image: Tensor) -> Array:
    """Return 1 - f, one a plane."""
    count, channels = as_batch(image).shape[:2]
    if not isinstance(factor, Tensor):
        return np.full(count * channels, 1 - factor, np.float32)
    factors = factor.detach().to(torch.float32).reshape(-1, 1).expand(count, channels)
    return as_array((1 - factors).contiguous()).reshape(-1)


def _for_each_strip(loop: Callable[..., None], planes: Array, *arguments: Any) -> None:
    parallel_for(loop, len(planes) * -(-planes.shape[1] // STRIP), planes, *arguments, work=planes.size)


@compile_kernel(inline="always")
def _clipped(x):
    x = f32(0.0) if x < f32(0.0) else x
    return f32(1.0) if x > f32(1.0) else x


@compile_kernel(fastmath=PIXELWISE)
def _window_sums(above, here, below, columns, result):
    """Write the sums of 3x3 pixels, from the second column to the last but one."""
    for j in range(columns.shape[0]):
        columns[j] = above[j] + here[j] + below[j]
    left, middle, right = columns[: result.shape[0]], columns[1 : result.shape[0] + 1], columns[2 : result.shape[0] + 2]
    for j in range(result.shape[0]):
        result[j] = left[j] + middle[j] + right[j]


@compile_kernel(fastmath=PIXELWISE)
def _clip_row(row, result):
    for j in range(result.shape[0]):
        result[j] = _clipped(row[j])


@compile_kernel(fastmath=PIXELWISE)
def _blend_row(row, sums, weight, result):
    for j in range(result.shape[0]):
        x = row[j]
        smooth = _clipped((sums[j] + f32(4.0) * x) * f32(1 / 13))
        result[j] = _clipped(x + weight * (smooth - x))


@compile_kernel(fastmath=PIXELWISE)
def _strips(start, stop, planes, weights, result):
    height, width = planes.shape[1], planes.shape[2]
    count = (height + STRIP - 1) // STRIP
    columns, sums = np.empty(width, np.float32), np.empty(width - 2, np.float32)
    for strip in range(start, stop):
        i = strip // count
        first = (strip - i * count) * STRIP
        plane, found = planes[i], result[i]
        for y in range(first, min(first + STRIP, height)):
            _clip_row(plane[y], found[y])
            if y > 0 and y < height - 1:
                _window_sums(plane[y - 1], plane[y], plane[y + 1], columns, sums)
                _blend_row(plane[y, 1 : width - 1], sums, weights[i], found[y, 1 : width - 1])


@compile_kernel
def _slopes_row(row, sums, weight, gradient, direct, through):
    """Write k (1 - w), and w k where the mean is not clipped; return the sum of -k (S - x)."""
    total = f32(0.0)
    for j in range(through.shape[0]):
        x = row[j]
        mean = (sums[j] + f32(4.0) * x) * f32(1 / 13)
        smooth = _clipped(mean)
        y = x + weight * (smooth - x)
        k = gradient[j] if (y >= f32(0.0)) & (y <= f32(1.0)) else f32(0.0)
        direct[j] = k * (f32(1.0) - weight)
        through[j] = weight * k if smooth == mean else f32(0.0)
        total -= k * (smooth - x)
    return total


@compile_kernel(fastmath=PIXELWISE)
def _kept_row(row, gradient, direct):
    for j in range(direct.shape[0]):
        direct[j] = gradient[j] if (row[j] >= f32(0.0)) & (row[j] <= f32(1.0)) else f32(0.0)


@compile_kernel(fastmath=PIXELWISE)
def _gather_row(direct, above, here, below, columns, result):
    """Add the transposed mean: `here` and its neighbours have two zeros on either side of what they carry."""
    for j in range(columns.shape[0]):
        columns[j] = above[j] + here[j] + below[j]
    n = result.shape[0]
    left, middle, right, centre = columns[0:n], columns[1 : n + 1], columns[2 : n + 2], here[1 : n + 1]
    for j in range(n):
        result[j] = direct[j] + (left[j] + middle[j] + right[j] + f32(4.0) * centre[j]) * f32(1 / 13)


@compile_kernel
def _adjoint_strips(start, stop, planes, weights, gradients, result, totals):
    height, width = planes.shape[1], planes.shape[2]
    count = (height + STRIP - 1) // STRIP
    columns, sums = np.empty(width + 2, np.float32), np.empty(width - 2, np.float32)
    # What three rows send through the mean, and to themselves; row y is at y % 3.
    through, direct = np.zeros((3, width + 2), np.float32), np.zeros((3, width), np.float32)
    for strip in range(start, stop):
        i = strip // count
        first = (strip - i * count) * STRIP
        last = min(first + STRIP, height)
        plane, gradient, found = planes[i], gradients[i], result[i]
        for y in range(first - 1, last + 1):
            place = (y + 3) % 3
            if y <= 0 or y >= height - 1:
                through[place, :] = f32(0.0)
            if y >= 0 and y < height:
                _kept_row(plane[y], gradient[y], direct[place])
                if y > 0 and y < height - 1:
                    _window_sums(plane[y - 1], plane[y], plane[y + 1], columns[:width], sums)
                    total = _slopes_row(
                        plane[y, 1 : width - 1], sums, weights[i], gradient[y, 1 : width - 1],
                        direct[place, 1 : width - 1], through[place, 2:width],
                    )  # fmt: skip
                    if y >= first and y < last:
                        totals[i, y] = total
            if y > first:
                here = (y + 2) % 3
                _gather_row(direct[here], through[(y + 1) % 3], through[here], through[place], columns, found[y - 1])
