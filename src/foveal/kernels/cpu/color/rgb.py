# SPDX-License-Identifier: Apache-2.0
"""CPU kernel of the range of the channels: one affine curve that is clipped. Floor: one read and one write."""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from foveal.kernels._kernel import kernel
from foveal.kernels.cpu._planes import accepts_image
from foveal.kernels.cpu.enhance._curve import Curve, adjoint_of, run
from foveal.kernels.cpu.enhance._formulas import AFFINE


def _accepts(image: Tensor) -> bool:
    return accepts_image(image, 3, bytes=False)


def _examples() -> Iterator[tuple[Any, ...]]:
    yield (torch.zeros(3, 4, 4),)


def _curve(image: Tensor) -> Curve:
    return Curve(AFFINE, image, 255.0, 0.0, 0.0, 255.0)


@kernel(accepts=_accepts, adjoint=adjoint_of(_curve), examples=_examples, keep_outputs=False)
def rgb_to_rgb255(image: Tensor) -> Tensor:
    """Scale and clip in one pass."""
    return run(_curve(image))
