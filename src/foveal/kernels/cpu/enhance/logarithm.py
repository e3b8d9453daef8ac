# SPDX-License-Identifier: Apache-2.0
"""CPU kernel of the logarithmic correction: b log2(1 + x), or b (2^x - 1)."""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from foveal.kernels._kernel import kernel
from foveal.kernels.cpu.enhance._curve import Curve, Factor, accepts_curve, adjoint_of, limits, run
from foveal.kernels.cpu.enhance._formulas import EXPONENT, LOGARITHM


def _accepts(image: Any, gain: Any, inv: bool, clip_output: bool) -> bool:
    return accepts_curve(image, gain)


def _examples() -> Iterator[tuple[Any, ...]]:
    for inv in (False, True):
        yield torch.zeros(3, 4, 4), 1.0, inv, True
        yield torch.zeros(3, 4, 4, dtype=torch.uint8), 1.0, inv, True


def _curve(image: Tensor, gain: Factor, inv: bool, clip_output: bool) -> Curve:
    return Curve(EXPONENT if inv else LOGARITHM, image, 0.0, gain, *limits(clip_output))


@kernel(accepts=_accepts, adjoint=adjoint_of(_curve), examples=_examples, keep_outputs=False)
def adjust_log(image: Tensor, gain: Factor, inv: bool, clip_output: bool) -> Tensor:
    """Take the logarithm or the power of two, multiply and clip, in one pass."""
    return run(_curve(image, gain, inv, clip_output))
