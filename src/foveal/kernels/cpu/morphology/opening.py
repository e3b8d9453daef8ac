# SPDX-License-Identifier: Apache-2.0
"""CPU kernels of opening, closing, gradient, top hat and bottom hat: the loops of dilation and erosion in turn.

Adjoints go back through the two in turn; what the first one gave is computed again instead of kept.
"""

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor

from foveal.kernels._kernel import Kernel
from foveal.kernels._kernel import kernel as make_kernel
from foveal.kernels.cpu.morphology._extreme import extreme, extreme_adjoint
from foveal.kernels.cpu.morphology._window import Window, accepts, weights_gradient, window

Pull = Callable[[Tensor, Tensor, list[Window], bool], tuple[Tensor, list[Any]]]


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
    for dtype in (torch.float32, torch.uint8):
        yield torch.zeros(1, 1, 4, 4, dtype=dtype), torch.ones(2, 2), None, None, "geodesic", 0.0, 1e4, "auto"


def _subtract(first: Tensor, second: Tensor) -> Tensor:
    """Subtract into the first, which is the kernel's own; bytes end at 0."""
    if first.dtype is torch.uint8:
        return torch.where(first > second, first - second, 0)
    return first.sub_(second)


def _both(image: Tensor, first: Window, second: Window) -> Tensor:
    return extreme(extreme(image, first), second)


def _pull_both(
    image: Tensor, gradient: Tensor, first: Window, second: Window, to_weights: bool
) -> tuple[Tensor, list[Any]]:
    between, later = extreme_adjoint(extreme(image, first), gradient, second, to_weights)
    result, earlier = extreme_adjoint(image, between, first, to_weights)
    return result, [(first, earlier), (second, later)]


def _adjoint(pull: Pull) -> Callable[..., tuple[Tensor | None, ...]]:
    """Make an adjoint of a function that pulls a gradient back through windows of dilation and erosion."""

    def adjoint(
        needs: tuple[bool, ...], gradients: tuple[Tensor, ...], outputs: tuple[Tensor, ...], *arguments: Any
    ) -> tuple[Tensor | None, ...]:
        windows = [window(largest, *arguments[1:6]) for largest in (True, False)]
        to_image, found = pull(arguments[0], gradients[0], windows, needs[2])
        to_element = None
        if needs[2]:
            to_element = torch.stack([weights_gradient(place, weights, arguments[2]) for place, weights in found]).sum(
                0
            )
        return (to_image, None, to_element, None, None, None, None, None)

    return adjoint


def _pull_opening(image: Tensor, gradient: Tensor, windows: list[Window], to_weights: bool) -> Any:
    return _pull_both(image, gradient, windows[1], windows[0], to_weights)


def _pull_closing(image: Tensor, gradient: Tensor, windows: list[Window], to_weights: bool) -> Any:
    return _pull_both(image, gradient, windows[0], windows[1], to_weights)


def _pull_gradient(image: Tensor, gradient: Tensor, windows: list[Window], to_weights: bool) -> Any:
    result, up = extreme_adjoint(image, gradient, windows[0], to_weights)
    other, down = extreme_adjoint(image, -gradient, windows[1], to_weights)
    return result.add_(other), [(windows[0], up), (windows[1], down)]


def _pull_top_hat(image: Tensor, gradient: Tensor, windows: list[Window], to_weights: bool) -> Any:
    result, found = _pull_opening(image, -gradient, windows, to_weights)
    return result.add_(gradient), found


def _pull_bottom_hat(image: Tensor, gradient: Tensor, windows: list[Window], to_weights: bool) -> Any:
    result, found = _pull_closing(image, gradient, windows, to_weights)
    return result.sub_(gradient), found


def _kernel(pull: Pull) -> Callable[..., Kernel]:
    return make_kernel(accepts=_accepts, adjoint=_adjoint(pull), examples=_examples, keep_outputs=False)


@_kernel(_pull_opening)
def opening(
    tensor: Tensor,
    kernel: Tensor,
    structuring_element: Tensor | None,
    origin: Any,
    border_type: str,
    border_value: float,
    max_val: float,
    engine: str,
) -> Tensor:
    """Erode, then dilate."""
    up, down = _windows(kernel, structuring_element, origin, border_type, border_value)
    return _both(tensor, down, up)


@_kernel(_pull_closing)
def closing(
    tensor: Tensor,
    kernel: Tensor,
    structuring_element: Tensor | None,
    origin: Any,
    border_type: str,
    border_value: float,
    max_val: float,
    engine: str,
) -> Tensor:
    """Dilate, then erode."""
    up, down = _windows(kernel, structuring_element, origin, border_type, border_value)
    return _both(tensor, up, down)


@_kernel(_pull_gradient)
def gradient(
    tensor: Tensor,
    kernel: Tensor,
    structuring_element: Tensor | None,
    origin: Any,
    border_type: str,
    border_value: float,
    max_val: float,
    engine: str,
) -> Tensor:
    """Subtract the erosion from the dilation."""
    up, down = _windows(kernel, structuring_element, origin, border_type, border_value)
    return _subtract(extreme(tensor, up), extreme(tensor, down))


@_kernel(_pull_top_hat)
def top_hat(
    tensor: Tensor,
    kernel: Tensor,
    structuring_element: Tensor | None,
    origin: Any,
    border_type: str,
    border_value: float,
    max_val: float,
    engine: str,
) -> Tensor:
    """Subtract the opening."""
    up, down = _windows(kernel, structuring_element, origin, border_type, border_value)
    opened = _both(tensor, down, up)
    return _subtract(tensor, opened) if tensor.dtype is torch.uint8 else torch.sub(tensor, opened, out=opened)


@_kernel(_pull_bottom_hat)
def bottom_hat(
    tensor: Tensor,
    kernel: Tensor,
    structuring_element: Tensor | None,
    origin: Any,
    border_type: str,
    border_value: float,
    max_val: float,
    engine: str,
) -> Tensor:
    """Subtract from the closing."""
    up, down = _windows(kernel, structuring_element, origin, border_type, border_value)
    return _subtract(_both(tensor, up, down), tensor)


def _windows(*arguments: Any) -> tuple[Window, Window]:
    """Return the windows of the dilation and of the erosion."""
    return window(True, *arguments), window(False, *arguments)
