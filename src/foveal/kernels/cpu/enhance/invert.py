# SPDX-License-Identifier: Apache-2.0
"""CPU kernel of the negative: b - x."""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from foveal.kernels._kernel import kernel
from foveal.kernels.cpu.enhance._curve import Curve, accepts_curve, adjoint_of, run
from foveal.kernels.cpu.enhance._formulas import AFFINE


def _accepts(image: Any, max_val: Any) -> bool:
    if max_val is None:
        return accepts_curve(image)
    return accepts_curve(image) and isinstance(max_val, Tensor) and max_val.numel() == 1 and max_val.ndim <= image.ndim


def _examples() -> Iterator[tuple[Any, ...]]:
    yield torch.zeros(3, 4, 4), None
    yield torch.zeros(3, 4, 4, dtype=torch.uint8), None


def _curve(image: Tensor, max_val: Tensor | None) -> Curve:
    if max_val is None:
        return Curve(AFFINE, image, -1.0, 1.0)
    return Curve(AFFINE, image, -1.0, max_val / 255 if image.dtype is torch.uint8 else max_val)


@kernel(accepts=_accepts, adjoint=adjoint_of(_curve), examples=_examples, keep_outputs=False)
def invert(image: Tensor, max_val: Tensor | None) -> Tensor:
    """Subtract from the largest value."""
    return run(_curve(image, max_val))
