# SPDX-License-Identifier: Apache-2.0
"""CPU kernel of the gamma: b x^a by one power."""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from foveal.kernels._kernel import kernel
from foveal.kernels.cpu.enhance._curve import UNIT, Curve, Factor, accepts_curve, adjoint_of, run
from foveal.kernels.cpu.enhance._formulas import POWER


def _accepts(input: Any, gamma: Any, gain: Any) -> bool:
    return accepts_curve(input, gamma, gain) and all(isinstance(f, Tensor) or f >= 0 for f in (gamma, gain))


def _examples() -> Iterator[tuple[Any, ...]]:
    yield torch.zeros(3, 4, 4), 2.0, 1.0
    yield torch.zeros(3, 4, 4, dtype=torch.uint8), 2.0, 1.0


def _curve(input: Tensor, gamma: Factor, gain: Factor) -> Curve:
    return Curve(POWER, input, gamma, gain, *UNIT)


@kernel(accepts=_accepts, adjoint=adjoint_of(_curve), examples=_examples, keep_outputs=False)
def adjust_gamma(input: Tensor, gamma: Factor, gain: Factor) -> Tensor:
    """Raise to a power, multiply and clip, in one pass."""
    return run(_curve(input, gamma, gain))
