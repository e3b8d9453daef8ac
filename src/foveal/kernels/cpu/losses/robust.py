# SPDX-License-Identifier: Apache-2.0
"""CPU kernels of robust losses: both images are read once, and a reduced loss writes nothing.

    loss            of d = img1 - img2              derivative
    Charbonnier     d^2 / (1 + sqrt(d^2 + 1))       d / sqrt(d^2 + 1)
    Cauchy          log(1 + d^2 / 2)                d / (1 + d^2 / 2)
    Geman-McClure   2 d^2 / (d^2 + 4)               16 d / (d^2 + 4)^2
    Welsch          1 - e^(-d^2 / 2)                d e^(-d^2 / 2)

Adjoint: the derivative times g to the first image, its negative to the second. Sums are float32 within a block, float64
over the blocks. Near 0 logarithm and exponential give way to series, which keep the relative precision.
"""

import functools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from foveal.kernels._kernel import Adjoint, kernel
from foveal.kernels.cpu._array import as_array, filled, fresh, scalar
from foveal.kernels.cpu._compile import compile_kernel
from foveal.kernels.cpu._difference import EASE, oppose, pull_apart
from foveal.kernels.cpu._exp import exp
from foveal.kernels.cpu._planes import BLOCK, for_each_block, round_span, span
from foveal.kernels.cpu._power import log2

f32 = np.float32
Array = np.ndarray[Any, Any]

CHARBONNIER, CAUCHY, GEMAN_MCCLURE, WELSCH = range(4)
# Squares of larger differences would overflow; the losses are then what they are here, or grow linearly.
FAR = f32(1e18)
LN_2 = f32(np.log(2))


def _accepts(img1: Any, img2: Any, reduction: Any) -> bool:
    return (
        isinstance(img1, Tensor)
        and isinstance(img2, Tensor)
        and img1.dtype is img2.dtype is torch.float32
        and img1.shape == img2.shape
        and img1.numel() > 0
        and reduction in ("none", "mean", "sum")
    )


def _examples() -> Iterator[tuple[Any, ...]]:
    yield torch.zeros(8), torch.zeros(8), "none"
    yield torch.zeros(8), torch.zeros(8), "sum"


def _adjoint_of(formula: int) -> Adjoint:
    def adjoint(
        needs: tuple[bool, ...],
        gradients: tuple[Tensor, ...],
        outputs: tuple[Tensor, ...],
        img1: Tensor,
        img2: Tensor,
        reduction: str,
    ) -> tuple[Tensor | None, ...]:
        (gradient,) = gradients
        count, loop = img1.numel(), _slopes(formula)
        if reduction == "none":
            row = _flat_gradient(gradient)
        else:
            row = _block_of(float(gradient) / (count if reduction == "mean" else 1), count)
        return *pull_apart(
            needs, img1, img2, (1, 1, -1), lambda *images: for_each_block(loop, *images, row, work=count // EASE)
        ), None

    return adjoint


@kernel(accepts=_accepts, adjoint=_adjoint_of(CHARBONNIER), examples=_examples, keep_outputs=False)
def charbonnier_loss(img1: Tensor, img2: Tensor, reduction: str) -> Tensor:
    """Subtract, take the loss and reduce it in one pass."""
    return _run(CHARBONNIER, img1, img2, reduction)


@kernel(accepts=_accepts, adjoint=_adjoint_of(CAUCHY), examples=_examples, keep_outputs=False)
def cauchy_loss(img1: Tensor, img2: Tensor, reduction: str) -> Tensor:
    """Subtract, take the loss and reduce it in one pass."""
    return _run(CAUCHY, img1, img2, reduction)


@kernel(accepts=_accepts, adjoint=_adjoint_of(GEMAN_MCCLURE), examples=_examples, keep_outputs=False)
def geman_mcclure_loss(img1: Tensor, img2: Tensor, reduction: str) -> Tensor:
    """Subtract, take the loss and reduce it in one pass."""
    return _run(GEMAN_MCCLURE, img1, img2, reduction)


@kernel(accepts=_accepts, adjoint=_adjoint_of(WELSCH), examples=_examples, keep_outputs=False)
def welsch_loss(img1: Tensor, img2: Tensor, reduction: str) -> Tensor:
    """Subtract, take the loss and reduce it in one pass."""
    return _run(WELSCH, img1, img2, reduction)


def _run(formula: int, img1: Tensor, img2: Tensor, reduction: str) -> Tensor:
    first, second = _flat(img1), _flat(img2)
    if reduction == "none":
        result, row = fresh(img1.shape)
        for_each_block(_losses(formula), first, second, row.reshape(1, 1, -1), work=first.size // EASE)
        return result
    totals = np.empty(-(-first.shape[2] // BLOCK), np.float32)
    for_each_block(_sums(formula), first, second, totals, work=first.size // EASE)
    return scalar(np.add.reduce(totals, dtype=np.float64) / (first.size if reduction == "mean" else 1))


def _flat(image: Tensor) -> Array:
    return as_array(image).reshape(1, 1, -1)


def _flat_gradient(gradient: Tensor) -> Array:
    """Return a gradient as one row; of one and the same value only a block, as `planes_of_gradient`."""
    if any(gradient.stride()) or gradient.ndim == 0:
        return _flat(gradient)
    return _block_of(gradient[(0,) * gradient.ndim].item(), gradient.numel())


def _block_of(value: float, count: int) -> Array:
    return filled((1, 1, min(count, BLOCK)), value)


@compile_kernel(inline="always")
def _near(d):
    d = FAR if d > FAR else d
    return -FAR if d < -FAR else d


@compile_kernel(inline="always")
def _loss(formula, d):
    loss = d
    near = _near(d)
    square = near * near
    if formula == CHARBONNIER:
        loss = d * (near / (f32(1.0) + np.sqrt(square + f32(1.0))))
    elif formula == CAUCHY:
        half = square * f32(0.5)
        series = half * (f32(1.0) - half * (f32(0.5) - half * f32(1 / 3)))
        loss = series if half < f32(0.01) else log2(f32(1.0) + half) * LN_2
        loss = loss if d == d else d
    elif formula == GEMAN_MCCLURE:
        loss = f32(2.0) * (square / (square + f32(4.0)))
    elif formula == WELSCH:
        half = square * f32(0.5)
        series = half * (f32(1.0) - half * (f32(0.5) - half * f32(1 / 6)))
        loss = series if half < f32(0.01) else f32(1.0) - exp(-half)
    return loss


@compile_kernel(inline="always")
def _slope(formula, d):
    slope = d
    near = _near(d)
    square = near * near
    if formula == CHARBONNIER:
        slope = near / np.sqrt(square + f32(1.0))
    elif formula == CAUCHY:
        slope = near / (f32(1.0) + f32(0.5) * square)
    elif formula == GEMAN_MCCLURE:
        reciprocal = f32(4.0) / (square + f32(4.0))
        slope = near * reciprocal * reciprocal
    elif formula == WELSCH:
        slope = near * exp(f32(-0.5) * square)
    return slope


@functools.cache
def _losses(formula: int) -> Callable[..., None]:
    @compile_kernel
    def loop(start, stop, first, second, result):
        for block in range(start, stop):
            _, begin, end = span(block, first.shape[2])
            x, y, found = first[0, 0, begin:end], second[0, 0, begin:end], result[0, 0, begin:end]
            for j in range(found.shape[0]):
                found[j] = _loss(formula, x[j] - y[j])

    return loop


@functools.cache
def _sums(formula: int) -> Callable[..., None]:
    @compile_kernel
    def loop(start, stop, first, second, totals):
        for block in range(start, stop):
            _, begin, end = span(block, first.shape[2])
            x, y, total = first[0, 0, begin:end], second[0, 0, begin:end], f32(0.0)
            for j in range(x.shape[0]):
                total += _loss(formula, x[j] - y[j])
            totals[block] = total

    return loop


@functools.cache
def _slopes(formula: int) -> Callable[..., None]:
    @compile_kernel
    def loop(start, stop, first, second, result, opposite, gradient):
        for block in range(start, stop):
            _, begin, end = span(block, first.shape[2])
            _, k, last = round_span(0, begin, end, gradient)
            x, y, found = first[0, 0, begin:end], second[0, 0, begin:end], result[0, 0, begin:end]
            g = gradient[0, 0, k:last]
            for j in range(found.shape[0]):
                found[j] = g[j] * _slope(formula, x[j] - y[j])
            oppose(found, opposite[0, 0, begin:end])

    return loop
