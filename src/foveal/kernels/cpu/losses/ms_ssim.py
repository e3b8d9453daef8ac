# SPDX-License-Identifier: Apache-2.0
"""CPU kernel of the multi-scale structural similarity: all scales in one pass over strips; see `_similarity`."""

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor

from foveal.kernels._kernel import kernel
from foveal.kernels.cpu.metrics._formulas import MULTISCALE
from foveal.kernels.cpu.metrics._similarity import accepts_pair, compare_scales, pull_back
from foveal.losses._reduction import REDUCTIONS
from foveal.losses.ms_ssim import SIGMAS

_NUMBERS = (int, float)


def _accepts(
    img1: Any, img2: Any, sigmas: Any, data_range: Any, K: Any, alpha: Any, compensation: Any, reduction: Any
) -> bool:
    return (
        accepts_pair(img1, img2)
        and isinstance(sigmas, tuple | list)
        and len(sigmas) > 0
        and isinstance(K, tuple | list)
        and len(K) == 2
        and all(type(value) in _NUMBERS and value > 0 for value in (*sigmas, data_range, *K))
        and type(alpha) in _NUMBERS
        and type(compensation) in _NUMBERS
        and reduction in REDUCTIONS
    )


def _examples() -> Iterator[tuple[Any, ...]]:
    yield torch.zeros(1, 1, 8, 8), torch.zeros(1, 1, 8, 8), SIGMAS, 1.0, (0.01, 0.03), 0.025, 200.0, "mean"


def _parts(
    channels: int, sigmas: Sequence[float], data_range: float, K: Sequence[float], alpha: float, compensation: float
) -> tuple[int, Sequence[float], tuple[float, ...], str]:
    """Return the window size, the deviations, the constants of the formula and the border."""
    weight = compensation / channels
    constants = (K[0] * data_range) ** 2, (K[1] * data_range) ** 2, weight * alpha, weight * (1 - alpha) / data_range
    return 2 * int(2 * sigmas[-1]) + 1, sigmas, constants, "zero"


def _adjoint(
    needs: tuple[bool, ...],
    gradients: tuple[Tensor, ...],
    outputs: tuple[Tensor, ...],
    img1: Tensor,
    img2: Tensor,
    sigmas: Sequence[float],
    data_range: float,
    K: Sequence[float],
    alpha: float,
    compensation: float,
    reduction: str,
) -> tuple[Tensor | None, ...]:
    parts = _parts(img1.shape[1], sigmas, data_range, K, alpha, compensation)
    found = pull_back(MULTISCALE, needs, gradients[0], img1, img2, *parts, reduction)
    return *found, None, None, None, None, None, None


@kernel(accepts=_accepts, adjoint=_adjoint, examples=_examples, keep_outputs=False)
def ms_ssim_loss(
    img1: Tensor,
    img2: Tensor,
    sigmas: Sequence[float],
    data_range: float,
    K: Sequence[float],
    alpha: float,
    compensation: float,
    reduction: str,
) -> Tensor:
    """Blur the moments of all scales, compare, mix and reduce them in one pass."""
    parts = _parts(img1.shape[1], sigmas, data_range, K, alpha, compensation)
    return compare_scales(img1, img2, *parts, reduction)
