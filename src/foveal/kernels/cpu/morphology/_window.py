# SPDX-License-Identifier: Apache-2.0
"""Windows as the loops take them: which cells, where they lie, and what lies outside the image."""

from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from foveal.kernels.cpu._border import sources
from foveal.kernels.cpu.morphology._stronger import LARGEST, SMALLEST

BORDERS = ("geodesic", "constant", "reflect", "replicate", "circular")
Array = np.ndarray[Any, Any]


class Window(NamedTuple):
    """The output at (y, x) is the strongest of the pixels (y + i - top, x + j - left) over cells (i, j) that are on.

    The cells end with the outermost rows and columns that hold one which is on.
    """

    kind: Any
    cells: Array
    weights: Array | None
    top: int
    left: int
    border_type: str
    border_value: float
    within: tuple[slice, slice]
    """Where the cells lie in the kernel, reflected for a dilation."""

    @property
    def is_rectangle(self) -> bool:
        """Whether every cell is on and none adds anything."""
        return self.weights is None and bool(self.cells.all())

    def outside(self, dtype: Any) -> Any:
        """Return the value of pixels outside the image: by default the weakest."""
        return _outside(self, dtype)


def window(
    largest: bool,
    kernel: Tensor,
    structuring_element: Tensor | None,
    origin: Any,
    border_type: str,
    border_value: float,
) -> Window:
    """Lay out the window of a dilation (`largest`) or an erosion."""
    cells = kernel.detach().ne(0).numpy()
    weights = None if structuring_element is None else structuring_element.detach().float().numpy()
    height, width = cells.shape
    top, left = (height // 2, width // 2) if origin is None else origin
    if largest:
        cells, top, left = cells[::-1, ::-1], height - 1 - top, width - 1 - left
        weights = None if weights is None else weights[::-1, ::-1]
    elif weights is not None:
        weights = -weights
    rows, columns = np.flatnonzero(cells.any(axis=1)), np.flatnonzero(cells.any(axis=0))
    within = np.s_[:, :]
    if len(rows):
        within = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        cells, top, left = cells[within], top - int(rows[0]), left - int(columns[0])
        weights = None if weights is None else np.ascontiguousarray(weights[within])
    kind = LARGEST if largest else SMALLEST
    return Window(kind, np.ascontiguousarray(cells), weights, top, left, border_type, float(border_value), within)


def weakest(kind: Any, dtype: Any) -> Any:
    """Return what every pixel beats: the result of an empty window."""
    if dtype == np.uint8:
        return np.uint8(0 if kind is LARGEST else 255)
    return np.float32(-np.inf if kind is LARGEST else np.inf)


def _outside(window: Window, dtype: Any) -> Any:
    if window.border_type != "constant":
        return weakest(window.kind, dtype)
    if dtype == np.uint8:
        return np.uint8(np.clip(np.rint(window.border_value), 0, 255))
    return np.float32(window.border_value)


class Layout(NamedTuple):
    """Where the rows and columns that a window reaches come from; -1 is outside the image."""

    rows: Array
    """Row of the image for each row y + i."""
    columns: Array
    """Column of the image for each column of a surrounded row."""
    lead: int
    """Columns of the surrounded row before those of the image."""
    base: int
    """Column of the surrounded row where the window of the first pixel begins."""


def layout(window: Window, height: int, width: int) -> Layout:
    """Lay out the surroundings of an image."""
    rows, columns = window.cells.shape
    right = columns - 1 - window.left
    lead, base = max(window.left, 0), max(-window.left, 0)
    return Layout(
        sources(height, window.top, rows - 1 - window.top, window.border_type),
        sources(width, lead, max(right, 0), window.border_type),
        lead,
        base,
    )


def accepts(
    tensor: Any, kernel: Any, structuring_element: Any, origin: Any, border_type: Any, border_value: Any, engine: Any
) -> bool:
    """Say whether the loops can run this: float32 or bytes in, and the same out."""
    return (
        isinstance(tensor, Tensor)
        and tensor.dtype in (torch.float32, torch.uint8)
        and tensor.ndim == 4
        and 0 < tensor.numel() < 2**31
        and isinstance(kernel, Tensor)
        and kernel.ndim == 2
        and kernel.numel() > 0
        and (structuring_element is not None or _narrow(tensor, kernel))
        and (
            structuring_element is None
            or (
                isinstance(structuring_element, Tensor)
                and structuring_element.shape == kernel.shape
                and _narrow(tensor, structuring_element)
            )
        )
        and (
            origin is None
            or (isinstance(origin, tuple | list) and len(origin) == 2 and all(isinstance(o, int) for o in origin))
        )
        and border_type in BORDERS
        and isinstance(border_value, int | float)
        and engine in ("auto", "unfold", "convolution", "shift")
    )


def _narrow(tensor: Tensor, other: Tensor) -> bool:
    """Say whether the result is not wider than float32."""
    return tensor.dtype is torch.uint8 or torch.promote_types(tensor.dtype, other.dtype) is torch.float32


def weights_gradient(window: Window, found: Array, like: Tensor) -> Tensor:
    """Return the gradient to a structuring element from that to the weights of its window."""
    full = np.zeros(like.shape, np.float32)
    full[window.within] = found
    full = full[::-1, ::-1] if window.kind is LARGEST else -full
    return torch.from_numpy(np.ascontiguousarray(full)).to(like.dtype)
