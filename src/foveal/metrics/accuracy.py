# SPDX-License-Identifier: Apache-2.0
"""Accuracy of a classification by its highest scores."""

import torch
from jaxtyping import Float, Integer, Real
from torch import Tensor

from foveal._check import check_count, check_device, check_ignore_index, check_integer, check_real, check_shape
from foveal._op import op


@op
def accuracy(
    pred: Real[Tensor, "batch classes"],
    target: Integer[Tensor, " batch"] | Integer[Tensor, "batch 1"],
    topk: tuple[int, ...] = (1,),
    *,
    ignore_index: int | None = None,
) -> list[Float[Tensor, ""]]:
    """Return the percentage of samples whose target is among their k highest scores, for each k.

    Args:
        pred: scores of the classes, (B, C).
        target: the right classes, (B) or (B, 1); one outside [0, C) is never among the highest.
        topk: numbers of scores to look at; more than C are C.
        ignore_index: a target whose samples are left out.

    Returns:
        One percentage in [0, 100] for each k, a float32 scalar; NaN without samples.

    Raises:
        TypeError: `pred` does not hold real, `target`, `topk` or `ignore_index` integer numbers.
        ValueError: a shape is wrong, devices differ, or a `topk` is negative.

    Convention: of equal scores the class of the lower index comes first. NaN comes before a target, but last as target.

    >>> accuracy(torch.tensor([[0.1, 0.5, 0.4], [0.6, 0.3, 0.1]]), torch.tensor([2, 0]), topk=(1, 2))
    [tensor(50.), tensor(100.)]

    Source: Russakovsky et al. 2015, "ImageNet large scale visual recognition challenge", section 4.1.
    """
    check_real(pred, "pred")
    check_shape(pred, "pred", "B", "C")
    check_integer(target, "target")
    check_shape(target, "target", *((pred.shape[0], 1) if target.ndim == 2 else (pred.shape[0],)))
    check_device(target, "target", pred)
    if not isinstance(topk, tuple | list):
        raise TypeError(f"topk must be a tuple of integers, got {type(topk).__name__}")
    for k in topk:
        check_count(k, "topk")
    check_ignore_index(ignore_index)
    classes = pred.shape[1]
    target = target.reshape(-1, 1).long()
    known = (target >= 0) & (target < classes)
    place = target.clamp(0, max(classes - 1, 0)) if classes else target
    score = pred.gather(1, place) if classes else pred
    index = torch.arange(classes, device=pred.device)
    # Not `>`: NaN, which compares with nothing, outranks the target, and all outrank a target of NaN.
    ahead = (~(pred <= score) | ((pred == score) & (index < place))) & (index != place)
    rank = ahead.sum(dim=1, keepdim=True)
    counted = torch.ones_like(known) if ignore_index is None else target != ignore_index
    total = counted.sum().float()
    return [(known & counted & (rank < k)).sum().float() * 100 / total for k in topk]
