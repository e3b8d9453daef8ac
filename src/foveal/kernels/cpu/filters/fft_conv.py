# SPDX-License-Identifier: Apache-2.0
"""CPU kernel of the filter by Fourier transforms: with so few taps, a sum over the window is faster than two spectra.

Floor: one read and one write of the image.
"""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from foveal.kernels._kernel import kernel as make_kernel
from foveal.kernels.cpu.filters.filter2d import correlate_images, fits, pull_back

# A sum over 19 x 19 pixels takes as long as the transforms on small images, and less than half of it on large ones.
FEW_TAPS = 400


def _accepts(input: Tensor, kernel: Any, border_type: Any, normalized: Any, padding: Any, behaviour: Any) -> bool:
    return fits(input, kernel, border_type, padding, behaviour) and kernel[0].numel() <= FEW_TAPS


def _examples() -> Iterator[tuple[Any, ...]]:
    yield torch.zeros(1, 1, 4, 4), torch.ones(1, 3, 3), "reflect", False, "same", "corr"


def _adjoint(
    needs: tuple[bool, ...], gradients: tuple[Tensor, ...], outputs: tuple[Tensor, ...], *arguments: Any
) -> tuple[Tensor | None, ...]:
    return *pull_back(needs, gradients[0], *arguments), None, None, None, None


@make_kernel(accepts=_accepts, adjoint=_adjoint, examples=_examples, keep_outputs=False)
def fft_conv(input: Tensor, kernel: Tensor, border_type: str, normalized: bool, padding: str, behaviour: str) -> Tensor:
    """Weighted sums over the window of every pixel."""
    return correlate_images(input, kernel, border_type, normalized, padding, behaviour)
