# SPDX-License-Identifier: Apache-2.0
"""CPU kernel of the Laplacian: the sum over the window, which is separable, less the pixel as often.

Floor: one read and one write of the image.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from foveal.kernels._kernel import kernel
from foveal.kernels.cpu.filters._layout import Array
from foveal.kernels.cpu.filters._separable import separable, separable_adjoint
from foveal.kernels.cpu.filters._taps import accepts_border, accepts_image, sides_of


def _accepts(input: Tensor, kernel_size: Any, border_type: Any, normalized: Any) -> bool:
    sides = sides_of(kernel_size)
    return (
        accepts_image(input)
        and sides is not None
        and sides[0] % 2 == sides[1] % 2 == 1
        and max(sides) > 1
        and accepts_border(border_type)
    )


def _examples() -> Iterator[tuple[Any, ...]]:
    yield torch.zeros(1, 1, 8, 8), 3, "reflect", True


def _taps(kernel_size: Any, normalized: bool) -> tuple[Array, Array, float]:
    """Return the taps along x and down y, and the weight of the pixel itself."""
    rows, columns = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    count = rows * columns
    scale = 1 / (2 * (count - 1)) if normalized else 1.0
    return np.full((1, columns), scale, np.float32), np.ones((1, rows), np.float32), -count * scale


def _adjoint(
    needs: tuple[bool, ...],
    gradients: tuple[Tensor, ...],
    outputs: tuple[Tensor, ...],
    input: Tensor,
    kernel_size: Any,
    border_type: str,
    normalized: bool,
) -> tuple[Tensor | None, ...]:
    across, down, own = _taps(kernel_size, normalized)
    return separable_adjoint(gradients[0], input.shape[2:], across, down, border_type, own=own), None, None, None


@kernel(accepts=_accepts, adjoint=_adjoint, examples=_examples, keep_outputs=False)
def laplacian(input: Tensor, kernel_size: Any, border_type: str, normalized: bool) -> Tensor:
    """Sums of the window in two passes, row by row."""
    across, down, own = _taps(kernel_size, normalized)
    return separable(input, across, down, border_type, own=own)
