# SPDX-License-Identifier: Apache-2.0
"""Confusion matrices of label maps."""

from typing import Any

import torch
from jaxtyping import Bool, Float, Integer
from torch import Tensor

from foveal._check import check_count, check_ignore_index, check_integer, check_same_shape, check_tensor
from foveal._op import op

Labels = Integer[Tensor, "batch *shape"] | Bool[Tensor, "batch *shape"]


@op
def confusion_matrix(
    pred: Labels, target: Labels, num_classes: int, normalized: bool = False, *, ignore_index: int | None = None
) -> Float[Tensor, "batch {num_classes} {num_classes}"]:
    """Count for each sample how often every class was predicted where every class is right.

    Args:
        pred: predicted labels, (B, *), integers in [0, K) or booleans.
        target: right labels of the same shape.
        num_classes: number of classes K, at least 2.
        normalized: divide each row by its sum plus 1e-6; empty rows stay zero.
        ignore_index: a target whose pixels are left out.

    Returns:
        Counts, (B, K, K) in float32: rows for targets, columns for predictions. A pair with a label outside [0, K)
        counts nowhere; labels are not read to check them.

    Raises:
        TypeError: labels are not integers or booleans, `num_classes` or `ignore_index` no integer.
        ValueError: shapes or devices differ, the shape has no dimension, or `num_classes` is less than 2.

    >>> confusion_matrix(torch.tensor([[0, 1, 1]]), torch.tensor([[0, 1, 0]]), 2)
    tensor([[[1., 1.],
             [0., 1.]]])

    Source: Stehman 1997, "Selecting and interpreting measures of thematic classification accuracy".
    """
    check_label_pair(pred, target, num_classes, ignore_index)
    counts = confusion_counts(pred, target, num_classes, ignore_index).float()
    return counts / (counts.sum(dim=-1, keepdim=True) + 1e-6) if normalized else counts


def check_label_pair(pred: Any, target: Any, num_classes: Any, ignore_index: Any) -> None:
    """Check label maps, their number of classes and the label to ignore."""
    for labels, name in ((pred, "pred"), (target, "target")):
        check_tensor(labels, name)
        if labels.dtype is not torch.bool:
            check_integer(labels, name)
    if pred.ndim == 0:
        raise ValueError("pred must have shape (B, ...), got ()")
    check_same_shape(target, "target", pred)
    check_count(num_classes, "num_classes")
    if num_classes < 2:
        raise ValueError(f"num_classes must be at least 2, got {num_classes}")
    check_ignore_index(ignore_index)


def confusion_counts(pred: Tensor, target: Tensor, num_classes: int, ignore_index: int | None) -> Tensor:
    """Return confusion matrices as integers."""
    pred, target = (labels.reshape(*labels.shape, 1).flatten(1).long() for labels in (pred, target))
    counted = (pred >= 0) & (pred < num_classes) & (target >= 0) & (target < num_classes)
    if ignore_index is not None:
        counted = counted & (target != ignore_index)
    cells = num_classes * num_classes
    # What does not count goes to a cell of its own. As integers: float32 cannot count beyond 2^24.
    cell = torch.where(counted, target * num_classes + pred, cells)
    counts = torch.zeros(pred.shape[0], cells + 1, dtype=torch.int64, device=pred.device)
    return counts.scatter_add(1, cell, torch.ones_like(cell))[:, :-1].unflatten(1, (num_classes, num_classes))
