# SPDX-License-Identifier: Apache-2.0
"""CPU kernel of the smoothing: a block of rows is smoothed along its rows into scratch, from there down its columns.

Rows of a block lie one behind the other, so that both passes are long loops over one flat array. Along the rows this is
wrong near the ends, where it meets the neighbouring row: those few columns are computed anew.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from foveal.kernels._kernel import kernel
from foveal.kernels.cpu._array import as_array, empty
from foveal.kernels.cpu._compile import compile_kernel
from foveal.kernels.cpu._parallel import parallel_for
from foveal.peaks.smoothing import BORDERS, ensure_odd

f32 = np.float32


def _accepts(imgs: Tensor, kernel_size: Any, sigma: Any, border_type: Any) -> bool:
    if not (
        imgs.dtype is torch.float32
        and imgs.ndim == 4
        and 0 not in imgs.shape
        and type(kernel_size) is int
        and kernel_size > 0
        and isinstance(sigma, float | int)
        and sigma > 0
        and border_type in BORDERS
    ):
        return False
    reach = ensure_odd(kernel_size) // 2
    return border_type in ("constant", "replicate") or min(imgs.shape[2:]) >= reach + (border_type == "reflect")


def _examples() -> Iterator[tuple[Any, ...]]:
    yield torch.zeros(1, 1, 8, 8), 5, 1.0, "constant"


def _adjoint(
    needs: tuple[bool, ...],
    gradients: tuple[Tensor, ...],
    outputs: tuple[Tensor, ...],
    imgs: Tensor,
    kernel_size: int,
    sigma: float,
    border_type: str,
) -> tuple[Tensor | None, ...]:
    if border_type == "constant":
        return _run(gradients[0], kernel_size, sigma, border_type), None, None, None
    # The transpose: smooth the gradient on the padded image, then add its border to the pixels that stand there.
    reach = ensure_odd(kernel_size) // 2
    wide = _run(functional.pad(gradients[0], [reach] * 4), kernel_size, sigma, "constant")
    for axis in (2, 3):
        size = imgs.shape[axis]
        inner, outer = wide.narrow(axis, reach, size), [*range(reach), *range(size + reach, size + 2 * reach)]
        border = wide.index_select(axis, torch.tensor(outer, dtype=torch.int64, device="cpu"))
        pixels = torch.from_numpy(_source(size, reach, border_type)[outer])
        wide = inner.index_add(axis, pixels, border)
    return wide, None, None, None


@kernel(accepts=_accepts, adjoint=_adjoint, examples=_examples, keep_outputs=False)
def smooth_imgs(imgs: Tensor, kernel_size: int, sigma: float, border_type: str) -> Tensor:
    """Both passes of the separable Gaussian over blocks of rows."""
    return _run(imgs, kernel_size, sigma, border_type)


def _run(imgs: Tensor, kernel_size: int, sigma: float, border_type: str) -> Tensor:
    result = empty(*imgs.shape)
    reach = ensure_odd(kernel_size) // 2
    weights = np.exp(-((np.arange(reach + 1) / sigma) ** 2) / 2)
    weights /= weights[0] + 2 * weights[1:].sum()
    height, width = imgs.shape[2:]
    shape = (imgs.shape[0] * imgs.shape[1], height * width)
    parallel_for(
        _smooth, shape[0], as_array(imgs).reshape(shape), weights.astype(f32), _source(height, reach, border_type),
        _source(width, reach, border_type), result.numpy().reshape(shape), work=imgs.numel(),
    )  # fmt: skip
    return result


def _source(size: int, reach: int, border_type: str) -> np.ndarray[Any, Any]:
    """Return the pixel that stands at each place from -reach to size + reach - 1, -1 where it is zero."""
    places = np.arange(-reach, size + reach)
    if border_type == "constant":
        return np.where((places < 0) | (places >= size), -1, places)
    if border_type == "reflect":
        return size - 1 - np.abs(size - 1 - np.abs(places))
    return places.clip(0, size - 1) if border_type == "replicate" else places % size


# Elements of a chunk, whose sums stay in the first-level cache while pair after pair is added.
CHUNK = 2048


@compile_kernel
def _blend(source, start, step, weights, result):
    """Write the weighted sum of the elements that lie 0, 1, ..., reach steps before and behind each one."""
    for first in range(0, result.shape[0], CHUNK):
        sums = result[first : first + CHUNK]
        count, middle = sums.shape[0], start + first
        _add(source, middle, 0, count, f32(0.5) * weights[0], False, sums)
        for k in range(1, weights.shape[0]):
            _add(source, middle, k * step, count, weights[k], True, sums)


@compile_kernel(inline="always")
def _add(source, middle, distance, count, weight, more, sums):
    before = source[middle - distance : middle - distance + count]
    behind = source[middle + distance : middle + distance + count]
    if more:
        for j in range(count):
            sums[j] += (before[j] + behind[j]) * weight
    else:
        for j in range(count):
            sums[j] = (before[j] + behind[j]) * weight


@compile_kernel
def _along(source, weights, columns, result):
    """Smooth along rows that lie one behind the other."""
    reach = weights.shape[0] - 1
    width = columns.shape[0] - 2 * reach
    if source.shape[0] > 2 * reach:
        _blend(source, reach, 1, weights, result[reach : source.shape[0] - reach])
    for row in range(source.shape[0] // width):
        for place in range(min(2 * reach, width)):
            # The first columns, then the last ones.
            j = place if place < reach else max(width - 2 * reach, 0) + place
            total = f32(0)
            for k in range(2 * reach + 1):
                if columns[j + k] >= 0:
                    total += weights[abs(k - reach)] * source[row * width + columns[j + k]]
            result[row * width + j] = total


# Elements of a block: in the second-level cache, and many rows for the few that two blocks both need.
BLOCK = 32_768


@compile_kernel
def _smooth(start, stop, planes, weights, rows, columns, result):
    reach = weights.shape[0] - 1
    height, width = rows.shape[0] - 2 * reach, columns.shape[0] - 2 * reach
    block = min(max(BLOCK // width, 4 * reach, 1), height)
    scratch = np.empty((block + 2 * reach) * width, f32)
    for index in range(start, stop):
        for i in range(0, height, block):
            count = min(block, height - i)
            place, end = i, i + count + 2 * reach
            while place < end:
                run = place + 1
                while run < end and rows[run] == rows[run - 1] + 1 and rows[place] >= 0:
                    run += 1
                target = scratch[(place - i) * width : (run - i) * width]
                if rows[place] >= 0:
                    source = planes[index, rows[place] * width : (rows[place] + run - place) * width]
                    _along(source, weights, columns, target)
                else:
                    target[:] = f32(0)
                place = run
            _blend(scratch, reach * width, width, weights, result[index, i * width : (i + count) * width])
