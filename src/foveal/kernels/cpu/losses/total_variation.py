# SPDX-License-Identifier: Apache-2.0
"""CPU kernel of the total variation: planes are read once, in strips of rows.

Adjoint: each pixel gets the signs of its differences from the neighbours before it, less those of the ones behind it.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from foveal.kernels._kernel import kernel
from foveal.kernels.cpu._array import as_array, empty
from foveal.kernels.cpu._compile import compile_kernel
from foveal.kernels.cpu._parallel import parallel_for
from foveal.kernels.cpu.losses._softmax import Array

f32 = np.float32

# Rows of a strip.
STRIP = 32


def _accepts(img: Any, reduction: Any) -> bool:
    return img.dtype is torch.float32 and img.ndim >= 2 and img.numel() > 0 and reduction in ("mean", "sum")


def _examples() -> Iterator[tuple[Any, ...]]:
    yield torch.zeros(1, 8, 8), "sum"


def _planes(img: Tensor) -> Array:
    return as_array(img).reshape(-1, *img.shape[-2:])


def _shares(img: Tensor, reduction: str) -> tuple[float, float]:
    """Return what a vertical and a horizontal difference count."""
    height, width = img.shape[-2:]
    if reduction == "sum":
        return 1.0, 1.0
    return 1 / max((height - 1) * width, 1), 1 / max(height * (width - 1), 1)


def _adjoint(
    needs: tuple[bool, ...], gradients: tuple[Tensor, ...], outputs: tuple[Tensor, ...], img: Tensor, reduction: str
) -> tuple[Tensor | None, ...]:
    result, planes = empty(*img.shape), _planes(img)
    strips = -(-planes.shape[1] // STRIP)
    vertical, horizontal = _shares(img, reduction)
    parallel_for(
        _slopes, planes.shape[0] * strips, strips, planes, as_array(gradients[0]).reshape(-1), f32(vertical),
        f32(horizontal), _planes(result), work=planes.size,
    )  # fmt: skip
    return result, None


@kernel(accepts=_accepts, adjoint=_adjoint, examples=_examples, keep_outputs=False)
def total_variation(img: Tensor, reduction: str) -> Tensor:
    """Add up the differences of strips of rows."""
    planes = _planes(img)
    strips = -(-planes.shape[1] // STRIP)
    sums = np.zeros((planes.shape[0] * strips, 2))
    parallel_for(_differences, len(sums), strips, planes, sums, work=planes.size)
    vertical, horizontal = (sums if strips == 1 else sums.reshape(-1, strips, 2).sum(axis=1)).T
    first, second = _shares(img, reduction)
    total = np.asarray(vertical * first + horizontal * second, f32)
    return torch.from_numpy(total.reshape(img.shape[:-2]))


@compile_kernel
def _row_difference(row, other):
    total = f32(0.0)
    for j in range(row.shape[0]):
        total += abs(other[j] - row[j])
    return total


@compile_kernel
def _differences(start, stop, strips, planes, sums):
    height, width = planes.shape[1], planes.shape[2]
    for strip in range(start, stop):
        plane, first = strip // strips, strip % strips * STRIP
        for y in range(first, min(first + STRIP, height)):
            row = planes[plane, y]
            sums[strip, 1] += _row_difference(row[0 : width - 1], row[1:width])
            if y + 1 < height:
                sums[strip, 0] += _row_difference(row, planes[plane, y + 1])


@compile_kernel(inline="always")
def sign(pixel, other):
    """Return the sign of pixel - other, 0 where they are equal."""
    above = f32(1.0) if pixel > other else f32(0.0)
    return f32(-1.0) if pixel < other else above


@compile_kernel
def _row_slopes(before, row, behind, left, right, vertical, horizontal, result):
    for j in range(result.shape[0]):
        pixel = row[j]
        result[j] = vertical * (sign(pixel, before[j]) + sign(pixel, behind[j])) + horizontal * (
            sign(pixel, left[j]) + sign(pixel, right[j])
        )


@compile_kernel
def _slopes(start, stop, strips, planes, gradients, vertical, horizontal, result):
    height, width = planes.shape[1], planes.shape[2]
    for strip in range(start, stop):
        plane, first = strip // strips, strip % strips * STRIP
        up, across = gradients[plane] * vertical, gradients[plane] * horizontal
        for y in range(first, min(first + STRIP, height)):
            row, found, last = planes[plane, y], result[plane, y], width - 1
            # At an edge a pixel is its own neighbour.
            before, behind = planes[plane, max(y - 1, 0)], planes[plane, min(y + 1, height - 1)]
            _row_slopes(
                before[1:last], row[1:last], behind[1:last], row[0 : last - 1], row[2:width], up, across, found[1:last]
            )
            for x in (0, last):
                left, right = row[max(x - 1, 0)], row[min(x + 1, last)]
                found[x] = up * (sign(row[x], before[x]) + sign(row[x], behind[x])) + across * (
                    sign(row[x], left) + sign(row[x], right)
                )
