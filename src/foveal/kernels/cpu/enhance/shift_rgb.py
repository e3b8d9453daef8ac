# SPDX-License-Identifier: Apache-2.0
"""CPU kernel of channels shifted apart: x + b."""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from foveal.kernels._kernel import kernel
from foveal.kernels.cpu.enhance._curve import UNIT, Curve, accepts_curve, adjoint_of, run
from foveal.kernels.cpu.enhance._formulas import AFFINE


def _accepts(image: Any, r_shift: Any, g_shift: Any, b_shift: Any) -> bool:
    return (
        accepts_curve(image)
        and image.ndim == 4
        and image.shape[1] == 3
        and all(
            isinstance(s, Tensor) and s.ndim <= 1 and s.numel() in (1, len(image)) for s in (r_shift, g_shift, b_shift)
        )
    )


def _examples() -> Iterator[tuple[Any, ...]]:
    yield torch.zeros(1, 3, 4, 4), *torch.zeros(3, 1)
    yield torch.zeros(1, 3, 4, 4, dtype=torch.uint8), *torch.zeros(3, 1)


def _curve(image: Tensor, r_shift: Tensor, g_shift: Tensor, b_shift: Tensor) -> Curve:
    shifts = [shift.expand(len(image)) for shift in (r_shift, g_shift, b_shift)]
    return Curve(AFFINE, image, 1.0, torch.stack(shifts, dim=1), *UNIT)


@kernel(accepts=_accepts, adjoint=adjoint_of(_curve), examples=_examples, keep_outputs=False)
def shift_rgb(image: Tensor, r_shift: Tensor, g_shift: Tensor, b_shift: Tensor) -> Tensor:
    """Add the shifts, and clip, in one pass."""
    return run(_curve(image, r_shift, g_shift, b_shift))
