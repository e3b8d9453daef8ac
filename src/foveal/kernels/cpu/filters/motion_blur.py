# SPDX-License-Identifier: Apache-2.0
"""CPU kernel of the blur by a motion: the sum over the taps of its line, and the dense filter's adjoint.

Gradients to angles and directions are left to the reference.
"""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from foveal.filters.motion_kernels import MODES, motion_kernel2d
from foveal.kernels._kernel import kernel
from foveal.kernels.cpu.filters._dense import dense_adjoint
from foveal.kernels.cpu.filters._sparse import sparse
from foveal.kernels.cpu.filters._taps import accepts_border, accepts_image, taps_of


def _serves(value: Any, count: int) -> bool:
    """Say whether this is a number, or one a kernel that has no gradient."""
    if isinstance(value, Tensor):
        return not value.requires_grad and (value.ndim == 0 or (value.ndim == 1 and len(value) in (1, count)))
    return isinstance(value, int | float)


def _accepts(input: Tensor, kernel_size: Any, angle: Any, direction: Any, border_type: Any, mode: Any) -> bool:
    return (
        accepts_image(input)
        and isinstance(kernel_size, int)
        and kernel_size >= 3
        and kernel_size % 2 == 1
        and _serves(angle, input.shape[0])
        and _serves(direction, input.shape[0])
        and accepts_border(border_type)
        and mode in MODES
    )


def _examples() -> Iterator[tuple[Any, ...]]:
    yield torch.zeros(1, 1, 6, 6), 3, 0.0, 0.0, "reflect", "nearest"


def _taps(input: Tensor, kernel_size: int, angle: Tensor | float, direction: Tensor | float, mode: str) -> Any:
    return taps_of(motion_kernel2d(kernel_size, angle, direction, mode, input), False)


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
    found = dense_adjoint(gradients[0], input.shape[2:], taps, border_type, "same")
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
    return sparse(input, _taps(input, kernel_size, angle, direction, mode), border_type)
