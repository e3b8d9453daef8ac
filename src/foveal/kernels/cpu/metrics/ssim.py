# SPDX-License-Identifier: Apache-2.0
"""CPU kernel of the structural similarity: one pass over strips; see `_similarity`."""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from foveal.kernels._kernel import kernel
from foveal.kernels.cpu.metrics._formulas import INDEX
from foveal.kernels.cpu.metrics._similarity import accepts_pair, compare, pull_back
from foveal.metrics.ssim import SIGMA

_NUMBERS = (int, float)
# Each has loops of its own; others are compiled at their first use.
WINDOWS = (3, 5, 7, 11)


def accepts_similarity(img1: Any, img2: Any, window_size: Any, max_val: Any, eps: Any, padding: Any) -> bool:
    """Say whether the kernels of one scale take these arguments."""
    return (
        accepts_pair(img1, img2)
        and type(window_size) is int
        and window_size > 0
        and window_size % 2 == 1
        and type(max_val) in _NUMBERS
        and max_val > 0
        and type(eps) in _NUMBERS
        and eps >= 0
        and (padding == "same" or (padding == "valid" and min(img1.shape[2:]) >= window_size))
    )


def constants_of(max_val: float, eps: float) -> tuple[float, float, float]:
    """Return c1, c2 and eps."""
    return (0.01 * max_val) ** 2, (0.03 * max_val) ** 2, eps


def _examples() -> Iterator[tuple[Any, ...]]:
    for window_size in WINDOWS:
        yield torch.zeros(1, 1, 8, 8), torch.zeros(1, 1, 8, 8), window_size, 1.0, 1e-12, "same"


def _adjoint(
    needs: tuple[bool, ...],
    gradients: tuple[Tensor, ...],
    outputs: tuple[Tensor, ...],
    img1: Tensor,
    img2: Tensor,
    window_size: int,
    max_val: float,
    eps: float,
    padding: str,
) -> tuple[Tensor | None, ...]:
    constants = constants_of(max_val, eps)
    found = pull_back(INDEX, needs, gradients[0], img1, img2, window_size, (SIGMA,), constants, padding, "none")
    return *found, None, None, None, None


@kernel(accepts=accepts_similarity, adjoint=_adjoint, examples=_examples, keep_outputs=False)
def ssim(img1: Tensor, img2: Tensor, window_size: int, max_val: float, eps: float, padding: str) -> Tensor:
    """Blur the moments and compare them in one pass."""
    return compare(INDEX, img1, img2, window_size, SIGMA, constants_of(max_val, eps), padding, "none")
