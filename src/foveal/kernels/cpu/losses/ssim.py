# SPDX-License-Identifier: Apache-2.0
"""CPU kernel of the structural dissimilarity: that of the similarity, halved, clamped and summed on the way."""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from foveal.kernels._kernel import kernel
from foveal.kernels.cpu.metrics._formulas import LOSS
from foveal.kernels.cpu.metrics._similarity import compare, pull_back
from foveal.kernels.cpu.metrics.ssim import WINDOWS, accepts_similarity, constants_of
from foveal.losses._reduction import REDUCTIONS
from foveal.metrics.ssim import SIGMA


def _accepts(img1: Any, img2: Any, window_size: Any, max_val: Any, eps: Any, reduction: Any, padding: Any) -> bool:
    return accepts_similarity(img1, img2, window_size, max_val, eps, padding) and reduction in REDUCTIONS


def _examples() -> Iterator[tuple[Any, ...]]:
    for window_size in WINDOWS:
        yield torch.zeros(1, 1, 8, 8), torch.zeros(1, 1, 8, 8), window_size, 1.0, 1e-12, "mean", "same"


def _adjoint(
    needs: tuple[bool, ...],
    gradients: tuple[Tensor, ...],
    outputs: tuple[Tensor, ...],
    img1: Tensor,
    img2: Tensor,
    window_size: int,
    max_val: float,
    eps: float,
    reduction: str,
    padding: str,
) -> tuple[Tensor | None, ...]:
    constants = constants_of(max_val, eps)
    found = pull_back(LOSS, needs, gradients[0], img1, img2, window_size, (SIGMA,), constants, padding, reduction)
    return *found, None, None, None, None, None


@kernel(accepts=_accepts, adjoint=_adjoint, examples=_examples, keep_outputs=False)
def ssim_loss(
    img1: Tensor, img2: Tensor, window_size: int, max_val: float, eps: float, reduction: str, padding: str
) -> Tensor:
    """Blur the moments, compare and reduce them in one pass."""
    return compare(LOSS, img1, img2, window_size, SIGMA, constants_of(max_val, eps), padding, reduction)
