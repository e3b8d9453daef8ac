# SPDX-License-Identifier: Apache-2.0
"""CPU kernels of focal losses: logits are read once, and a reduced loss writes nothing.

Of the classes, with p = p_t, q = 1 - p and a = alpha_t weight_t:   loss -a q^gamma log p
    derivative by log p     D = a q^(gamma - 1) (gamma p log p - q)
    gradient                D ([c is the label] - p_c)
Binary, positive term (the negative one has p and q, and the sign, exchanged):    loss -t q^gamma log p
    derivative by the logit     -t q^gamma (q - gamma p log p)
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from foveal.kernels._kernel import kernel
from foveal.kernels.cpu._array import as_array, empty, scalar
from foveal.kernels.cpu._parallel import parallel_for
from foveal.kernels.cpu.losses._binary_focal import binary_losses, binary_slopes
from foveal.kernels.cpu.losses._focal_loops import focal_losses, focal_slopes
from foveal.kernels.cpu.losses._softmax import (
    BLOCK,
    EASE,
    Array,
    as_labels,
    as_planes,
    ignored,
    is_constant,
    is_label,
    refuse,
)

f32 = np.float32


def _are_options(alpha: Any, gamma: Any, reduction: Any, ignore_index: Any) -> bool:
    return (
        (alpha is None or (type(alpha) in (int, float) and 0 <= alpha <= 1))
        and type(gamma) in (int, float)
        and gamma >= 0
        and is_label(ignore_index)
        and reduction in ("none", "mean", "sum")
    )


def _accepts(
    pred: Any, target: Any, alpha: Any, gamma: Any, reduction: Any, weight: Any, ignore_index: int | None
) -> bool:
    return (
        pred.dtype is torch.float32
        and pred.ndim >= 2
        and pred.numel() > 0
        and isinstance(target, Tensor)
        and target.dtype in (torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8)
        and target.shape == (pred.shape[0], *pred.shape[2:])
        and is_constant(weight, pred.shape[1])
        and _are_options(alpha, gamma, reduction, ignore_index)
    )


def _examples() -> Iterator[tuple[Any, ...]]:
    for dtype in (torch.int64, torch.uint8):
        for reduction in ("none", "mean"):
            yield torch.zeros(1, 2, 8), torch.zeros(1, 8, dtype=dtype), 0.5, 2.0, reduction, None, -100


def _factors(alpha: float | None, weight: Tensor | None, classes: int) -> Array:
    """Return what each class counts."""
    factors = np.ones(classes, f32) if weight is None else as_array(weight).copy()
    if alpha is not None:
        factors[0] *= 1 - alpha
        factors[1:] *= alpha
    return factors


def _adjoint(
    needs: tuple[bool, ...],
    gradients: tuple[Tensor, ...],
    outputs: tuple[Tensor, ...],
    pred: Tensor,
    target: Tensor,
    alpha: float | None,
    gamma: float,
    reduction: str,
    weight: Tensor | None,
    ignore_index: int | None,
) -> tuple[Tensor | None, ...]:
    image, result = as_planes(pred), empty(*pred.shape)
    images, classes, pixels = image.shape
    factors = _factors(alpha, weight, classes)
    if reduction == "none":
        gradient = as_planes(gradients[0])
    else:
        factors *= float(gradients[0]) / (pred.numel() if reduction == "mean" else 1)
        gradient = np.ones((1, 1, 0), f32)
    blocks = -(-pixels // BLOCK)
    parallel_for(
        focal_slopes, images * blocks, blocks, image, as_labels(target), ignored(ignore_index), factors, f32(gamma),
        gradient, as_planes(result), work=image.size // EASE,
    )  # fmt: skip
    return result, *[None] * 6


@kernel(accepts=_accepts, adjoint=_adjoint, examples=_examples, keep_outputs=False)
def focal_loss(
    pred: Tensor,
    target: Tensor,
    alpha: float | None,
    gamma: float,
    reduction: str,
    weight: Tensor | None,
    ignore_index: int | None,
) -> Tensor:
    """Take the softmax, the loss of the label and the sum in one pass."""
    image = as_planes(pred)
    images, classes, pixels = image.shape
    result = empty(*pred.shape) if reduction == "none" else empty(1, 1, 0)
    blocks = -(-pixels // BLOCK)
    sums, outside = np.zeros(images * blocks), np.zeros(images * blocks, np.bool_)
    parallel_for(
        focal_losses, images * blocks, blocks, image, as_labels(target), ignored(ignore_index),
        _factors(alpha, weight, classes), f32(gamma), as_planes(result), sums, outside, work=image.size // EASE,
    )  # fmt: skip
    refuse(outside, classes)
    if reduction == "none":
        return result
    return scalar(sums.sum() / (pred.numel() if reduction == "mean" else 1))


def _accepts_binary(
    pred: Any,
    target: Any,
    alpha: Any,
    gamma: Any,
    reduction: Any,
    pos_weight: Any,
    weight: Any,
    ignore_index: int | None,
) -> bool:
    return (
        pred.dtype is torch.float32
        and pred.ndim >= 2
        and pred.numel() > 0
        and isinstance(target, Tensor)
        and target.dtype in (torch.float32, torch.int64, torch.int32, torch.uint8, torch.bool)
        and target.shape == pred.shape
        and not target.requires_grad
        and is_constant(pos_weight, pred.shape[1])
        and is_constant(weight, pred.shape[1])
        and _are_options(alpha, gamma, reduction, ignore_index)
    )


def _binary_examples() -> Iterator[tuple[Any, ...]]:
    for dtype in (torch.float32, torch.int64, torch.uint8):
        for reduction in ("none", "mean"):
            for gamma in (2.0, 1.5):
                target = torch.zeros(1, 2, 8, dtype=dtype)
                yield torch.zeros(1, 2, 8), target, 0.5, gamma, reduction, None, None, -100


def _binary_arguments(
    pred: Tensor,
    target: Tensor,
    alpha: float | None,
    gamma: float,
    pos_weight: Tensor | None,
    weight: Tensor | None,
    ignore_index: int | None,
) -> tuple[Any, ...]:
    """Return logits and targets, the factors of the positive and the negative term, exponent and label to ignore."""
    positive, negative = (np.ones(pred.shape[1], f32) for _ in range(2))
    if alpha is not None:
        positive, negative = positive * f32(alpha), negative * f32(1 - alpha)
    if pos_weight is not None:
        positive = positive * as_array(pos_weight)
    if weight is not None:
        positive, negative = positive * as_array(weight), negative * as_array(weight)
    truth = as_array(target).reshape(*pred.shape[:2], -1)
    truth = truth.view(np.uint8) if truth.dtype == np.bool_ else truth
    return as_planes(pred), truth, positive, negative, f32(gamma), f32(np.nan if ignore_index is None else ignore_index)


def _binary_adjoint(
    needs: tuple[bool, ...],
    gradients: tuple[Tensor, ...],
    outputs: tuple[Tensor, ...],
    pred: Tensor,
    target: Tensor,
    alpha: float | None,
    gamma: float,
    reduction: str,
    pos_weight: Tensor | None,
    weight: Tensor | None,
    ignore_index: int | None,
) -> tuple[Tensor | None, ...]:
    arguments = _binary_arguments(pred, target, alpha, gamma, pos_weight, weight, ignore_index)
    if reduction == "none":
        gradient, scale = as_planes(gradients[0]), 1.0
    else:
        gradient, scale = np.ones((1, 1, 1), f32), float(gradients[0])
    if reduction == "mean":
        scale /= pred.numel()
    result = empty(*pred.shape)
    binary_slopes(arguments, gradient, f32(scale), as_planes(result))
    return result, *[None] * 7


@kernel(accepts=_accepts_binary, adjoint=_binary_adjoint, examples=_binary_examples, keep_outputs=False)
def binary_focal_loss_with_logits(
    pred: Tensor,
    target: Tensor,
    alpha: float | None,
    gamma: float,
    reduction: str,
    pos_weight: Tensor | None,
    weight: Tensor | None,
    ignore_index: int | None,
) -> Tensor:
    """Take both terms and their sum in one pass."""
    arguments = _binary_arguments(pred, target, alpha, gamma, pos_weight, weight, ignore_index)
    result = empty(*pred.shape) if reduction == "none" else empty(1, 1, 0)
    total = binary_losses(arguments, as_planes(result))
    if reduction == "none":
        return result
    return scalar(total / (pred.numel() if reduction == "mean" else 1))
