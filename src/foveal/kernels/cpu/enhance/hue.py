# SPDX-License-Identifier: Apache-2.0
"""CPU kernels of the hue, which is turned without a way through HSV."""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from foveal.color._bytes import HSV
from foveal.kernels._kernel import kernel
from foveal.kernels.cpu.enhance._colour import Factor, accepts_colour, adjoint_of, run
from foveal.kernels.cpu.enhance._colour_formulas import TURN, TURN_RAW


def _accepts(image: Any, factor: Any) -> bool:
    return accepts_colour(image, factor)


def _examples() -> Iterator[tuple[Any, ...]]:
    yield torch.zeros(3, 4, 4), 0.5
    yield torch.zeros(3, 4, 4, dtype=torch.uint8), 0.5


@kernel(accepts=_accepts, adjoint=adjoint_of(TURN), examples=_examples, keep_outputs=False)
def adjust_hue(image: Tensor, factor: Factor) -> Tensor:
    """Find hue, value and chroma, turn, and mix, in one pass."""
    return run(TURN, image, factor)


@kernel(accepts=_accepts, adjoint=adjoint_of(TURN_RAW), examples=_examples, keep_outputs=False)
def adjust_hue_raw(image: Tensor, factor: Factor) -> Tensor:
    """Turn the first channel, in one pass."""
    return run(TURN_RAW, image, factor, HSV)
