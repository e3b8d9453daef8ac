# SPDX-License-Identifier: Apache-2.0
"""CPU kernel of the Bayer mosaic: in each row two channels take turns.

Adjoint: the gradient goes where the value came from, the other two channels get zero.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from foveal.color.raw import CFA
from foveal.kernels._kernel import kernel
from foveal.kernels.cpu._array import as_array, empty
from foveal.kernels.cpu._compile import compile_kernel
from foveal.kernels.cpu._parallel import parallel_for
from foveal.kernels.cpu._planes import accepts_image


def _accepts(image: Tensor, cfa: Any) -> bool:
    return accepts_image(image, 3) and isinstance(cfa, CFA)


def _examples() -> Iterator[tuple[Any, ...]]:
    yield torch.zeros(3, 4, 4), CFA.BG
    yield torch.zeros(3, 4, 4, dtype=torch.uint8), CFA.BG


def _images(tensor: Tensor) -> Any:
    return as_array(tensor).reshape(-1, *tensor.shape[-3:])


def _turns(image: Any) -> Any:
    """Return 1, 0, 1, 0, ...: read, it costs less than the parity of the loop's index."""
    return (1 - np.arange(image.shape[3] + 1) % 2).astype(image.dtype)


def _adjoint(
    needs: tuple[bool, ...], gradients: tuple[Tensor, ...], outputs: tuple[Tensor, ...], image: Tensor, cfa: CFA
) -> tuple[Tensor | None, ...]:
    result = empty(*image.shape)
    found, gradient = _images(result), _images(gradients[0])
    count = found.shape[0] * found.shape[2]
    parallel_for(_mosaic_adjoint, count, gradient, found, _turns(found), *cfa.red, work=found.size)
    return result, None


@kernel(accepts=_accepts, adjoint=_adjoint, examples=_examples, keep_outputs=False)
def rgb_to_raw(image: Tensor, cfa: CFA) -> Tensor:
    """Take of each pixel the colour that the sensor sees there."""
    result = empty(*image.shape[:-3], 1, *image.shape[-2:], dtype=image.dtype)
    colours, mosaic = _images(image), _images(result)
    count = colours.shape[0] * colours.shape[2]
    parallel_for(_mosaic, count, colours, mosaic, _turns(colours), *cfa.red, work=colours.size)
    return result


@compile_kernel
def _mosaic(start, stop, image, result, turns, red_row, red_column):
    zero = turns[1]
    for place in range(start, stop):
        i = place // image.shape[2]
        row = place - i * image.shape[2]
        # Red and green take turns in the rows of red, green and blue in the others.
        in_red_row = (row & 1) == red_row
        coloured = image[i, 0 if in_red_row else 2, row]
        green, seen = image[i, 1, row], result[i, 0, row]
        column = red_column if in_red_row else 1 - red_column
        turn = turns[column : column + seen.shape[0]]
        for j in range(seen.shape[0]):
            # Both are read, so that the choice is no branch.
            own, next_to = coloured[j], green[j]
            seen[j] = own if turn[j] != zero else next_to


@compile_kernel
def _mosaic_adjoint(start, stop, gradient, result, turns, red_row, red_column):
    zero = turns[1]
    for place in range(start, stop):
        i = place // result.shape[2]
        row = place - i * result.shape[2]
        in_red_row = (row & 1) == red_row
        coloured, other = result[i, 0 if in_red_row else 2, row], result[i, 2 if in_red_row else 0, row]
        green, seen = result[i, 1, row], gradient[i, 0, row]
        column = red_column if in_red_row else 1 - red_column
        turn = turns[column : column + seen.shape[0]]
        for j in range(seen.shape[0]):
            here, value = turn[j] != zero, seen[j]
            coloured[j] = value if here else zero
            green[j] = zero if here else value
            other[j] = zero


def _accepts_cells(image: Tensor, cfa: Any) -> bool:
    return accepts_image(image, 1) and isinstance(cfa, CFA) and image.shape[-2] % 2 == image.shape[-1] % 2 == 0


def _examples_of_cells() -> Iterator[tuple[Any, ...]]:
    yield torch.zeros(1, 4, 4), CFA.BG
    yield torch.zeros(1, 4, 4, dtype=torch.uint8), CFA.BG


def _cells(mosaic: Tensor) -> Any:
    """Return a mosaic (*, 1, H, W) as rows of pairs, (images, H, W / 2, 2)."""
    height, width = mosaic.shape[-2:]
    return as_array(mosaic).reshape(-1, height, width // 2, 2)


def _adjoint_of_cells(
    needs: tuple[bool, ...], gradients: tuple[Tensor, ...], outputs: tuple[Tensor, ...], image: Tensor, cfa: CFA
) -> tuple[Tensor | None, ...]:
    result = empty(*image.shape)
    gradient = _images(gradients[0])
    parallel_for(
        _spread_cells, gradient.shape[0] * gradient.shape[2], gradient, _cells(result), *cfa.red, work=image.numel()
    )
    return result, None


@kernel(accepts=_accepts_cells, adjoint=_adjoint_of_cells, examples=_examples_of_cells, keep_outputs=False)
def raw_to_rgb_2x2_downscaled(image: Tensor, cfa: CFA) -> Tensor:
    """Take red and blue, and the mean of the greens, of each cell."""
    height, width = image.shape[-2:]
    result = empty(*image.shape[:-3], 3, height // 2, width // 2, dtype=image.dtype)
    colours = _images(result)
    loop = _join_cells if image.is_floating_point() else _join_cells_of_bytes
    parallel_for(loop, colours.shape[0] * colours.shape[2], _cells(image), colours, *cfa.red, work=image.numel())
    return result


@compile_kernel
def _join_cells(start, stop, cells, result, red_row, red_column):
    for place in range(start, stop):
        i = place // result.shape[2]
        y = place - i * result.shape[2]
        upper, lower = cells[i, 2 * y + red_row], cells[i, 2 * y + 1 - red_row]
        red, green, blue = result[i, 0, y], result[i, 1, y], result[i, 2, y]
        for j in range(red.shape[0]):
            a, b, c, d = upper[j, 0], upper[j, 1], lower[j, 0], lower[j, 1]
            red[j], blue[j] = (a, d) if red_column == 0 else (b, c)
            green[j] = (b + c if red_column == 0 else a + d) * np.float32(0.5)


@compile_kernel
def _join_cells_of_bytes(start, stop, cells, result, red_row, red_column):
    for place in range(start, stop):
        i = place // result.shape[2]
        y = place - i * result.shape[2]
        upper, lower = cells[i, 2 * y + red_row], cells[i, 2 * y + 1 - red_row]
        red, green, blue = result[i, 0, y], result[i, 1, y], result[i, 2, y]
        for j in range(red.shape[0]):
            a, b, c, d = upper[j, 0], upper[j, 1], lower[j, 0], lower[j, 1]
            red[j], blue[j] = (a, d) if red_column == 0 else (b, c)
            first, second = (b, c) if red_column == 0 else (a, d)
            green[j] = np.uint8((np.int32(first) + np.int32(second) + np.int32(1)) >> np.int32(1))


@compile_kernel
def _spread_cells(start, stop, gradient, result, red_row, red_column):
    for place in range(start, stop):
        i = place // gradient.shape[2]
        y = place - i * gradient.shape[2]
        upper, lower = result[i, 2 * y + red_row], result[i, 2 * y + 1 - red_row]
        red, green, blue = gradient[i, 0, y], gradient[i, 1, y], gradient[i, 2, y]
        for j in range(red.shape[0]):
            half = green[j] * np.float32(0.5)
            upper[j, 0], upper[j, 1] = (red[j], half) if red_column == 0 else (half, red[j])
            lower[j, 0], lower[j, 1] = (half, blue[j]) if red_column == 0 else (blue[j], half)
