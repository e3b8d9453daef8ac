# SPDX-License-Identifier: Apache-2.0
"""CPU kernel of the sigmoidal contrast: 1 / (1 + e^(b (a - x))), the negative by -b."""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from foveal.kernels._kernel import kernel
from foveal.kernels.cpu.enhance._curve import Curve, Factor, accepts_curve, adjoint_of, run
from foveal.kernels.cpu.enhance._formulas import SIGMOID


def _accepts(image: Any, cutoff: Any, gain: Any, inv: bool) -> bool:
    return accepts_curve(image, cutoff, gain)


def _examples() -> Iterator[tuple[Any, ...]]:
    yield torch.zeros(3, 4, 4), 0.5, 10.0, False
    yield torch.zeros(3, 4, 4, dtype=torch.uint8), 0.5, 10.0, False


def _curve(image: Tensor, cutoff: Factor, gain: Factor, inv: bool) -> Curve:
    return Curve(SIGMOID, image, cutoff, -gain if inv else gain)


@kernel(accepts=_accepts, adjoint=adjoint_of(_curve), examples=_examples, keep_outputs=False)
def adjust_sigmoid(image: Tensor, cutoff: Factor, gain: Factor, inv: bool) -> Tensor:
    """Take the sigmoid in one pass."""
    return run(_curve(image, cutoff, gain, inv))
