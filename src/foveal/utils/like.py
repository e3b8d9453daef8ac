# SPDX-License-Identifier: Apache-2.0
"""Identity matrices and zero vectors for a batch."""

import torch
from jaxtyping import Shaped
from torch import Tensor

from foveal._check import check_count, check_tensor
from foveal._op import op


@op
def eye_like(
    n: int, input: Shaped[Tensor, "batch *rest"], shared_memory: bool = False
) -> Shaped[Tensor, "batch {n} {n}"]:
    """Return an identity matrix for each item of a batch.

    Args:
        n: rows and columns.
        input: a batch (B, ...) that gives B, dtype and device.
        shared_memory: let all items share one matrix in memory; a write to one is then a write to all.

    Returns:
        Matrices, (B, n, n).

    Raises:
        TypeError: `n` is not an integer, or `input` not a tensor.
        ValueError: `n` is not positive, or `input` has no dimension.

    >>> eye_like(2, torch.zeros(1, 3))
    tensor([[[1., 0.],
             [0., 1.]]])
    """
    _check_batch(n, input, "input")
    eye = torch.eye(n, device=input.device, dtype=input.dtype).expand(input.shape[0], n, n)
    return eye if shared_memory else eye.clone(memory_format=torch.contiguous_format)


@op
def vec_like(
    n: int, tensor: Shaped[Tensor, "batch *rest"], shared_memory: bool = False
) -> Shaped[Tensor, "batch {n} 1"]:
    """Return a column vector of zeros for each item of a batch.

    Args:
        n: rows.
        tensor: a batch (B, ...) that gives B, dtype and device.
        shared_memory: let all items share one vector in memory; a write to one is then a write to all.

    Returns:
        Vectors, (B, n, 1).

    Raises:
        TypeError: `n` is not an integer, or `tensor` not a tensor.
        ValueError: `n` is not positive, or `tensor` has no dimension.

    >>> vec_like(2, torch.zeros(1, 3))
    tensor([[[0.],
             [0.]]])
    """
    _check_batch(n, tensor, "tensor")
    batch = 1 if shared_memory else tensor.shape[0]
    return torch.zeros(batch, n, 1, device=tensor.device, dtype=tensor.dtype).expand(tensor.shape[0], n, 1)


def _check_batch(n: int, batch: Tensor, name: str) -> None:
    check_count(n, "n", smallest=1)
    check_tensor(batch, name)
    if not batch.ndim:
        raise ValueError(f"{name} must have shape (B, *), got ()")
