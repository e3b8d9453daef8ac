# SPDX-License-Identifier: Apache-2.0
"""CPU kernels of the median blur: networks for 3 x 3 and 5 x 5 pixels, histograms of bytes or ranks for other windows.

Scratch is some rows, a tile, or a strip of histograms per thread, whatever the window.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from foveal._border import BORDERS
from foveal.kernels._kernel import kernel
from foveal.kernels.cpu._array import as_array, empty
from foveal.kernels.cpu._border import sources
from foveal.kernels.cpu._parallel import parallel_for
from foveal.kernels.cpu.filters._median_adjoint import adjoint
from foveal.kernels.cpu.filters._median_five import five
from foveal.kernels.cpu.filters._median_large import histograms, ranks
from foveal.kernels.cpu.filters._strips import MEDIAN, SIDES
from foveal.kernels.cpu.filters._unweighted import is_wide, unweighted

Array = np.ndarray[Any, Any]


def is_window(kernel_size: Any) -> bool:
    """Say whether this is a window with a middle."""
    sizes = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    return (
        isinstance(sizes, tuple | list)
        and len(sizes) == 2
        and all(isinstance(size, int) and size > 0 and size % 2 == 1 for size in sizes)
    )


def _accepts(input: Tensor, kernel_size: Any, border_type: Any) -> bool:
    return (
        input.dtype in (torch.float32, torch.uint8)
        and input.ndim == 4
        and input.numel() > 0
        and is_window(kernel_size)
        and border_type in BORDERS
    )


def _examples() -> Iterator[tuple[Any, ...]]:
    for dtype in (torch.float32, torch.uint8):
        for size in (3, 5, 7):
            yield torch.zeros(1, 1, 8, 8, dtype=dtype), size, "reflect"


def _planes(images: Tensor) -> Array:
    """Return images (B, C, H, W) as (B C, H, W)."""
    return as_array(images).reshape(-1, *images.shape[-2:])


def _window(kernel_size: Any, border_type: str, image: Array) -> tuple[int, int, Array, Array]:
    """Return rows and columns of the window, and the tables of rows and columns of the surrounded image."""
    height, width = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    rows = sources(image.shape[1], height // 2, height // 2, border_type)
    return height, width, rows, sources(image.shape[2], width // 2, width // 2, border_type)


def _adjoint(
    needs: tuple[bool, ...],
    gradients: tuple[Tensor, ...],
    outputs: tuple[Tensor, ...],
    input: Tensor,
    kernel_size: Any,
    border_type: str,
) -> tuple[Tensor | None, ...]:
    image = _planes(input)
    height, width, rows, columns = _window(kernel_size, border_type, image)
    result = empty(*input.shape)
    parallel_for(
        adjoint, image.shape[0] * image.shape[1], image, _planes(outputs[0]), _planes(gradients[0]), _planes(result),
        rows, columns, height, width, work=image.size * height,
    )  # fmt: skip
    return result, None, None


@kernel(accepts=_accepts, adjoint=_adjoint, examples=_examples)
def median_blur(input: Tensor, kernel_size: Any, border_type: str) -> Tensor:
    """Take medians of float32 or uint8."""
    image = _planes(input)
    height, width, rows, columns = _window(kernel_size, border_type, image)
    result = empty(*input.shape, dtype=input.dtype)
    loop: Any
    if (height, width) == (3, 3) and is_wide(image.shape[2], width):
        loop, options = unweighted, (SIDES[width], MEDIAN)
    elif (height, width) == (5, 5):
        loop, options = five, ()
    elif input.dtype is torch.uint8:
        loop, options = histograms, (height, width, np.zeros(1, np.uint16 if height * width < 2**16 else np.int32))
    else:
        loop, options = ranks, (height, width)
    parallel_for(
        loop, image.shape[0] * image.shape[1], image, _planes(result), rows, columns, *options, work=image.size * height
    )  # fmt: skip
    return result
