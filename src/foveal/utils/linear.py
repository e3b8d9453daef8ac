# SPDX-License-Identifier: Apache-2.0
"""Inverses and solutions that tell where there is none."""

import math

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from foveal._check import check_floating, check_shape
from foveal._op import op


@op
def safe_inverse_with_mask(
    A: Float[Tensor, "*batch n n"],
) -> tuple[Float[Tensor, "*batch n n"], Bool[Tensor, "*batch"]]:
    """Invert matrices, and say which have an inverse.

    Args:
        A: matrices (*, N, N).

    Returns:
        Inverses (*, N, N), the identity where there is none, and whether there is one, (*). A matrix has one when its
        determinant is more than rounding of the product of its rows' sums (for N up to 4; else when no pivot is zero)
        and the inverse is finite. Gradients of the others are zero.

    Raises:
        TypeError: `A` is not a floating-point tensor.
        ValueError: its matrices are not square.

    >>> safe_inverse_with_mask(torch.tensor([[[2.0, 0.0], [0.0, 4.0]], [[1.0, 2.0], [2.0, 4.0]]]))[1]
    tensor([ True, False])
    """
    matrix = _widened(A, "A")
    _check_square(A)
    inverse = torch.linalg.inv_ex(_or_identity(matrix.detach(), _is_regular(matrix)))[0]
    valid = _is_regular(matrix) & inverse.to(A.dtype).isfinite().all(dim=-1).all(dim=-1)
    return torch.linalg.inv_ex(_or_identity(matrix, valid))[0].to(A.dtype), valid


@op
def safe_solve_with_mask(
    B: Float[Tensor, "*right"], A: Float[Tensor, "*batch n n"]
) -> tuple[Float[Tensor, "*batch n k"], Float[Tensor, "*batch n n"], Bool[Tensor, "*batch"]]:
    """Solve A X = B, and say which systems have a solution.

    Args:
        B: right-hand sides (*, N, K) or (*, N).
        A: matrices (*, N, N).

    Returns:
        Solutions (*, N, K), `B` where there is none; the LU factors of what was solved, (*, N, N), the identity where
        there is no solution; and whether there is one, (*), as in `safe_inverse_with_mask`.

    Raises:
        TypeError: an argument is not a floating-point tensor.
        ValueError: the matrices are not square, or `B` does not fit.

    >>> safe_solve_with_mask(torch.tensor([[2.0], [8.0]]), torch.tensor([[2.0, 0.0], [0.0, 4.0]]))[0]
    tensor([[1.],
            [2.]])
    """
    matrix, right = _widened(A, "A"), _widened(B, "B")
    _check_square(A)
    right = right[..., None] if B.ndim == A.ndim - 1 else right
    if right.ndim != A.ndim or right.shape[:-1] != A.shape[:-1]:
        raise ValueError(f"B must have shape (*, N, K) or (*, N) for A of {tuple(A.shape)}, got {tuple(B.shape)}")
    regular = _is_regular(matrix)
    solution = torch.linalg.solve_ex(_or_identity(matrix.detach(), regular), right.detach())[0]
    valid = regular & solution.to(B.dtype).isfinite().all(dim=-1).all(dim=-1)
    solved = _or_identity(matrix, valid)
    solution, factors = torch.linalg.solve_ex(solved, right)[0], torch.linalg.lu_factor_ex(solved)[0]
    return solution.to(B.dtype), factors.to(A.dtype), valid


def _widened(value: Tensor, name: str) -> Tensor:
    check_floating(value, name)
    return value.to(torch.promote_types(value.dtype, torch.float32))


def _check_square(A: Tensor) -> None:
    size = A.shape[-1] if A.ndim else "N"
    check_shape(A, "A", "*", size, size)


def _is_regular(matrix: Tensor) -> Tensor:
    """Say which matrices have an inverse, whatever their scale."""
    size = matrix.shape[-1]
    logarithm = torch.linalg.slogdet(matrix.detach())[1]
    if not 0 < size <= 4:
        return logarithm > -math.inf
    rounding = math.log(size * torch.finfo(matrix.dtype).eps)
    return logarithm > matrix.detach().abs().sum(dim=-1).log().sum(dim=-1) + rounding


def _or_identity(matrix: Tensor, valid: Tensor) -> Tensor:
    eye = torch.eye(matrix.shape[-1], device=matrix.device, dtype=matrix.dtype)
    return torch.where(valid[..., None, None], matrix, eye)
