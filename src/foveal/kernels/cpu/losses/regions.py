# SPDX-License-Identifier: Apache-2.0
"""CPU kernel of the losses by sizes of regions: a handful of numbers, for which every call of PyTorch's costs more.

With the ratio r = I / W, W = (1 - alpha - beta) I + alpha P + beta T + eps, the derivatives by I, P and T are
(1 - r (1 - alpha - beta)) / W, -r alpha / W and -r beta / W; where there is no W, the ratio is I.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from foveal.kernels._kernel import kernel
from foveal.kernels.cpu._array import as_array, fresh
from foveal.kernels.cpu._compile import compile_kernel
from foveal.kernels.cpu.losses._reduction import image_gradients, reduced
from foveal.kernels.cpu.losses._softmax import is_constant

f32, f64 = np.float32, np.float64
Array = np.ndarray[Any, Any]


def _accepts(
    intersection: Tensor,
    predicted: Tensor,
    true: Tensor,
    alpha: Any,
    beta: Any,
    eps: Any,
    average: str,
    weight: Tensor | None,
    reduction: str,
) -> bool:
    return (
        intersection.dtype is predicted.dtype is true.dtype is torch.float32
        and intersection.shape == predicted.shape == true.shape
        and intersection.ndim == 2
        and intersection.numel() > 0
        and average in ("micro", "macro")
        and reduction in ("none", "mean", "sum")
        and isinstance(alpha, int | float)
        and isinstance(beta, int | float)
        and isinstance(eps, int | float)
        and is_constant(weight, intersection.shape[1])
    )


def _examples() -> Iterator[tuple[Any, ...]]:
    sizes = torch.ones(1, 2)
    yield sizes, sizes, sizes, 0.5, 0.5, 1e-8, "micro", None, "mean"


def _adjoint(
    needs: tuple[bool, ...],
    gradients: tuple[Tensor, ...],
    outputs: tuple[Tensor, ...],
    intersection: Tensor,
    predicted: Tensor,
    true: Tensor,
    alpha: float,
    beta: float,
    eps: float,
    average: str,
    weight: Tensor | None,
    reduction: str,
) -> tuple[Tensor | None, ...]:
    gradient = image_gradients(gradients[0], reduction, intersection.shape[0])
    results = [fresh(intersection.shape) for _ in range(3)]
    _slopes(
        *map(as_array, (intersection, predicted, true)), alpha, beta, eps, average == "micro",
        _weights(weight, intersection), gradient, *(array for _, array in results),
    )  # fmt: skip
    return *(tensor if need else None for (tensor, _), need in zip(results, needs, strict=False)), *[None] * 6


@kernel(accepts=_accepts, adjoint=_adjoint, examples=_examples, keep_outputs=False)
def region_loss(
    intersection: Tensor,
    predicted: Tensor,
    true: Tensor,
    alpha: float,
    beta: float,
    eps: float,
    average: str,
    weight: Tensor | None,
    reduction: str,
) -> Tensor:
    """Divide and reduce in one loop."""
    losses = np.empty(intersection.shape[0])
    _losses(
        *map(as_array, (intersection, predicted, true)), alpha, beta, eps, average == "micro",
        _weights(weight, intersection), losses,
    )  # fmt: skip
    return reduced(losses, reduction)


def _weights(weight: Tensor | None, sizes: Tensor) -> Array:
    return np.ones(sizes.shape[1], f32) if weight is None else as_array(weight)


@compile_kernel(inline="always")
def _whole(intersection, predicted, true, alpha, beta):
    return intersection + alpha * (predicted - intersection) + beta * (true - intersection)


@compile_kernel(inline="always")
def _ratio(part, whole):
    return part / (1.0 if whole <= 0.0 else whole)  # in this order NaN stays


@compile_kernel
def _sums(intersection, predicted, true, alpha, beta, eps, micro, weights):
    """Return the weighted part and whole of all classes of an image; macro, its weighted losses and their weight."""
    part, whole = 0.0, 0.0
    for c in range(weights.shape[0]):
        weight, shared = f64(weights[c]), f64(intersection[c])
        size = _whole(shared, f64(predicted[c]), f64(true[c]), alpha, beta)
        if micro:
            part += weight * shared
            whole += weight * size
        elif true[c] > 0.0:
            part += weight * (1.0 - _ratio(shared, size + eps))
            whole += weight
    return part, whole + eps if micro else whole


@compile_kernel
def _losses(intersection, predicted, true, alpha, beta, eps, micro, weights, losses):
    for i in range(losses.shape[0]):
        part, whole = _sums(intersection[i], predicted[i], true[i], alpha, beta, eps, micro, weights)
        if micro:
            losses[i] = 1.0 - _ratio(part, whole)
        else:
            losses[i] = 1.0 if whole <= 0.0 else _ratio(part, whole)


@compile_kernel
def _slopes(
    intersection, predicted, true, alpha, beta, eps, micro, weights, gradient, to_intersection, to_predicted, to_true
):  # fmt: skip
    for i in range(gradient.shape[0]):
        part, total = _sums(intersection[i], predicted[i], true[i], alpha, beta, eps, micro, weights)
        for c in range(weights.shape[0]):
            whole, factor = total, -f64(gradient[i]) * f64(weights[c])
            if not micro:
                part = f64(intersection[i, c])
                whole = _whole(part, f64(predicted[i, c]), f64(true[i, c]), alpha, beta) + eps
                factor = factor / total if total > 0.0 and true[i, c] > 0.0 else 0.0
            # What the ratio falls by with its denominator, which is 1 where there is no whole.
            fall = part / (whole * whole) if whole > 0.0 else 0.0
            rise = 1.0 / whole if whole > 0.0 else 1.0
            to_intersection[i, c] = factor * (rise - fall * (1.0 - alpha - beta))
            to_predicted[i, c] = -factor * fall * alpha
            to_true[i, c] = -factor * fall * beta
