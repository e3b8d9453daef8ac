# SPDX-License-Identifier: Apache-2.0
"""CPU kernel of thresholds: one of five formulas."""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from foveal.kernels._kernel import kernel
from foveal.kernels.cpu.enhance._curve import Curve, Factor, accepts_curve, adjoint_of, run
from foveal.kernels.cpu.enhance._formulas import ABOVE, BELOW, CUT, DROPPED, KEPT

# By OpenCV's numbers of the types.
_FORMULAS = (ABOVE, BELOW, CUT, KEPT, DROPPED)


def _accepts(input: Any, thresh: Any, maxval: Any, type: int) -> bool:
    return (
        accepts_curve(input, bytes=False)
        and type in range(len(_FORMULAS))
        and all(
            isinstance(v, float | int) or (isinstance(v, Tensor) and v.numel() == 1 and v.ndim <= input.ndim)
            for v in (thresh, maxval)
        )
    )


def _examples() -> Iterator[tuple[Any, ...]]:
    for type in range(len(_FORMULAS)):
        yield torch.zeros(3, 4, 4), 0.5, 1.0, type


def _curve(input: Tensor, thresh: Factor, maxval: Factor, type: int) -> Curve:
    return Curve(_FORMULAS[type], input, thresh, maxval)


def _without_gradient(input: Tensor, thresh: Factor, maxval: Factor, type: int) -> tuple[int, ...]:
    """Say that the result has no gradient where it is none of what may have one."""
    chosen = {ABOVE: (maxval,), BELOW: (maxval,), CUT: (input, thresh)}.get(_FORMULAS[type], (input,))
    return () if any(isinstance(value, Tensor) and value.requires_grad for value in chosen) else (0,)


@kernel(
    accepts=_accepts,
    adjoint=adjoint_of(_curve),
    examples=_examples,
    keep_outputs=False,
    without_gradient=_without_gradient,
)
def threshold(input: Tensor, thresh: Factor, maxval: Factor, type: int) -> Tensor:
    """Compare and choose, in one pass."""
    return run(_curve(input, thresh, maxval, type))
