# SPDX-License-Identifier: Apache-2.0
"""CPU kernels of image pyramids: the blur and the interpolation are one table of taps for each axis."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from torch import Tensor

from foveal.geometry.transform.pyramid import BINOMIAL
from foveal.kernels._kernel import kernel
from foveal.kernels.cpu.geometry.transform._axis import Plan, blur, compose, interpolation, plan, transpose
from foveal.kernels.cpu.geometry.transform._separable import apply_axes

# A circular blur reaches from one end of an axis to the other: its table would have as many taps as pixels.
BORDERS = ("reflect", "replicate", "constant")


@lru_cache(maxsize=64)
def _down(size: int, count: int, border_type: str, align_corners: bool, transposed: bool) -> Plan:
    axis = blur(size, np.array(BINOMIAL), border_type)
    if count != size:
        axis = compose(interpolation(size, count, "bilinear", align_corners), axis)
    return plan(transpose(axis) if transposed else axis)


@lru_cache(maxsize=64)
def _up(size: int, border_type: str, align_corners: bool, transposed: bool) -> Plan:
    axis = interpolation(size, 2 * size, "bilinear", align_corners)
    axis = compose(blur(2 * size, np.array(BINOMIAL), border_type), axis)
    return plan(transpose(axis) if transposed else axis)


def _accepts(input: Any, border_type: Any, align_corners: Any) -> bool:
    return (
        isinstance(input, Tensor)
        and input.dtype in (torch.float32, torch.uint8)
        and input.ndim == 4
        and input.numel() > 0
        and isinstance(border_type, str)
        and border_type in BORDERS
        and isinstance(align_corners, bool)
    )


def _accepts_down(input: Any, border_type: Any, align_corners: Any, factor: Any) -> bool:
    if not _accepts(input, border_type, align_corners) or type(factor) not in (int, float) or not factor > 0:
        return False
    return min(_smaller(input, factor)) > 0


def _smaller(input: Tensor, factor: float) -> tuple[int, int]:
    return int(input.shape[2] / factor), int(input.shape[3] / factor)


def _pull_down(
    needs: tuple[bool, ...], gradients: tuple[Tensor, ...], outputs: tuple[Tensor, ...], *arguments: Any
) -> tuple[Tensor | None, ...]:
    input, border_type, align_corners, factor = arguments
    sides = zip(input.shape[2:], _smaller(input, factor), strict=True)
    rows, columns = (_down(*side, border_type, align_corners, True) for side in sides)
    return apply_axes(gradients[0], rows, columns), None, None, None


def _examples_down() -> Iterator[tuple[Any, ...]]:
    for dtype in (torch.float32, torch.uint8):
        yield torch.zeros(1, 1, 40, 40, dtype=dtype), "reflect", False, 2.0


@kernel(accepts=_accepts_down, examples=_examples_down, adjoint=_pull_down, keep_outputs=False)
def pyrdown(input: Tensor, border_type: str, align_corners: bool, factor: float) -> Tensor:
    """Blur images and make them smaller."""
    sides = zip(input.shape[2:], _smaller(input, factor), strict=True)
    rows, columns = (_down(*side, border_type, align_corners, False) for side in sides)
    return apply_axes(input, rows, columns)


def _pull_up(
    needs: tuple[bool, ...], gradients: tuple[Tensor, ...], outputs: tuple[Tensor, ...], *arguments: Any
) -> tuple[Tensor | None, ...]:
    input, border_type, align_corners = arguments
    rows, columns = (_up(side, border_type, align_corners, True) for side in input.shape[2:])
    return apply_axes(gradients[0], rows, columns), None, None


def _examples_up() -> Iterator[tuple[Any, ...]]:
    for dtype in (torch.float32, torch.uint8):
        yield torch.zeros(1, 1, 40, 40, dtype=dtype), "reflect", False


@kernel(accepts=_accepts, examples=_examples_up, adjoint=_pull_up, keep_outputs=False)
def pyrup(input: Tensor, border_type: str, align_corners: bool) -> Tensor:
    """Make images twice as large and blur them."""
    rows, columns = (_up(side, border_type, align_corners, False) for side in input.shape[2:])
    return apply_axes(input, rows, columns)
