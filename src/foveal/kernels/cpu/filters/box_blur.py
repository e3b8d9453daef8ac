# SPDX-License-Identifier: Apache-2.0
"""CPU kernel of the box blur: small windows tap by tap as other separable filters, large ones by sums of sums.

Floor: one read and one write of the image.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from foveal.kernels._kernel import kernel
from foveal.kernels.cpu.filters._box import LARGE, box, box_adjoint
from foveal.kernels.cpu.filters._layout import Array
from foveal.kernels.cpu.filters._separable import separable as filter_separably
from foveal.kernels.cpu.filters._separable import separable_adjoint
from foveal.kernels.cpu.filters._stencil import byte_means, fits
from foveal.kernels.cpu.filters._taps import accepts_border, accepts_image, sides_of


def _accepts(input: Tensor, kernel_size: Any, border_type: Any, separable: Any) -> bool:
    return accepts_image(input, bytes=True) and sides_of(kernel_size) is not None and accepts_border(border_type)


def _examples() -> Iterator[tuple[Any, ...]]:
    for dtype in (torch.float32, torch.uint8):
        for size in (3, 4, 5, 7, 15):
            yield torch.zeros(1, 1, 40, 40, dtype=dtype), size, "reflect", True


def _sides(kernel_size: Any) -> tuple[int, int]:
    return (kernel_size, kernel_size) if isinstance(kernel_size, int) else (kernel_size[0], kernel_size[1])


def _taps(sides: tuple[int, int]) -> tuple[Array, Array]:
    """Return the taps along x and down y."""
    rows, columns = sides
    return np.full((1, columns), 1 / (rows * columns), np.float32), np.ones((1, rows), np.float32)


def _adjoint(
    needs: tuple[bool, ...],
    gradients: tuple[Tensor, ...],
    outputs: tuple[Tensor, ...],
    input: Tensor,
    kernel_size: Any,
    border_type: str,
    separable: bool,
) -> tuple[Tensor | None, ...]:
    sides = _sides(kernel_size)
    if sum(sides) > LARGE:
        return box_adjoint(gradients[0], sides, border_type), None, None, None
    return separable_adjoint(gradients[0], input.shape[2:], *_taps(sides), border_type), None, None, None


@kernel(accepts=_accepts, adjoint=_adjoint, examples=_examples, keep_outputs=False)
def box_blur(input: Tensor, kernel_size: Any, border_type: str, separable: bool) -> Tensor:
    """Sums down the columns and along the rows, of large windows at a cost that hardly grows with them."""
    sides = _sides(kernel_size)
    if input.dtype is torch.uint8 and fits(input, sides):
        return byte_means(input, sides[0], border_type)
    if sum(sides) > LARGE:
        return box(input, sides, border_type)
    return filter_separably(input, *_taps(sides), border_type)
