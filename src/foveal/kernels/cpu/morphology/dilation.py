# SPDX-License-Identifier: Apache-2.0
"""CPU kernels of dilation and erosion: one window, of which the largest or the smallest pixel counts.

Forward reads each pixel a few times from the caches and keeps some rows of scratch per thread. Nothing is kept for
backward: the adjoint finds anew where each pixel came from.
"""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from foveal.kernels._kernel import kernel as make_kernel
from foveal.kernels.cpu.morphology._extreme import extreme, extreme_adjoint
from foveal.kernels.cpu.morphology._window import accepts, weights_gradient, window


def _accepts(
    tensor: Any,
    kernel: Any,
    structuring_element: Any,
    origin: Any,
    border_type: Any,
    border_value: Any,
    max_val: Any,
    engine: Any,
) -> bool:
    return accepts(tensor, kernel, structuring_element, origin, border_type, border_value, engine)


def _examples() -> Iterator[tuple[Any, ...]]:
    flat, cross = torch.ones(2, 2), torch.tensor([[0, 1, 0], [1, 1, 1], [0, 1, 0]])
    for elements in ((flat, None), (cross, None), (flat, torch.zeros(2, 2))):
        for dtype in (torch.float32, torch.uint8):
            yield torch.zeros(1, 1, 4, 4, dtype=dtype), *elements, None, "geodesic", 0.0, 1e4, "auto"


def _pull_back(largest: bool, needs: tuple[bool, ...], gradient: Tensor, arguments: tuple[Any, ...]) -> Any:
    tensor, structuring_element = arguments[0], arguments[2]
    place = window(largest, *arguments[1:6])
    to_image, to_weights = extreme_adjoint(tensor, gradient, place, needs[2])
    to_element = weights_gradient(place, to_weights, structuring_element) if to_weights is not None else None
    return (to_image, None, to_element if needs[2] else None, None, None, None, None, None)


def _adjoint_of_dilation(
    needs: tuple[bool, ...], gradients: tuple[Tensor, ...], outputs: tuple[Tensor, ...], *arguments: Any
) -> tuple[Tensor | None, ...]:
    return _pull_back(True, needs, gradients[0], arguments)


def _adjoint_of_erosion(
    needs: tuple[bool, ...], gradients: tuple[Tensor, ...], outputs: tuple[Tensor, ...], *arguments: Any
) -> tuple[Tensor | None, ...]:
    return _pull_back(False, needs, gradients[0], arguments)


@make_kernel(accepts=_accepts, adjoint=_adjoint_of_dilation, examples=_examples, keep_outputs=False)
def dilation(
    tensor: Tensor,
    kernel: Tensor,
    structuring_element: Tensor | None,
    origin: Any,
    border_type: str,
    border_value: float,
    max_val: float,
    engine: str,
) -> Tensor:
    """Take the largest pixels under the reflected element, in float32 or uint8."""
    return extreme(tensor, window(True, kernel, structuring_element, origin, border_type, border_value))


@make_kernel(accepts=_accepts, adjoint=_adjoint_of_erosion, examples=_examples, keep_outputs=False)
def erosion(
    tensor: Tensor,
    kernel: Tensor,
    structuring_element: Tensor | None,
    origin: Any,
    border_type: str,
    border_value: float,
    max_val: float,
    engine: str,
) -> Tensor:
    """Take the smallest pixels under the element, in float32 or uint8."""
    return extreme(tensor, window(False, kernel, structuring_element, origin, border_type, border_value))
