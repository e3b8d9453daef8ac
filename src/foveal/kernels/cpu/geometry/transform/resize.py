# SPDX-License-Identifier: Apache-2.0
"""CPU kernels of resizes: an antialiasing blur and the interpolation are one table of taps for each axis."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from torch import Tensor

from foveal.geometry.transform.resize import INTERPOLATIONS, SIDES, SMOOTH, blur_of, divisible_sides, scaled_sides
from foveal.geometry.transform.resize import sides_of as sides_of_resize
from foveal.kernels._kernel import kernel
from foveal.kernels.cpu.geometry.transform._axis import Plan, blur, compose, from_taps, interpolation, plan, transpose
from foveal.kernels.cpu.geometry.transform._separable import apply_axes


@lru_cache(maxsize=64)
def _axis(size: int, count: int, mode: str, align_corners: bool, antialias: bool, transposed: bool) -> Plan:
    """Return the table of an axis of so many pixels that gets `count` of them."""
    if size == count:
        axis = from_taps(np.arange(size)[:, None], np.ones((size, 1)), size)
    else:
        axis = interpolation(size, count, mode, align_corners)
    if antialias and count < size:
        taps, deviation = blur_of(size, count)
        weights = np.exp(-0.5 * ((np.arange(taps) - taps // 2) / deviation) ** 2)
        axis = compose(axis, blur(size, weights / weights.sum(), "reflect"))
    return plan(transpose(axis) if transposed else axis)


def _resample(input: Tensor, size: tuple[int, int], mode: str, align_corners: bool | None, antialias: bool) -> Tensor:
    if input.shape[-2:] == size:
        return input.clone(memory_format=torch.contiguous_format)
    options = (mode, bool(align_corners), antialias, False)
    rows, columns = (_axis(*sides, *options) for sides in zip(input.shape[-2:], size, strict=True))
    return apply_axes(input, rows, columns)


def _pull_back(
    input: Tensor, gradient: Tensor, size: tuple[int, int], mode: str, align_corners: bool | None, antialias: bool
) -> Tensor:
    if input.shape[-2:] == size:
        return gradient
    options = (mode, bool(align_corners), antialias, True)
    rows, columns = (_axis(*sides, *options) for sides in zip(input.shape[-2:], size, strict=True))
    return apply_axes(gradient, rows, columns)


def _accepts(input: Any, interpolation: Any, align_corners: Any, antialias: Any) -> bool:
    return (
        isinstance(input, Tensor)
        and input.dtype in (torch.float32, torch.uint8)
        and input.ndim >= 2
        and input.numel() > 0
        and isinstance(interpolation, str)
        and interpolation in INTERPOLATIONS
        and (align_corners is None or (isinstance(align_corners, bool) and interpolation in SMOOTH))
        and isinstance(antialias, bool)
    )


def _is_count(value: Any) -> bool:
    return type(value) is int and value > 0


def _accepts_resize(input: Any, size: Any, interpolation: Any, align_corners: Any, side: Any, antialias: Any) -> bool:
    if not _accepts(input, interpolation, align_corners, antialias) or not isinstance(side, str) or side not in SIDES:
        return False
    if isinstance(size, tuple | list):
        return len(size) == 2 and all(_is_count(s) for s in size)
    return _is_count(size) and min(sides_of_resize(input, size, side)) > 0


def _resize_adjoint(
    needs: tuple[bool, ...], gradients: tuple[Tensor, ...], outputs: tuple[Tensor, ...], *arguments: Any
) -> tuple[Tensor | None, ...]:
    input, size, interpolation, align_corners, side, antialias = arguments
    sides = sides_of_resize(input, size, side)
    return _pull_back(input, gradients[0], sides, interpolation, align_corners, antialias), *[None] * 5


def _resize_examples() -> Iterator[tuple[Any, ...]]:
    for dtype in (torch.float32, torch.uint8):
        yield torch.zeros(1, 40, 40, dtype=dtype), (20, 20), "bilinear", None, "short", False
        yield torch.zeros(1, 40, 40, dtype=dtype), (30, 30), "bilinear", None, "short", False
        yield torch.zeros(1, 40, 160, dtype=dtype), (30, 40), "bilinear", None, "short", False
    # Large enough to be written past the caches.
    yield torch.zeros(1, 8, 2048), (2048, 4096), "bilinear", None, "short", False


@kernel(
    accepts=_accepts_resize,
    examples=_resize_examples,
    adjoint=_resize_adjoint,
    keep_outputs=False,
)
def resize(
    input: Tensor, size: Any, interpolation: str, align_corners: bool | None, side: str, antialias: bool
) -> Tensor:
    """Resample images on so many rows and columns."""
    return _resample(input, sides_of_resize(input, size, side), interpolation, align_corners, antialias)


def _accepts_rescale(input: Any, factor: Any, interpolation: Any, align_corners: Any, antialias: Any) -> bool:
    if not _accepts(input, interpolation, align_corners, antialias):
        return False
    factors = factor if isinstance(factor, tuple | list) else (factor, factor)
    if len(factors) != 2 or not all(type(f) in (int, float) and f > 0 for f in factors):
        return False
    return min(scaled_sides(input, factor)) > 0


def _rescale_adjoint(
    needs: tuple[bool, ...], gradients: tuple[Tensor, ...], outputs: tuple[Tensor, ...], *arguments: Any
) -> tuple[Tensor | None, ...]:
    input, factor, interpolation, align_corners, antialias = arguments
    sides = scaled_sides(input, factor)
    return _pull_back(input, gradients[0], sides, interpolation, align_corners, antialias), *[None] * 4


def _rescale_examples() -> Iterator[tuple[Any, ...]]:
    for dtype in (torch.float32, torch.uint8):
        yield torch.zeros(1, 40, 40, dtype=dtype), 0.5, "bilinear", None, False


@kernel(accepts=_accepts_rescale, examples=_rescale_examples, adjoint=_rescale_adjoint, keep_outputs=False)
def rescale(input: Tensor, factor: Any, interpolation: str, align_corners: bool | None, antialias: bool) -> Tensor:
    """Resample images on so many times their rows and columns."""
    return _resample(input, scaled_sides(input, factor), interpolation, align_corners, antialias)


def _accepts_divisible(
    input: Any, divisible_factor: Any, interpolation: Any, align_corners: Any, side: Any, antialias: Any
) -> bool:
    return (
        _accepts(input, interpolation, align_corners, antialias)
        and _is_count(divisible_factor)
        and isinstance(side, str)
        and side in SIDES
    )


def _divisible_adjoint(
    needs: tuple[bool, ...], gradients: tuple[Tensor, ...], outputs: tuple[Tensor, ...], *arguments: Any
) -> tuple[Tensor | None, ...]:
    input, divisible_factor, interpolation, align_corners, _, antialias = arguments
    sides = divisible_sides(input, divisible_factor)
    return _pull_back(input, gradients[0], sides, interpolation, align_corners, antialias), *[None] * 5


def _divisible_examples() -> Iterator[tuple[Any, ...]]:
    for dtype in (torch.float32, torch.uint8):
        yield torch.zeros(1, 40, 40, dtype=dtype), 32, "bilinear", None, "short", False


@kernel(accepts=_accepts_divisible, examples=_divisible_examples, adjoint=_divisible_adjoint, keep_outputs=False)
def resize_to_be_divisible(
    input: Tensor, divisible_factor: int, interpolation: str, align_corners: bool | None, side: str, antialias: bool
) -> Tensor:
    """Resample images on the nearest numbers of rows and columns that a factor divides."""
    return _resample(input, divisible_sides(input, divisible_factor), interpolation, align_corners, antialias)
