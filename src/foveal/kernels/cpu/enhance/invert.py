# SPDX-License-Identifier: Apache-2.0
"""CPU kernel of negatives: one affine curve."""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from foveal.kernels._kernel import kernel
from foveal.kernels.cpu.enhance._curve import Curve, accepts_curve, adjoint_of, run
from foveal.kernels.cpu.enhance._formulas import AFFINE


def _accepts(image: Any, max_val: Any) -> bool:
    if max_val is None:
        return accepts_curve(image, bytes=False)
    # Factors of curves run along an image from the left; this one broadcasts from the right.
    alike = isinstance(max_val, Tensor) and (max_val.numel() == 1 or max_val.ndim == image.ndim)
    return alike and accepts_curve(image, max_val, bytes=False)


def _examples() -> Iterator[tuple[Any, ...]]:
    yield torch.zeros(3, 4, 4), None


def _curve(image: Tensor, max_val: Tensor | None) -> Curve:
    return Curve(AFFINE, image, -1.0, 1.0 if max_val is None else max_val)


@kernel(accepts=_accepts, adjoint=adjoint_of(_curve), examples=_examples, keep_outputs=False)
def invert(image: Tensor, max_val: Tensor | None) -> Tensor:
    """Subtract from the largest value."""
    return run(_curve(image, max_val))
