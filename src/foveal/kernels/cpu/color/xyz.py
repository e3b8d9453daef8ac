# SPDX-License-Identifier: Apache-2.0
"""CPU kernels of CIE XYZ: one matrix each way, bound by memory."""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from foveal.color.xyz import RGB_TO_XYZ, XYZ_TO_RGB
from foveal.kernels._kernel import kernel
from foveal.kernels.cpu._planes import accepts_image
from foveal.kernels.cpu.color._matrix import mix, mix_adjoint


def _accepts(image: Tensor) -> bool:
    return accepts_image(image, 3)


def _examples() -> Iterator[tuple[Any, ...]]:
    yield (torch.zeros(3, 4, 4),)
    yield (torch.zeros(3, 4, 4, dtype=torch.uint8),)


def _adjoint_there(
    needs: tuple[bool, ...], gradients: tuple[Tensor, ...], outputs: tuple[Tensor, ...], image: Tensor
) -> tuple[Tensor, ...]:
    return (mix_adjoint(gradients[0], RGB_TO_XYZ),)


def _adjoint_back(
    needs: tuple[bool, ...], gradients: tuple[Tensor, ...], outputs: tuple[Tensor, ...], image: Tensor
) -> tuple[Tensor, ...]:
    return (mix_adjoint(gradients[0], XYZ_TO_RGB),)


@kernel(accepts=_accepts, adjoint=_adjoint_there, examples=_examples, keep_outputs=False)
def rgb_to_xyz(image: Tensor) -> Tensor:
    """XYZ = M RGB; adjoint: M^T gradient."""
    return mix(image, RGB_TO_XYZ)


@kernel(accepts=_accepts, adjoint=_adjoint_back, examples=_examples, keep_outputs=False)
def xyz_to_rgb(image: Tensor) -> Tensor:
    """RGB = M^-1 XYZ; adjoint: M^-T gradient."""
    return mix(image, XYZ_TO_RGB)
