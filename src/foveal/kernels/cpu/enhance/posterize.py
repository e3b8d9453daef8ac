# SPDX-License-Identifier: Apache-2.0
"""CPU kernel of posters: bytes under a mask, 255 for the image as it is."""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from foveal.enhance._factor import as_batch
from foveal.enhance.posterize import fits
from foveal.kernels._kernel import kernel
from foveal.kernels.cpu.enhance._curve import Curve, accepts_curve, adjoint_of, run
from foveal.kernels.cpu.enhance._formulas import LEVELS


def _accepts(input: Any, bits: Any) -> bool:
    if not accepts_curve(input):
        return False
    if isinstance(bits, Tensor):
        return fits(bits, as_batch(input))
    return isinstance(bits, int) and not isinstance(bits, bool) and 0 <= bits <= 8


def _examples() -> Iterator[tuple[Any, ...]]:
    yield torch.zeros(3, 4, 4), 4
    yield torch.zeros(3, 4, 4, dtype=torch.uint8), 4


def _curve(input: Tensor, bits: Tensor | int) -> Curve:
    if not isinstance(bits, Tensor):
        return Curve(LEVELS, as_batch(input), 256.0 - (1 << (8 - bits)))
    count = bits.detach().clamp(0, 8).to(torch.int64)
    masks = 256 - (1 << (8 - count))
    return Curve(LEVELS, as_batch(input), masks.reshape(()) if masks.numel() == 1 else masks)


def _without_gradient(input: Tensor, bits: Tensor | int) -> tuple[int, ...]:
    """Say that the result has no gradient, unless some of it may be the image as it is."""
    return () if isinstance(bits, Tensor) or bits == 8 else (0,)


@kernel(
    accepts=_accepts,
    adjoint=adjoint_of(_curve),
    examples=_examples,
    keep_outputs=False,
    without_gradient=_without_gradient,
)
def posterize(input: Tensor, bits: Tensor | int) -> Tensor:
    """Cut off to bytes and mask them, in one pass."""
    return run(_curve(input, bits)).reshape(input.shape)
