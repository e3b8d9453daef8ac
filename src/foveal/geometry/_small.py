# SPDX-License-Identifier: Apache-2.0
"""Small matrices and vectors: their precision, their layout and their product."""

from collections.abc import Iterable

import torch
from torch import Tensor


def widen(tensor: Tensor) -> Tensor:
    """Return a tensor in float32 at the least: eight or eleven bits do not hold the difference of two squares."""
    return tensor.to(torch.promote_types(tensor.dtype, torch.float32))


def multiply(first: Tensor, second: Tensor) -> Tensor:
    """Return the product of small matrices, in the precision of their numbers."""
    if first.device.type == "cpu" and not torch.is_autocast_enabled("cpu"):
        return first @ second
    # Of autocast, or on a GPU of TF32, the operator would round to eleven bits or fewer.
    return (first.unsqueeze(-1) * second.unsqueeze(-3)).sum(dim=-2)


def matrix_of(rows: Iterable[Iterable[Tensor]]) -> Tensor:
    """Lay entries out as matrices."""
    return torch.stack([torch.stack([*row], dim=-1) for row in rows], dim=-2)
