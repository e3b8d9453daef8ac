# SPDX-License-Identifier: Apache-2.0
"""CPU kernels of the blurs by a motion: sums over the taps of its line, and over the same line turned round.

Gradients to angles and directions are left to the reference.
"""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from foveal.filters.motion_kernels import MODES, motion_kernel2d, motion_kernel3d
from foveal.kernels._kernel import kernel
from foveal.kernels.cpu.filters._dense import dense, dense_adjoint
from foveal.kernels.cpu.filters._layout import Array
from foveal.kernels.cpu.filters._taps import accepts_border, accepts_image, taps_of
from foveal.kernels.cpu.filters._volume import filter_volume, filter_volume_adjoint


def _serves(value: Any, count: int) -> bool:
    """Say whether this is a number, or one a kernel that has no gradient."""
    if isinstance(value, Tensor):
        return not value.requires_grad and (value.ndim == 0 or (value.ndim == 1 and len(value) in (1, count)))
    return isinstance(value, int | float)


def _serves_axis(value: Any, count: int) -> bool:
    """Say whether this is an axis times an angle, or one a kernel that has no gradient."""
    if isinstance(value, Tensor):
        return not value.requires_grad and value.shape in ((3,), (1, 3), (count, 3))
    return isinstance(value, tuple) and len(value) == 3 and all(isinstance(number, int | float) for number in value)


def _fits(kernel_size: Any, border_type: Any, mode: Any) -> bool:
    return (
        isinstance(kernel_size, int)
        and kernel_size >= 3
        and kernel_size % 2 == 1
        and accepts_border(border_type)
        and mode in MODES
    )


def _accepts(input: Tensor, kernel_size: Any, angle: Any, direction: Any, border_type: Any, mode: Any) -> bool:
    return (
        accepts_image(input)
        and _fits(kernel_size, border_type, mode)
        and _serves(angle, input.shape[0])
        and _serves(direction, input.shape[0])
    )


def _accepts_volume(input: Tensor, kernel_size: Any, angle: Any, direction: Any, border_type: Any, mode: Any) -> bool:
    return (
        accepts_image(input, axes=3)
        and _fits(kernel_size, border_type, mode)
        and _serves_axis(angle, input.shape[0])
        and _serves(direction, input.shape[0])
    )


def _examples() -> Iterator[tuple[Any, ...]]:
    yield torch.zeros(1, 1, 6, 6), 3, 0.0, 0.0, "reflect", "nearest"


def _examples_of_volume() -> Iterator[tuple[Any, ...]]:
    yield torch.zeros(1, 1, 4, 4, 4), 3, (0.0, 0.0, 0.0), 0.0, "replicate", "nearest"


def _taps(input: Tensor, kernel_size: int, angle: Any, direction: Any, mode: str) -> Array:
    make = motion_kernel2d if input.ndim == 4 else motion_kernel3d
    return taps_of(make(kernel_size, angle, direction, mode, input), False)


def _adjoint(
    needs: tuple[bool, ...],
    gradients: tuple[Tensor, ...],
    outputs: tuple[Tensor, ...],
    input: Tensor,
    kernel_size: int,
    angle: Tensor | float,
    direction: Tensor | float,
    border_type: str,
    mode: str,
) -> tuple[Tensor | None, ...]:
    taps = _taps(input, kernel_size, angle, direction, mode)
    found = dense_adjoint(gradients[0], input.shape[2:], taps, border_type, sparse=True)
    return found, None, None, None, None, None


@kernel(accepts=_accepts, adjoint=_adjoint, examples=_examples, keep_outputs=False)
def motion_blur(
    input: Tensor,
    kernel_size: int,
    angle: Tensor | float,
    direction: Tensor | float,
    border_type: str,
    mode: str,
) -> Tensor:
    """Weighted sums along the line of the motion."""
    return dense(input, _taps(input, kernel_size, angle, direction, mode), border_type, sparse=True)


def _adjoint_of_volume(
    needs: tuple[bool, ...],
    gradients: tuple[Tensor, ...],
    outputs: tuple[Tensor, ...],
    input: Tensor,
    kernel_size: int,
    angle: Tensor | tuple[float, float, float],
    direction: Tensor | float,
    border_type: str,
    mode: str,
) -> tuple[Tensor | None, ...]:
    taps = _taps(input, kernel_size, angle, direction, mode)
    found = filter_volume_adjoint(gradients[0], taps, border_type, sparse=True)
    return found, None, None, None, None, None


@kernel(accepts=_accepts_volume, adjoint=_adjoint_of_volume, examples=_examples_of_volume, keep_outputs=False)
def motion_blur3d(
    input: Tensor,
    kernel_size: int,
    angle: Tensor | tuple[float, float, float],
    direction: Tensor | float,
    border_type: str,
    mode: str,
) -> Tensor:
    """Weighted sums along the line of the motion."""
    return filter_volume(input, _taps(input, kernel_size, angle, direction, mode), border_type, sparse=True)
