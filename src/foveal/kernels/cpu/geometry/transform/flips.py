# SPDX-License-Identifier: Apache-2.0
"""CPU kernels of mirror images that no cache holds: reversed vectors are written past the caches."""

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor

from foveal.kernels._kernel import Kernel, kernel
from foveal.kernels.cpu._array import STREAMED, as_array, empty
from foveal.kernels.cpu._compile import BARE, compile_kernel
from foveal.kernels.cpu._parallel import parallel_for
from foveal.kernels.cpu._vector import BYTES, lanes, load, place, reverse, steps, stream


def _flip(input: Tensor, across: bool, down: bool) -> Tensor:
    # Memory of this size begins on a multiple of 64 bytes, and so does each row.
    result = empty(*input.shape, dtype=input.dtype)
    shape = (-1, input.shape[-2] if input.ndim > 1 else 1, input.shape[-1])
    image, target = as_array(input).reshape(shape), result.numpy().reshape(shape)
    rows = target.shape[0] * target.shape[1]
    parallel_for(_flip_rows, rows, image, target, across, down, work=input.numel())
    return result


@compile_kernel(inline="always")
def _rows_of(number, begin, end, image, result, across, down):
    """Return a row of the result and the row of the image that it mirrors.

    The image is read in one direction all along, from row to row as within a row: turning back at the end of each costs
    a third of the speed at which memory gives it.
    """
    index = begin + end - 1 - number if across != down else number
    height = result.shape[1]
    plane = index // height
    row = index - plane * height
    return result[plane, row], image[plane, height - 1 - row if down else row]


@compile_kernel(**BARE)
def _flip_rows(begin, end, image, result, across, down):
    """Fill rows of the result, which are some whole vectors, past the caches."""
    for number in range(begin, end):
        target, source = _rows_of(number, begin, end, image, result, across, down)
        last = target.shape[0] - lanes(target)
        for step in range(steps(target)):
            j = place(step, target)
            if across:
                stream(target, j, reverse(load(source, last - j)))
            else:
                stream(target, j, load(source, j))


def _make(axes: int, across: bool, down: bool) -> Callable[[Callable[[Tensor], Tensor]], Kernel]:
    """Return the mark of a kernel that mirrors images of at least so many axes."""

    def accepts(input: Any) -> bool:
        # PyTorch's own are as fast where the caches hold the images, or rows cannot be written past them.
        return (
            isinstance(input, Tensor)
            and input.dtype in (torch.float32, torch.uint8)
            and input.ndim >= axes
            and input.numel() * input.element_size() >= STREAMED
            and input.shape[-1] * input.element_size() % BYTES == 0
        )

    def adjoint(
        needs: tuple[bool, ...], gradients: tuple[Tensor, ...], outputs: tuple[Tensor, ...], input: Tensor
    ) -> tuple[Tensor | None, ...]:
        return (_flip(gradients[0], across, down),)

    def examples() -> Iterator[tuple[Any, ...]]:
        for dtype in (torch.float32, torch.uint8):
            yield (torch.zeros(STREAMED // 4096, 4096, dtype=dtype),)

    return kernel(accepts=accepts, adjoint=adjoint, examples=examples, keep_outputs=False)


@_make(1, across=True, down=False)
def hflip(input: Tensor) -> Tensor:
    """Mirror images left to right."""
    return _flip(input, across=True, down=False)


@_make(2, across=False, down=True)
def vflip(input: Tensor) -> Tensor:
    """Mirror images upside down."""
    return _flip(input, across=False, down=True)


@_make(2, across=True, down=True)
def rot180(input: Tensor) -> Tensor:
    """Turn images by 180 degrees."""
    return _flip(input, across=True, down=True)
