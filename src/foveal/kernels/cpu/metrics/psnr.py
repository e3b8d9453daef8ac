# SPDX-License-Identifier: Apache-2.0
"""CPU kernel of the peak signal-to-noise ratio: that of the loss, its sign turned."""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from foveal.kernels._kernel import kernel
from foveal.kernels.cpu._array import scalar
from foveal.kernels.cpu.losses.psnr import accepts_images, decibels, slope


def _examples() -> Iterator[tuple[Any, ...]]:
    yield torch.zeros(8), torch.zeros(8), 1.0


def _adjoint(
    needs: tuple[bool, ...],
    gradients: tuple[Tensor, ...],
    outputs: tuple[Tensor, ...],
    image: Tensor,
    target: Tensor,
    max_val: float,
) -> tuple[Tensor | None, ...]:
    return slope(needs, -gradients[0], -float(outputs[0]), image, target, max_val)


@kernel(accepts=accepts_images, adjoint=_adjoint, examples=_examples)
def psnr(image: Tensor, target: Tensor, max_val: float) -> Tensor:
    """Subtract, square and sum in one pass."""
    return scalar(-decibels(image, target, max_val))
