# SPDX-License-Identifier: Apache-2.0
"""CPU kernels of the saturation, which is multiplied without a way through HSV."""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from foveal.color._bytes import HSV
from foveal.kernels._kernel import kernel
from foveal.kernels.cpu.enhance._colour import Factor, accepts_colour, adjoint_of, run
from foveal.kernels.cpu.enhance._colour_formulas import BLEND, SATURATE, SATURATE_RAW


def _accepts(image: Any, factor: Any) -> bool:
    return accepts_colour(image, factor)


def _examples() -> Iterator[tuple[Any, ...]]:
    yield torch.zeros(3, 4, 4), 0.5
    yield torch.zeros(3, 4, 4, dtype=torch.uint8), 0.5


@kernel(accepts=_accepts, adjoint=adjoint_of(SATURATE), examples=_examples, keep_outputs=False)
def adjust_saturation(image: Tensor, factor: Factor) -> Tensor:
    """Multiply the distances from the largest channel, in one pass."""
    return run(SATURATE, image, factor)


@kernel(accepts=_accepts, adjoint=adjoint_of(SATURATE_RAW), examples=_examples, keep_outputs=False)
def adjust_saturation_raw(image: Tensor, factor: Factor) -> Tensor:
    """Multiply the second channel, in one pass."""
    return run(SATURATE_RAW, image, factor, HSV)


@kernel(accepts=_accepts, adjoint=adjoint_of(BLEND), examples=_examples, keep_outputs=False)
def adjust_saturation_with_gray_subtraction(image: Tensor, factor: Factor) -> Tensor:
    """Find the luma, blend and clip, in one pass."""
    return run(BLEND, image, factor)
