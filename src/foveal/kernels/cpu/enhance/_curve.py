# SPDX-License-Identifier: Apache-2.0
"""One pass over an image that sends every pixel through a curve: forward, of bytes, and the adjoint.

The image is rows of pixels, one row for each place of the leading dimensions along which the factors run. Adjoint:
g' = g dy/dx where y is not clipped, and the factors' gradients are the rows' sums of g dy/da and g dy/db, each block's
in float32, their sum in float64.
"""

import functools
import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from foveal.enhance._factor import aligned, runs_along
from foveal.kernels.cpu._array import as_array, empty, is_streamed
from foveal.kernels.cpu._compile import BARE, compile_kernel
from foveal.kernels.cpu._gather import where_less
from foveal.kernels.cpu._planes import BLOCK, PIXELWISE, for_each_block, round_span, span, to_byte
from foveal.kernels.cpu._vector import LANES, load, splat, stream
from foveal.kernels.cpu.enhance._formulas import AFFINE, LEVELS, LINEAR, curve, slopes

f32 = np.float32
Array = np.ndarray[Any, Any]
Factor = Tensor | float


class Curve(NamedTuple):
    """A formula with its factors, numbers or tensors along the leading dimensions, and the range of the result."""

    formula: int
    image: Tensor
    a: Factor = 0.0
    b: Factor = 0.0
    low: float = -math.inf
    high: float = math.inf


UNIT = (0.0, 1.0)


def limits(clip: bool) -> tuple[float, float]:
    """Return the range of a result."""
    return UNIT if clip else (-math.inf, math.inf)


def accepts_curve(image: Any, *factors: Any, bytes: bool = True) -> bool:
    """Say whether an image of at least two dimensions, and factors along the others, can take the way of this file."""
    return (
        isinstance(image, Tensor)
        and (image.dtype is torch.float32 or (bytes and image.dtype is torch.uint8))
        and image.ndim >= 2
        and image.numel() > 0
        and all(_is_factor(factor, image) for factor in factors)
    )


def _is_factor(factor: Any, image: Tensor) -> bool:
    if not isinstance(factor, Tensor):
        return isinstance(factor, float | int)
    return runs_along(factor, image) and _depth(factor) < image.ndim


def _depth(factor: Factor) -> int:
    """Return along how many leading dimensions a factor runs."""
    if not isinstance(factor, Tensor):
        return 0
    return max((place for place, size in enumerate(factor.shape, 1) if size > 1), default=0)


def run(call: Curve) -> Tensor:
    """Return the image of a curve."""
    image, lead = call.image, _lead(call)
    result = empty(*image.shape, dtype=image.dtype)
    rows, results, constants = _rows(image, lead), _rows(result, lead), _constants(call, lead)
    if image.dtype is torch.uint8:
        for_each_block(_byte_loop(call.formula), rows, *constants, results)
    elif call.formula in LINEAR:
        for_each_block(_linear_loop(call.formula), rows, *constants, is_streamed(results), results)
    else:
        for_each_block(_loop(call.formula), rows, *constants, results)
    return result


def adjoint_of(make: Callable[..., Curve], *, reads_image: bool = False) -> Callable[..., tuple[Tensor | None, ...]]:
    """Return the adjoint of a kernel.

    Args:
        make: takes the kernel's arguments, the first of which is the image, and returns the curve.
        reads_image: whether factors depend on the image.
    """

    def adjoint(
        needs: tuple[bool, ...], gradients: tuple[Tensor, ...], outputs: tuple[Tensor, ...], *arguments: Any
    ) -> tuple[Tensor | None, ...]:
        wanted = [place for place, need in enumerate(needs) if need and (place or reads_image)]
        shape = arguments[0].shape
        found: list[Tensor | None] = [None] * len(needs)
        if not wanted:
            call = make(*arguments)
            if call.formula in LINEAR and call.high == math.inf:
                # Of a linear formula the adjoint need not read the image.
                found[0] = scaled(gradients[0], call.a if call.formula == AFFINE else call.b)
            else:
                found[0] = _pull_back(call, gradients[0], sums=False)[0].reshape(shape)
            return tuple(found)
        # From the arguments to the factors it is a short way, which autograd finds.
        leaves = {place: arguments[place].detach().requires_grad_() for place in wanted}
        with torch.enable_grad():
            call = make(*(leaves.get(place, argument) for place, argument in enumerate(arguments)))
        direct, totals = _pull_back(call, gradients[0], sums=True)
        found[0] = direct.reshape(shape)
        factors = [(f, t) for f, t in zip((call.a, call.b), totals, strict=True) if isinstance(f, Tensor)]
        factors = [(factor, _like(total, factor)) for factor, total in factors if factor.requires_grad]
        if factors:
            ends, totals = zip(*factors, strict=True)
            parts = torch.autograd.grad(ends, list(leaves.values()), totals, allow_unused=True)
            for place, part in zip(leaves, parts, strict=True):
                found[place] = found[0].add_(part) if place == 0 and part is not None else part
        return tuple(found)

    return adjoint


def scaled(gradient: Tensor, slope: Factor) -> Tensor:
    """Return a gradient times a slope along its leading dimensions."""
    slope = slope.detach() if isinstance(slope, Tensor) else slope
    if any(gradient.stride()):
        return run(Curve(AFFINE, gradient, slope))
    # One and the same value, as of a sum or a mean: only as many values as the slope has are new.
    return (gradient[(slice(0, 1),) * gradient.ndim] * aligned(slope, gradient)).expand(gradient.shape)


def _pull_back(call: Curve, gradient: Tensor, *, sums: bool) -> tuple[Tensor, tuple[Tensor, ...]]:
    """Return the gradient to the image and, where wanted, those to both factors, of the shape of the rows."""
    image, lead = call.image, _lead(call)
    result, rows = empty(*image.shape), _rows(image, lead)
    blocks = -(-rows.shape[2] // BLOCK)
    totals = np.zeros((rows.shape[0] * blocks if sums else 0, 2), np.float32)
    for_each_block(
        _adjoint_loop(call.formula, sums), rows, *_constants(call, lead),
        _rows_of_gradient(gradient, rows), _rows(result, lead), totals,
    )  # fmt: skip
    if not sums:
        return result, ()
    totals = torch.from_numpy(totals.reshape(rows.shape[0], blocks, 2).sum(axis=1, dtype=np.float64))
    return result, tuple(total.reshape(lead) for total in totals.unbind(-1))


def _lead(call: Curve) -> tuple[int, ...]:
    """Return the leading dimensions of the image along which factors run."""
    return tuple(call.image.shape[: max(_depth(call.a), _depth(call.b))])


def _rows(image: Tensor, lead: tuple[int, ...]) -> Array:
    count = math.prod(lead)
    return as_array(image).reshape(count, 1, image.numel() // count)


def _rows_of_gradient(gradient: Tensor, rows: Array) -> Array:
    """Return a gradient as rows; of one and the same value only a block, as `planes_of_gradient`."""
    if any(gradient.stride()) or gradient.numel() == 1:
        return as_array(gradient).reshape(rows.shape)
    value = as_array(gradient[(0,) * gradient.ndim])[()]
    return np.full((1, 1, min(rows.shape[2], BLOCK)), value, np.float32)


def _constants(call: Curve, lead: tuple[int, ...]) -> tuple[Any, ...]:
    return _per_row(call.a, lead), _per_row(call.b, lead), f32(call.low), f32(call.high)


def _per_row(factor: Factor, lead: tuple[int, ...]) -> Array:
    """Return a factor's values, one a row."""
    rows = np.empty(lead, np.float32)
    rows[...] = as_array(factor.float()).reshape(_stripped(factor, len(lead))) if isinstance(factor, Tensor) else factor
    return rows.reshape(-1)


def _stripped(factor: Tensor, depth: int) -> tuple[int, ...]:
    """Return a factor's shape at so many leading dimensions."""
    return (*factor.shape, *[1] * depth)[:depth]


def _like(total: Tensor, factor: Tensor) -> Tensor:
    """Sum the gradient of rows to the shape of a factor."""
    return total.sum_to_size(_stripped(factor, total.ndim)).reshape(factor.shape).to(factor.dtype)


@functools.cache
def _loop(formula: int) -> Callable[..., None]:
    @compile_kernel(fastmath=PIXELWISE)
    def loop(start, stop, image, a, b, low, high, result):
        for block in range(start, stop):
            i, first, last = span(block, image.shape[2])
            row, found, p, q = image[i, 0, first:last], result[i, 0, first:last], a[i], b[i]
            for j in range(found.shape[0]):
                y = curve(formula, row[j], p, q)
                y = low if y < low else y
                found[j] = high if y > high else y

    return loop


@functools.cache
def _linear_loop(formula: int) -> Callable[..., None]:
    """Return the same of a formula that is quicker than the memory: large results are written past the caches."""

    @compile_kernel(**BARE)
    def stream_row(row, a, b, low, high, found):
        p, q, least, most = splat(a), splat(b), splat(low), splat(high)
        for j in range(0, found.shape[0], LANES):
            y = curve(formula, load(row, j), p, q)
            y = where_less(y, least, least, y)
            stream(found, j, where_less(most, y, most, y))

    @compile_kernel(fastmath=PIXELWISE)
    def loop(start, stop, image, a, b, low, high, streamed, result):
        for block in range(start, stop):
            i, first, last = span(block, image.shape[2])
            row, found, p, q = image[i, 0, first:last], result[i, 0, first:last], a[i], b[i]
            if streamed:
                stream_row(row, p, q, low, high, found)
                continue
            for j in range(found.shape[0]):
                y = curve(formula, row[j], p, q)
                y = low if y < low else y
                found[j] = high if y > high else y

    return loop


@functools.cache
def _byte_loop(formula: int) -> Callable[..., None]:
    @compile_kernel(fastmath=PIXELWISE)
    def loop(start, stop, image, a, b, low, high, result):
        for block in range(start, stop):
            i, first, last = span(block, image.shape[2])
            row, found, p, q = image[i, 0, first:last], result[i, 0, first:last], a[i], b[i]
            for j in range(found.shape[0]):
                # Divided, a level comes back exactly when it is multiplied, which only the cut to levels needs.
                x = f32(row[j]) / f32(255.0) if formula == LEVELS else f32(row[j]) * f32(1 / 255)
                found[j] = to_byte(curve(formula, x, p, q) * f32(255.0))

    return loop


@functools.cache
def _adjoint_loop(formula: int, sums: bool) -> Callable[..., None]:
    @compile_kernel
    def loop(start, stop, image, a, b, low, high, gradient, result, totals):
        for block in range(start, stop):
            i, first, last = span(block, image.shape[2])
            k, begin, end = round_span(i, first, last, gradient)
            row, found, p, q = image[i, 0, first:last], result[i, 0, first:last], a[i], b[i]
            given = gradient[k, 0, begin:end]
            total_a, total_b = f32(0.0), f32(0.0)
            for j in range(found.shape[0]):
                y, to_x, to_a, to_b = slopes(formula, row[j], p, q)
                g = given[j] if (y >= low) & (y <= high) else f32(0.0)
                found[j] = g * to_x
                if sums:
                    total_a += g * to_a
                    total_b += g * to_b
            if sums:
                totals[block, 0] = total_a
                totals[block, 1] = total_b

    return loop
