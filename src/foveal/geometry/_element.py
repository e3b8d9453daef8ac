# SPDX-License-Identifier: Apache-2.0
"""What quaternions and elements of Lie groups share: modules that hold tensors, and points that they move."""

import torch
from torch import Tensor, nn

from foveal._check import check_count
from foveal.geometry._small import widen


class Element(nn.Module):
    """A module that holds tensors: parameters if it was given parameters, else buffers that keep their graph."""

    def _hold(self, name: str, tensor: Tensor) -> None:
        if isinstance(tensor, nn.Parameter):
            self.register_parameter(name, tensor)
        else:
            self.register_buffer(name, tensor)


def batch_of(batch_size: int | None) -> tuple[int, ...]:
    """Return the dimensions of a batch: none where no size is given."""
    if batch_size is None:
        return ()
    check_count(batch_size, "batch_size")
    return (batch_size,)


def draw(
    *shape: int, device: str | torch.device | None, dtype: torch.dtype | None, generator: torch.Generator | None
) -> Tensor:
    """Draw from the normal distribution, in any floating-point dtype."""
    return torch.randn(shape, device=device, dtype=dtype, generator=generator)


def move(matrix: Tensor, points: Tensor) -> Tensor:
    """Apply matrices (B, D, D) to points (B, ..., D), or to (..., D) where there is no batch."""
    missing = max(points.ndim - matrix.ndim + 1, 0)
    matrix = matrix.reshape(*matrix.shape[:-2], *(1,) * missing, *matrix.shape[-2:])
    return (widen(matrix) * widen(points).unsqueeze(-2)).sum(dim=-1).to(points.dtype)


def fit(vector: Tensor, points: Tensor) -> Tensor:
    """Lay vectors (B, D) out so that they add to points (B, ..., D)."""
    missing = max(points.ndim - vector.ndim, 0)
    return vector.reshape(*vector.shape[:-1], *(1,) * missing, vector.shape[-1])
