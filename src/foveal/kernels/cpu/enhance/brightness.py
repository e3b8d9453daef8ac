# SPDX-License-Identifier: Apache-2.0
"""CPU kernels of the brightness: x + b, or x a."""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from foveal.kernels._kernel import kernel
from foveal.kernels.cpu.enhance._curve import Curve, Factor, accepts_curve, adjoint_of, limits, run
from foveal.kernels.cpu.enhance._formulas import AFFINE


def _accepts(image: Any, factor: Any, clip_output: bool) -> bool:
    return accepts_curve(image, factor)


def _examples() -> Iterator[tuple[Any, ...]]:
    yield torch.zeros(3, 4, 4), 0.5, True
    yield torch.zeros(3, 4, 4, dtype=torch.uint8), 0.5, True


def _added(image: Tensor, factor: Factor, clip_output: bool) -> Curve:
    return Curve(AFFINE, image, 1.0, factor, *limits(clip_output))


def _multiplied(image: Tensor, factor: Factor, clip_output: bool) -> Curve:
    return Curve(AFFINE, image, factor, 0.0, *limits(clip_output))


@kernel(accepts=_accepts, adjoint=adjoint_of(_added), examples=_examples, keep_outputs=False)
def adjust_brightness(image: Tensor, factor: Factor, clip_output: bool) -> Tensor:
    """Add the factor, and clip, in one pass."""
    return run(_added(image, factor, clip_output))


@kernel(accepts=_accepts, adjoint=adjoint_of(_multiplied), examples=_examples, keep_outputs=False)
def adjust_brightness_accumulative(image: Tensor, factor: Factor, clip_output: bool) -> Tensor:
    """Multiply by the factor, and clip, in one pass."""
    return run(_multiplied(image, factor, clip_output))
