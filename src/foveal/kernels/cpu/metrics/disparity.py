# SPDX-License-Identifier: Apache-2.0
"""CPU kernels of the errors of disparities: both maps are read once, and a reduced error writes nothing.

With d = input - target the errors are |d|, d^2 (under the root), |d| > t, and |d| > t and |d| / |target| > r.
    Adjoint: sign(d) g for the first, d g / root for the second, 0 where a pixel does not count.
Sums are float32 within a block, float64 over the blocks.
"""

import functools
import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from foveal.kernels._kernel import kernel
from foveal.kernels.cpu._array import as_array, filled, fresh, scalar
from foveal.kernels.cpu._compile import compile_kernel
from foveal.kernels.cpu._difference import EASE, oppose, pull_apart
from foveal.kernels.cpu._parallel import parallel_for

f32 = np.float32
Array = np.ndarray[Any, Any]

ABSOLUTE, SQUARE, BAD, BAD_BY_BOTH = range(4)
# Pixels of a unit of work.
BLOCK = 4096
# A block of pixels that all count, for all blocks.
ALL = np.ones(BLOCK, np.bool_)
# From so many pixels on, without and with a gradient, the kernels pay, which have more to set up than PyTorch's few
# operations. With a mask there are more of those; errors that are written, not reduced, are two.
MASKED = 1 << 13, 1 << 16
REDUCED = 1 << 15, 1 << 20
WRITTEN = 1 << 20, 1 << 20


def _accepts(input: Any, target: Any, valid_mask: Any, reduction: Any) -> bool:
    return (
        isinstance(target, Tensor)
        and input.dtype is target.dtype is torch.float32
        and input.shape == target.shape
        and input.numel() > 0
        and reduction in ("none", "mean", "sum")
        and (valid_mask is None or (isinstance(valid_mask, Tensor) and _broadcasts(valid_mask.shape, input.shape)))
    )


def _broadcasts(mask: torch.Size, shape: torch.Size) -> bool:
    last = shape[len(shape) - len(mask) :]
    return len(mask) <= len(shape) and all(m in (1, s) for m, s in zip(mask, last, strict=True))


def _pays_absolute(taped: bool, input: Tensor, target: Tensor, valid_mask: Tensor | None, reduction: str) -> bool:
    least = MASKED if valid_mask is not None else WRITTEN if reduction == "none" else REDUCED
    return input.numel() >= least[taped]


def _pays_root(taped: bool, input: Tensor, target: Tensor, valid_mask: Tensor | None, reduction: str) -> bool:
    return (not taped and reduction != "none") or _pays_absolute(taped, input, target, valid_mask, reduction)


def _accepts_bad(input: Tensor, target: Any, threshold: Any, valid_mask: Any, reduction: Any) -> bool:
    return type(threshold) in (int, float) and _accepts(input, target, valid_mask, reduction)


def _accepts_d1(
    input: Tensor, target: Any, abs_threshold: Any, rel_threshold: Any, valid_mask: Any, reduction: Any
) -> bool:
    return type(rel_threshold) in (int, float) and _accepts_bad(input, target, abs_threshold, valid_mask, reduction)


def _examples(*thresholds: float) -> Iterator[tuple[Any, ...]]:
    maps = torch.zeros(4, device="cpu")
    for reduction in ("none", "mean"):
        yield maps, maps, *thresholds, maps == 0, reduction


def _adjoint_absolute(
    needs: tuple[bool, ...],
    gradients: tuple[Tensor, ...],
    outputs: tuple[Tensor, ...],
    input: Tensor,
    target: Tensor,
    valid_mask: Tensor | None,
    reduction: str,
) -> tuple[Tensor | None, ...]:
    maps = _Maps(input, target, valid_mask)
    return *maps.pull(ABSOLUTE, maps.gradient(gradients[0], reduction), needs), None, None


@kernel(
    accepts=_accepts,
    adjoint=_adjoint_absolute,
    examples=_examples,
    keep_outputs=False,
    least=MASKED,
    pays=_pays_absolute,
)
def mean_absolute_disparity_error(input: Tensor, target: Tensor, valid_mask: Tensor | None, reduction: str) -> Tensor:
    """Subtract and reduce in one pass."""
    return _Maps(input, target, valid_mask).error(ABSOLUTE, reduction)


def _adjoint_root(
    needs: tuple[bool, ...],
    gradients: tuple[Tensor, ...],
    outputs: tuple[Tensor, ...],
    input: Tensor,
    target: Tensor,
    valid_mask: Tensor | None,
    reduction: str,
) -> tuple[Tensor | None, ...]:
    maps = _Maps(input, target, valid_mask)
    if reduction == "none":
        return *maps.pull(ABSOLUTE, maps.gradient(gradients[0], reduction), needs), None, None
    root = float(outputs[0])
    gradient = float(gradients[0]) / root if root != 0 else 0.0
    return *maps.pull(SQUARE, maps.spread(gradient, reduction), needs), None, None


@kernel(accepts=_accepts, adjoint=_adjoint_root, examples=_examples, least=(0, MASKED[1]), pays=_pays_root)
def root_mean_squared_disparity_error(
    input: Tensor, target: Tensor, valid_mask: Tensor | None, reduction: str
) -> Tensor:
    """Subtract, square and reduce in one pass."""
    maps = _Maps(input, target, valid_mask)
    return maps.error(ABSOLUTE, reduction) if reduction == "none" else maps.error(SQUARE, reduction).sqrt_()


@kernel(accepts=_accepts_bad, examples=functools.partial(_examples, 3.0), without_gradient=(0,))
def mean_bad_pixel_error(
    input: Tensor, target: Tensor, threshold: float, valid_mask: Tensor | None, reduction: str
) -> Tensor:
    """Compare and count in one pass."""
    return _Maps(input, target, valid_mask).error(BAD, reduction, threshold)


@kernel(accepts=_accepts_d1, examples=functools.partial(_examples, 3.0, 0.05), without_gradient=(0,))
def kitti_d1_error(
    input: Tensor,
    target: Tensor,
    abs_threshold: float,
    rel_threshold: float,
    valid_mask: Tensor | None,
    reduction: str,
) -> Tensor:
    """Compare and count in one pass."""
    return _Maps(input, target, valid_mask).error(BAD_BY_BOTH, reduction, abs_threshold, rel_threshold)


class _Maps:
    """Two maps, and which of their pixels count."""

    def __init__(self, input: Tensor, target: Tensor, valid_mask: Tensor | None) -> None:
        self.input, self.target, self.shape = input, target, input.shape
        self.first, self.second = as_array(input).reshape(-1), as_array(target).reshape(-1)
        self.size = self.count = self.first.size
        self.blocks = -(-self.size // BLOCK)
        if valid_mask is None:
            self.valid = ALL
        else:
            valid = as_array(valid_mask if valid_mask.dtype is torch.bool else valid_mask != 0)
            # Counted before it is spread over the maps.
            self.count = int(np.count_nonzero(valid)) * (self.size // max(valid.size, 1))
            self.valid = np.ascontiguousarray(np.broadcast_to(valid, input.shape)).reshape(-1)

    def error(self, kind: int, reduction: str, absolute: float = 0.0, relative: float = 0.0) -> Tensor:
        """Return the errors, or what the reduction makes of them."""
        arguments = self.first, self.second, self.valid, f32(absolute), f32(relative)
        if reduction == "none":
            result, row = fresh(self.shape)
            parallel_for(_errors(kind), self.blocks, *arguments, row.reshape(-1), work=self.size // EASE)
            return result
        sums = np.empty(self.blocks, np.float32)
        parallel_for(_sums(kind), self.blocks, *arguments, sums, work=self.size // EASE)
        total = float(np.add.reduce(sums, dtype=np.float64))
        if reduction == "mean":
            total = total / self.count if self.count else math.nan
        return scalar(total)

    def gradient(self, gradient: Tensor, reduction: str) -> Array:
        """Return the gradient of each pixel's part; of a reduced error one block, for all blocks."""
        if reduction == "none":
            return as_array(gradient).reshape(-1)
        return self.spread(float(gradient), reduction)

    def spread(self, gradient: float, reduction: str) -> Array:
        """Return the gradient of each pixel's part of a reduced error."""
        return filled((min(self.size, BLOCK),), gradient / (max(self.count, 1) if reduction == "mean" else 1))

    def pull(self, kind: int, gradient: Array, needs: tuple[bool, ...]) -> tuple[Tensor | None, Tensor | None]:
        """Return the gradients to both maps."""
        loop = _pull(kind)
        return pull_apart(
            needs, self.input, self.target, (-1,),
            lambda *maps: parallel_for(loop, self.blocks, *maps, self.valid, gradient, work=self.size // EASE),
        )  # fmt: skip


@compile_kernel(inline="always")
def _error(kind, x, y, absolute, relative):
    d = x - y
    distance = abs(d)
    if kind == ABSOLUTE:
        return distance
    if kind == SQUARE:
        return d * d
    if kind == BAD:
        return f32(1.0) if distance > absolute else f32(0.0)
    share = distance / abs(y)
    return (f32(1.0) if distance > absolute else f32(0.0)) * (f32(1.0) if share > relative else f32(0.0))


@functools.cache
def _errors(kind: int) -> Callable[..., None]:
    @compile_kernel
    def loop(start, stop, first, second, valid, absolute, relative, result):
        for block in range(start, stop):
            begin, end = block * BLOCK, min(block * BLOCK + BLOCK, first.shape[0])
            x, y, found, at = first[begin:end], second[begin:end], result[begin:end], begin % valid.shape[0]
            counts = valid[at : at + end - begin]
            for j in range(found.shape[0]):
                error = _error(kind, x[j], y[j], absolute, relative)
                found[j] = error if counts[j] else f32(0.0)

    return loop


@functools.cache
def _sums(kind: int) -> Callable[..., None]:
    @compile_kernel
    def loop(start, stop, first, second, valid, absolute, relative, sums):
        for block in range(start, stop):
            begin, end = block * BLOCK, min(block * BLOCK + BLOCK, first.shape[0])
            x, y, at, total = first[begin:end], second[begin:end], begin % valid.shape[0], f32(0.0)
            counts = valid[at : at + end - begin]
            for j in range(x.shape[0]):
                error = _error(kind, x[j], y[j], absolute, relative)
                total += error if counts[j] else f32(0.0)
            sums[block] = total

    return loop


@functools.cache
def _pull(kind: int) -> Callable[..., None]:
    @compile_kernel
    def loop(start, stop, first, second, result, opposite, valid, gradient):
        for block in range(start, stop):
            begin, end = block * BLOCK, min(block * BLOCK + BLOCK, first.shape[0])
            x, y, found, at = first[begin:end], second[begin:end], result[begin:end], begin % valid.shape[0]
            counts, place = valid[at : at + end - begin], begin % gradient.shape[0]
            g = gradient[place : place + end - begin]
            for j in range(found.shape[0]):
                d = x[j] - y[j]
                slope = d if kind == SQUARE else np.sign(d)
                found[j] = slope * g[j] if counts[j] else f32(0.0)
            oppose(found, opposite[begin:end])

    return loop
