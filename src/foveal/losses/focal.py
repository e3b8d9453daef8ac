# SPDX-License-Identifier: Apache-2.0
"""Focal losses: cross entropies that count well classified pixels less."""

from inspect import Parameter
from typing import Any

import torch
from jaxtyping import Float, Integer, Shaped
from torch import Tensor
from torch.nn.functional import logsigmoid

from foveal._check import check_floating, check_ignore_index, check_real, check_same_shape, check_scalar
from foveal._module import module
from foveal._op import op
from foveal.losses._labels import check_class_weights, check_logits_and_labels, kept_logits, split_labels, widest
from foveal.losses._reduction import check_reduction, reduced


@op
def focal_loss(
    pred: Float[Tensor, "batch classes *space"],
    target: Integer[Tensor, "batch *space"],
    alpha: float | None,
    gamma: float = 2.0,
    reduction: str = "none",
    weight: Float[Tensor, " classes"] | None = None,
    ignore_index: int | None = -100,
) -> Float[Tensor, "batch classes *space"] | Float[Tensor, ""]:
    """Return the focal loss -alpha_t (1 - p_t)^gamma log(p_t) of the softmax probability p_t of each pixel's class.

    Args:
        pred: logits, (B, C, *).
        target: class indices in [0, C), (B, *). Others raise RuntimeError on the CPU; a GPU reports them late.
        alpha: weight in [0, 1] of the classes 1, 2, ...; class 0, the background, weighs 1 - alpha. `None` is 1.
        gamma: exponent of at least 0; 0 gives cross entropy.
        reduction: `"none"` for a map with the loss at each pixel's class and 0 at the others, `"sum"`, or `"mean"`: the
            sum over the size of that map, B C H W, ignored pixels included (0 of an empty batch).
        weight: a factor per class, (C,).
        ignore_index: pixels of this label have no loss; `None` ignores none.

    Returns:
        The loss, (B, C, *) or a scalar; half precision is computed in float32.

    Raises:
        TypeError: `pred` is not of a floating-point, `target` not of an integer dtype.
        ValueError: shapes do not fit, `gamma` is negative, `alpha` outside [0, 1], or `reduction` unknown.

    >>> focal_loss(torch.tensor([[0.0, 0.0]]), torch.tensor([1]), alpha=0.5)
    tensor([[0.0000, 0.0866]])

    Source: Lin et al. 2017, "Focal loss for dense object detection", equation 5.
    """
    check_logits_and_labels(pred, target, ignore_index)
    check_class_weights(weight, "weight", pred)
    _check_options(alpha, gamma, reduction)
    dtype = widest(pred, weight)
    wide = torch.promote_types(dtype, torch.float32)
    labels, kept = split_labels(target, ignore_index)
    logarithm = kept_logits(pred, kept, wide).log_softmax(dim=1).gather(1, labels.unsqueeze(1)).squeeze(1)
    missed = -torch.expm1(logarithm)
    # 0^gamma has no derivative for gamma below 1, but the product with its logarithm, which is 0 there, has.
    certain = missed == 0
    loss = -logarithm * torch.where(certain, 0.0**gamma, torch.where(certain, 1, missed) ** gamma)
    if alpha is not None:
        loss = torch.where(labels == 0, (1 - alpha) * loss, alpha * loss)
    if weight is not None:
        loss = loss * weight.to(wide)[labels]
    loss = torch.where(kept, loss, 0)
    if reduction == "none":
        return torch.zeros_like(pred, dtype=wide).scatter(1, labels.unsqueeze(1), loss.unsqueeze(1)).to(dtype)
    count = max(pred.numel(), 1) if reduction == "mean" else 1
    return (loss.sum() / count).to(dtype)


@op
def binary_focal_loss_with_logits(
    pred: Float[Tensor, "batch channels *space"],
    target: Shaped[Tensor, "batch channels *space"],
    alpha: float | None = 0.25,
    gamma: float = 2.0,
    reduction: str = "none",
    pos_weight: Float[Tensor, " channels"] | None = None,
    weight: Float[Tensor, " channels"] | None = None,
    ignore_index: int | None = -100,
) -> Float[Tensor, "batch channels *space"] | Float[Tensor, ""]:
    """Return the focal loss of independent binary logits, whose sigmoid is p.

    Args:
        pred: logits, (B, C, *).
        target: probabilities t in [0, 1] of the same shape, or 0 and 1 as integers or booleans. Values are not checked.
        alpha: weight in [0, 1] of the positive term; the negative one weighs 1 - alpha. `None` is 1 for both.
        gamma: exponent of at least 0; 0 gives binary cross entropy.
        reduction: `"none"` for one number per element, `"sum"`, or `"mean"`: the sum over all elements, ignored ones
            included (0 of an empty batch).
        pos_weight: a factor of the positive term per channel, (C,).
        weight: a factor per channel, (C,).
        ignore_index: elements of this target have no loss; `None` ignores none.

    Returns:
        t alpha (1 - p)^gamma (-log p) + (1 - t) (1 - alpha) p^gamma (-log(1 - p)), of the shape of `pred` or a scalar;
        half precision is computed in float32.

    Raises:
        TypeError: `pred` is not of a floating-point dtype.
        ValueError: shapes differ, `gamma` is negative, `alpha` outside [0, 1], or `reduction` unknown.

    >>> binary_focal_loss_with_logits(torch.tensor([[0.0, 0.0]]), torch.tensor([[1, 0]]))
    tensor([[0.0433, 0.1300]])

    Source: Lin et al. 2017, "Focal loss for dense object detection", equation 5.
    """
    check_floating(pred, "pred")
    if pred.ndim < 2:
        raise ValueError(f"pred must have shape (B, C, *), got {tuple(pred.shape)}")
    check_real(target, "target")
    check_same_shape(target, "target", pred)
    check_class_weights(pos_weight, "pos_weight", pred)
    check_class_weights(weight, "weight", pred)
    check_ignore_index(ignore_index)
    _check_options(alpha, gamma, reduction)
    dtype = widest(pred, target, pos_weight, weight)
    wide = torch.promote_types(dtype, torch.float32)
    logits, truth = pred.to(wide), target.to(wide)
    kept = None if ignore_index is None else truth != ignore_index
    if kept is not None:
        logits = torch.where(kept, logits, 0)  # NaN there would come back as gradient
    log_p, log_q = logsigmoid(logits), logsigmoid(-logits)
    positive, negative = -truth * torch.exp(gamma * log_q) * log_p, (truth - 1) * torch.exp(gamma * log_p) * log_q
    if alpha is not None:
        positive, negative = alpha * positive, (1 - alpha) * negative
    if pos_weight is not None:
        positive = positive * _along_channels(pos_weight.to(wide), pred)
    loss = positive + negative
    if weight is not None:
        loss = loss * _along_channels(weight.to(wide), pred)
    if kept is not None:
        loss = torch.where(kept, loss, 0)
    return reduced(loss, reduction).to(dtype)


class FocalLoss(module(focal_loss)): ...


# As in Kornia, the module has no default for alpha.
class BinaryFocalLossWithLogits(module(binary_focal_loss_with_logits, alpha=Parameter.empty)): ...


def _check_options(alpha: Any, gamma: Any, reduction: Any) -> None:
    if alpha is not None:
        check_scalar(alpha, "alpha")
        if not isinstance(alpha, Tensor) and not 0 <= alpha <= 1:
            raise ValueError(f"alpha must be in [0, 1], got {alpha}")
    check_scalar(gamma, "gamma", least=0)
    check_reduction(reduction)


def _along_channels(weight: Tensor, pred: Tensor) -> Tensor:
    return weight.view(-1, *[1] * (pred.ndim - 2))
