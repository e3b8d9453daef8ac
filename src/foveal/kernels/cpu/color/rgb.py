# SPDX-License-Identifier: Apache-2.0
"""CPU kernels of the order and the range of the channels: PyTorch's loops, into memory that is kept.

Floor: one read and one write. New memory for the result costs more than both: these kernels are for results that
`_memory` keeps. Adjoints: the same order; the same factor, where nothing is clipped.
"""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from foveal.kernels._kernel import kernel
from foveal.kernels.cpu._array import empty
from foveal.kernels.cpu._memory import is_large
from foveal.kernels.cpu._planes import accepts_image
from foveal.kernels.cpu.enhance._curve import Curve, adjoint_of, run
from foveal.kernels.cpu.enhance._formulas import AFFINE


def _reverse(image: Tensor) -> Tensor:
    result = empty(*image.shape, dtype=image.dtype)
    for channel in range(3):
        result.select(-3, channel).copy_(image.select(-3, 2 - channel))
    return result


def _accepts_order(image: Tensor) -> bool:
    return accepts_image(image, 3) and is_large(image.numel(), image.dtype)


def _examples_order() -> Iterator[tuple[Any, ...]]:
    yield (torch.zeros(3, 512, 512),)


def _adjoint_order(
    needs: tuple[bool, ...], gradients: tuple[Tensor, ...], outputs: tuple[Tensor, ...], image: Tensor
) -> tuple[Tensor, ...]:
    return (_reverse(gradients[0]),)


@kernel(accepts=_accepts_order, adjoint=_adjoint_order, examples=_examples_order, keep_outputs=False)
def rgb_to_bgr(image: Tensor) -> Tensor:
    """Copy the three planes."""
    return _reverse(image)


@kernel(accepts=_accepts_order, adjoint=_adjoint_order, examples=_examples_order, keep_outputs=False)
def bgr_to_rgb(image: Tensor) -> Tensor:
    """Copy the three planes."""
    return _reverse(image)


def _accepts_unit(image: Tensor) -> bool:
    return accepts_image(image, 3, bytes=False)


def _examples_unit() -> Iterator[tuple[Any, ...]]:
    yield (torch.zeros(3, 4, 4),)


def _curve(image: Tensor) -> Curve:
    return Curve(AFFINE, image, 255.0, 0.0, 0.0, 255.0)


@kernel(accepts=_accepts_unit, adjoint=adjoint_of(_curve), examples=_examples_unit, keep_outputs=False)
def rgb_to_rgb255(image: Tensor) -> Tensor:
    """Scale and clip in one pass."""
    return run(_curve(image))


def _divide(image: Tensor) -> Tensor:
    return torch.div(image, 255, out=empty(*image.shape))


def _accepts_bytes(image: Tensor) -> bool:
    return accepts_image(image, 3) and is_large(image.numel(), torch.float32)


def _adjoint_bytes(
    needs: tuple[bool, ...], gradients: tuple[Tensor, ...], outputs: tuple[Tensor, ...], image: Tensor
) -> tuple[Tensor, ...]:
    return (_divide(gradients[0]),)


@kernel(accepts=_accepts_bytes, adjoint=_adjoint_bytes, examples=_examples_order, keep_outputs=False)
def rgb255_to_rgb(image: Tensor) -> Tensor:
    """Divide by 255."""
    return _divide(image)
