# SPDX-License-Identifier: Apache-2.0
"""Maps of class indices as targets of logits."""

from typing import Any

import torch
from torch import Tensor

from foveal._check import check_device, check_floating, check_ignore_index, check_integer, check_shape


def check_logits_and_labels(pred: Any, target: Any, ignore_index: Any, *, broadcast: bool = False) -> None:
    """Raise unless `pred` is logits (B, C, *) and `target` class indices (B, *) on one device.

    Args:
        pred: the logits.
        target: the class indices.
        ignore_index: the label of pixels that do not count, or `None`.
        broadcast: whether logits of one image may serve any number of targets.
    """
    check_floating(pred, "pred")
    check_integer(target, "target")
    if pred.ndim < 2 or pred.shape[1] == 0:
        raise ValueError(f"pred must have shape (B, C, *) with at least one class, got {tuple(pred.shape)}")
    check_shape(target, "target", "B" if broadcast and pred.shape[0] == 1 else pred.shape[0], *pred.shape[2:])
    check_device(target, "target", pred)
    check_ignore_index(ignore_index)


def check_class_weights(weight: Any, name: str, pred: Tensor) -> None:
    """Raise unless `weight` is `None` or one number per class of `pred` (B, C, *), on its device."""
    if weight is not None:
        check_floating(weight, name)
        check_shape(weight, name, pred.shape[1])
        check_device(weight, name, pred)


def split_labels(target: Tensor, ignore_index: int | None) -> tuple[Tensor, Tensor]:
    """Return class indices that can be looked up, 0 at ignored pixels, and which pixels count."""
    labels = target.long()
    if ignore_index is None:
        return labels, torch.ones_like(labels, dtype=torch.bool)
    kept = labels != ignore_index
    return torch.where(kept, labels, 0), kept


def kept_logits(pred: Tensor, kept: Tensor, dtype: torch.dtype) -> Tensor:
    """Return logits (B, C, *) in a dtype, zeros at pixels that do not count: NaN there would come back as gradient."""
    if kept.shape[0] != pred.shape[0]:  # one image for several targets
        kept = kept.any(dim=0, keepdim=True)
    return torch.where(kept.unsqueeze(1), pred.to(dtype), 0)


def widest(*tensors: Tensor | None) -> torch.dtype:
    """Return the promoted dtype of what was given, the integers and booleans among it left out."""
    dtypes = [tensor.dtype for tensor in tensors if tensor is not None and tensor.is_floating_point()]
    result = dtypes[0]
    for dtype in dtypes[1:]:
        result = torch.promote_types(result, dtype)
    return result
