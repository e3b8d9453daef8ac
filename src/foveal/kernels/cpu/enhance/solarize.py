# SPDX-License-Identifier: Apache-2.0
"""CPU kernel of the solarization: x + b clipped, then 1 less it from a on."""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from foveal.kernels._kernel import kernel
from foveal.kernels.cpu.enhance._curve import Curve, Factor, accepts_curve, adjoint_of, run
from foveal.kernels.cpu.enhance._formulas import SHIFTED, SOLAR


def _accepts(input: Any, thresholds: Any, additions: Any) -> bool:
    if additions is None:
        return accepts_curve(input, thresholds)
    return accepts_curve(input, thresholds, additions) and (isinstance(additions, Tensor) or -0.5 <= additions <= 0.5)


def _examples() -> Iterator[tuple[Any, ...]]:
    for additions in (None, 0.25):
        yield torch.zeros(3, 4, 4), 0.5, additions
        yield torch.zeros(3, 4, 4, dtype=torch.uint8), 0.5, additions


def _curve(input: Tensor, thresholds: Factor, additions: Factor | None) -> Curve:
    if additions is None:
        return Curve(SOLAR, input, thresholds)
    return Curve(SHIFTED, input, thresholds, additions)


@kernel(accepts=_accepts, adjoint=adjoint_of(_curve), examples=_examples, keep_outputs=False)
def solarize(input: Tensor, thresholds: Factor, additions: Factor | None) -> Tensor:
    """Add, clip, compare and invert, in one pass."""
    return run(_curve(input, thresholds, additions))
