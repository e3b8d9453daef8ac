# SPDX-License-Identifier: Apache-2.0
"""CPU kernel of sepia: one matrix, and the division by the largest value of each image.

z = M x / s with s = max(M x) + eps. Adjoint: M^T (g / s), and -sum(g z) / s to the pixels where the maximum is, in
equal shares.
"""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from foveal.color.sepia import SEPIA
from foveal.kernels._kernel import kernel
from foveal.kernels.cpu._planes import accepts_image
from foveal.kernels.cpu.color._matrix import mix, mix_adjoint

_IMAGE = (-3, -2, -1)


def _accepts(input: Tensor, rescale: bool, eps: Any) -> bool:
    return accepts_image(input, 3, bytes=False) and isinstance(eps, float | int)


def _examples() -> Iterator[tuple[Any, ...]]:
    yield torch.zeros(3, 4, 4), True, 1e-6


def _adjoint(
    needs: tuple[bool, ...],
    gradients: tuple[Tensor, ...],
    outputs: tuple[Tensor, ...],
    input: Tensor,
    rescale: bool,
    eps: float,
) -> tuple[Tensor | None, ...]:
    (gradient,) = gradients
    if not rescale:
        return mix_adjoint(gradient, SEPIA), None, None
    mixed = mix(input, SEPIA)
    largest = mixed.amax(_IMAGE, keepdim=True)
    scale = largest + eps
    there = mixed == largest
    to_largest = -(gradient * mixed).sum(_IMAGE, keepdim=True) / scale**2
    to_mixed = torch.addcmul(gradient / scale, there, to_largest / there.sum(_IMAGE, keepdim=True))
    return mix_adjoint(to_mixed, SEPIA), None, None


@kernel(accepts=_accepts, adjoint=_adjoint, examples=_examples, keep_outputs=False)
def sepia(input: Tensor, rescale: bool, eps: float) -> Tensor:
    """Mix the channels in one pass; scale the result where it lies."""
    result = mix(input, SEPIA)
    return result.div_(result.amax(_IMAGE, keepdim=True) + eps) if rescale else result
