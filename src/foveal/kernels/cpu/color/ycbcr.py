# SPDX-License-Identifier: Apache-2.0
"""CPU kernels of YCbCr: one matrix each way, bound by memory."""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from foveal.color.grayscale import LUMA
from foveal.color.ycbcr import BYTES, CB_SCALE, CR_SCALE
from foveal.kernels._kernel import kernel
from foveal.kernels.cpu._planes import accepts_image
from foveal.kernels.cpu.color._matrix import clipped_mix_adjoint, mix, mix_adjoint
from foveal.kernels.cpu.color.grayscale import luma, luma_adjoint

_RED, _GREEN, _BLUE = LUMA

_THERE = (
    LUMA,
    (-_RED * CB_SCALE, -_GREEN * CB_SCALE, (1 - _BLUE) * CB_SCALE),
    ((1 - _RED) * CR_SCALE, -_GREEN * CR_SCALE, -_BLUE * CR_SCALE),
)
_BACK = (
    (1, 0, 1 / CR_SCALE),
    (1, -_BLUE / (_GREEN * CB_SCALE), -_RED / (_GREEN * CR_SCALE)),
    (1, 1 / CB_SCALE, 0),
)
_MIDDLE = (0, 0.5, 0.5)
_BIAS_BACK = tuple(-(row[1] + row[2]) / 2 for row in _BACK)


def _accepts(image: Tensor) -> bool:
    return accepts_image(image, 3)


def _examples() -> Iterator[tuple[Any, ...]]:
    yield (torch.zeros(3, 4, 4),)
    yield (torch.zeros(3, 4, 4, dtype=torch.uint8),)


def _adjoint_there(
    needs: tuple[bool, ...], gradients: tuple[Tensor, ...], outputs: tuple[Tensor, ...], image: Tensor
) -> tuple[Tensor, ...]:
    return (mix_adjoint(gradients[0], _THERE),)


def _adjoint_luma(
    needs: tuple[bool, ...], gradients: tuple[Tensor, ...], outputs: tuple[Tensor, ...], image: Tensor
) -> tuple[Tensor, ...]:
    return (luma_adjoint(gradients[0]),)


def _adjoint_back(
    needs: tuple[bool, ...], gradients: tuple[Tensor, ...], outputs: tuple[Tensor, ...], image: Tensor
) -> tuple[Tensor, ...]:
    return (clipped_mix_adjoint(image, gradients[0], _BACK, _BIAS_BACK),)


@kernel(accepts=_accepts, adjoint=_adjoint_there, examples=_examples, keep_outputs=False)
def rgb_to_ycbcr(image: Tensor) -> Tensor:
    """YCbCr = M RGB + (0, 0.5, 0.5); adjoint: M^T gradient."""
    return mix(image, _THERE, _MIDDLE, given=BYTES)


@kernel(accepts=_accepts, adjoint=_adjoint_luma, examples=_examples, keep_outputs=False)
def rgb_to_y(image: Tensor) -> Tensor:
    """Y = w . RGB; adjoint: w gradient."""
    return luma(image)


@kernel(accepts=_accepts, adjoint=_adjoint_back, examples=_examples, keep_outputs=False)
def ycbcr_to_rgb(image: Tensor) -> Tensor:
    """RGB = clip(M^-1 (YCbCr - (0, 0.5, 0.5))); adjoint: M^-T of the gradient to the channels that are not clipped."""
    return mix(image, _BACK, _BIAS_BACK, clip=True, taken=BYTES)
