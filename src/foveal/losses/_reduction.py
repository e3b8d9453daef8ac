# SPDX-License-Identifier: Apache-2.0
"""The three reductions that losses share."""

from torch import Tensor

from foveal._check import check_option

REDUCTIONS = ("none", "mean", "sum")


def check_reduction(reduction: str) -> None:
    """Raise ValueError unless this is a reduction."""
    check_option(reduction, "reduction", REDUCTIONS)


def reduced(loss: Tensor, reduction: str) -> Tensor:
    """Return the loss as it is (`"none"`), its sum, or its mean, which is 0 where there is nothing to take it of."""
    if reduction == "none":
        return loss
    total = loss.sum()
    # Not `mean`, whose gradient divides every element instead of one number.
    return total / loss.numel() if reduction == "mean" and loss.numel() > 0 else total
