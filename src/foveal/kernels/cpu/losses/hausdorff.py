# SPDX-License-Identifier: Apache-2.0
"""CPU kernels of the Hausdorff losses: all erosions of a plane while it is in the cache."""

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from foveal.kernels._kernel import kernel
from foveal.kernels.cpu._array import as_array, empty, scalar
from foveal.kernels.cpu._parallel import parallel_for
from foveal.kernels.cpu.losses._hausdorff_loops import hausdorff_losses, hausdorff_slopes
from foveal.kernels.cpu.losses._softmax import Array, ignored, is_label

f32 = np.float32


def _accepts_of(axes: int) -> Callable[..., bool]:
    def accepts(pred: Any, target: Any, alpha: Any, k: Any, reduction: Any, ignore_index: int | None) -> bool:
        return (
            pred.dtype is torch.float32
            and pred.ndim == 2 + axes
            and pred.numel() > 0
            and isinstance(target, Tensor)
            and target.dtype in (torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8)
            and target.shape == (pred.shape[0], 1, *pred.shape[2:])
            and type(alpha) in (int, float)
            and abs(alpha) < math.inf  # NaN is not
            and isinstance(k, int)
            and not isinstance(k, bool)
            and k > 0
            and is_label(ignore_index)
            and reduction in ("none", "mean", "sum")
        )

    return accepts


def _examples_of(axes: int) -> Callable[[], Iterator[tuple[Any, ...]]]:
    def examples() -> Iterator[tuple[Any, ...]]:
        for dtype in (torch.int64, torch.uint8):
            target = torch.zeros(1, 1, *[4] * axes, dtype=dtype)
            yield torch.zeros(1, 2, *[4] * axes), target, 2.0, 10, "mean", -100

    return examples


def _arguments(pred: Tensor, target: Tensor, alpha: float, k: int, ignore_index: int | None) -> tuple[Any, ...]:
    """Return volumes of probabilities and labels, label to ignore, weights of the erosions, and size of the window."""
    volume = as_array(pred).reshape(*pred.shape[:2], -1, *pred.shape[-2:])
    labels = as_array(target).reshape(pred.shape[0], *volume.shape[2:])
    weights = np.array([float(i) ** alpha for i in range(1, k + 1)], f32)
    return volume, labels, ignored(ignore_index), weights, f32(2 * (pred.ndim - 2) + 1)


def _adjoint(
    needs: tuple[bool, ...],
    gradients: tuple[Tensor, ...],
    outputs: tuple[Tensor, ...],
    pred: Tensor,
    target: Tensor,
    alpha: float,
    k: int,
    reduction: str,
    ignore_index: int | None,
) -> tuple[Tensor | None, ...]:
    arguments, result = _arguments(pred, target, alpha, k, ignore_index), empty(*pred.shape)
    images, classes, *sides = arguments[0].shape
    if reduction == "none":
        gradient = as_array(gradients[0]).reshape(classes, images, *sides)
    else:
        value = float(gradients[0]) / (pred.numel() if reduction == "mean" else 1)
        gradient = np.full((1, 1, 1, 1, sides[-1]), value, f32)
    found = result.numpy().reshape(images, classes, *sides)
    parallel_for(hausdorff_slopes, images * classes, *arguments, gradient, found, work=2 * k * pred.numel())
    return result, *[None] * 5


def _run(pred: Tensor, target: Tensor, alpha: float, k: int, reduction: str, ignore_index: int | None) -> Tensor:
    arguments = _arguments(pred, target, alpha, k, ignore_index)
    images, classes, *sides = arguments[0].shape
    result = empty(classes, images, 1, *pred.shape[2:]) if reduction == "none" else empty(0, images, 1, *pred.shape[2:])
    planes: Array = result.numpy().reshape(result.shape[0], images, *sides)
    sums = np.zeros(images * classes)
    parallel_for(hausdorff_losses, images * classes, *arguments, planes, sums, work=k * pred.numel())
    if reduction == "none":
        return result
    return scalar(sums.sum() / (pred.numel() if reduction == "mean" else 1))


@kernel(accepts=_accepts_of(2), adjoint=_adjoint, examples=_examples_of(2), keep_outputs=False)
def hausdorff_er_loss(
    pred: Tensor, target: Tensor, alpha: float, k: int, reduction: str, ignore_index: int | None
) -> Tensor:
    """Erode each plane of errors."""
    return _run(pred, target, alpha, k, reduction, ignore_index)


@kernel(accepts=_accepts_of(3), adjoint=_adjoint, examples=_examples_of(3), keep_outputs=False)
def hausdorff_er_loss_3d(
    pred: Tensor, target: Tensor, alpha: float, k: int, reduction: str, ignore_index: int | None
) -> Tensor:
    """Erode each volume of errors."""
    return _run(pred, target, alpha, k, reduction, ignore_index)
