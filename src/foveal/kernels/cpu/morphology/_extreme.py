# SPDX-License-Identifier: Apache-2.0
"""The strongest pixel under a window by the loop that suits the window."""

import numpy as np
import torch
from torch import Tensor

from foveal.kernels.cpu._array import as_array, empty, is_streamed
from foveal.kernels.cpu._parallel import parallel_for
from foveal.kernels.cpu._vector import BYTES
from foveal.kernels.cpu.morphology._adjoint import rectangle_adjoint
from foveal.kernels.cpu.morphology._any_adjoint import any_adjoint
from foveal.kernels.cpu.morphology._rectangle import rectangle
from foveal.kernels.cpu.morphology._runs import any_flat, any_raised, runs_of
from foveal.kernels.cpu.morphology._stronger import OF_NUMBERS
from foveal.kernels.cpu.morphology._window import Window, layout, weakest


def extreme(image: Tensor, window: Window) -> Tensor:
    """Return the strongest pixels of float32 or uint8 images (B, C, H, W)."""
    if window.weights is not None and image.dtype is torch.uint8:
        return extreme(image.float(), window).round().clamp(0, 255).to(torch.uint8)
    result = empty(*image.shape, dtype=image.dtype)
    height, width = image.shape[-2:]
    images, results = (as_array(value).reshape(-1, height, width) for value in (image, result))
    worst = weakest(window.kind, images.dtype)
    if not window.cells.any():
        results.fill(worst)
        return result
    place = layout(window, height, width)
    common = (window.kind, images, results, *place, window.outside(images.dtype))
    rows, columns = window.cells.shape
    count, work = images.shape[0] * height, images.size
    if window.is_rectangle and width * images.itemsize >= BYTES:
        parallel_for(rectangle, count, *common, rows, columns, OF_NUMBERS[window.kind], is_streamed(results), work=work)
    elif window.weights is None:
        runs = runs_of(window.cells)
        parallel_for(any_flat, count, *common, worst, runs, rows, int(runs[:, 3].max()) + 1, work=work)
    else:
        places = np.argwhere(window.cells).astype(np.int32)
        heights = window.weights[window.cells]
        parallel_for(any_raised, count, *common, worst, places, heights, rows, work=work)
    return result


def extreme_adjoint(
    image: Tensor, gradient: Tensor, window: Window, to_weights: bool = False
) -> tuple[Tensor, np.ndarray | None]:
    """Return the gradient to the image and, if wanted, that to what the cells add."""
    height, width = image.shape[-2:]
    result = torch.zeros(image.shape, dtype=torch.float32, device="cpu")
    images, gradients, results = (as_array(value).reshape(-1, height, width) for value in (image, gradient, result))
    if not window.cells.any():
        return result, np.zeros(window.cells.shape, np.float32)
    place = layout(window, height, width)
    rows, columns = window.cells.shape
    # Windows of these borders reach rows nearby only, so that images can be cut.
    unit = 1 if window.border_type in ("geodesic", "constant") else height
    common = (unit, window.kind, images, gradients, results)
    layouts = (*place, window.outside(np.float32))
    count, work = images.shape[0] * (height // unit), images.size
    if window.is_rectangle:
        parallel_for(rectangle_adjoint, count, *common, *layouts, rows, columns, window.top, work=work)
        return result, None
    if window.weights is None:
        runs = runs_of(window.cells)
        heights = np.zeros(len(runs), np.float32)
    else:
        cells = np.argwhere(window.cells)
        runs = np.concatenate([cells, cells[:, 1:], np.zeros_like(cells[:, 1:])], axis=1).astype(np.int32)
        heights = window.weights[window.cells]
    found = np.zeros(len(runs) if to_weights else 0, np.float32)
    options = (weakest(window.kind, np.float32), runs, heights, rows, int(runs[:, 3].max()) + 1, window.top)
    # Every piece would add to every height: then there is one piece.
    if to_weights:
        any_adjoint(0, count, *common, found, *layouts, *options)
        weights = np.zeros(window.cells.shape, np.float32)
        weights[window.cells] = found
        return result, weights
    parallel_for(any_adjoint, count, *common, found, *layouts, *options, work=work)
    return result, None
