# SPDX-License-Identifier: Apache-2.0
"""Loops over the rows of small tensors: one row in, one row out.

A loop is `loop(start, stop, *inputs, *outputs)` over flat arrays. It reads component c of row i of a tensor of width n
at `n * i + c`, in unsigned numbers, for which Numba adds no handling of negative indices: so LLVM sees constant strides
and vectorizes over rows, with shuffles and scatters. `ROWS` are the flags of such loops: no reassociation, which would
undo the reduction of angles.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from foveal.kernels._kernel import Adjoint
from foveal.kernels.cpu._array import as_array, empty
from foveal.kernels.cpu._parallel import parallel_for

u = np.uintp
ROWS: dict[str, Any] = {"_nrt": False, "fastmath": {"contract", "nsz", "arcp", "afn"}}

# A core takes a row of some dozen numbers in the time of so many elements that `parallel_for` counts on.
EASE = 4


def is_rows(tensor: Tensor, *shape: int) -> bool:
    """Say whether a tensor is rows of float32 of a shape, at least one."""
    return tensor.dtype is torch.float32 and tensor.shape[-len(shape) :] == shape and tensor.numel() > 0


def map_rows(
    loop: Callable[..., None], inputs: tuple[Tensor, ...], count: int, *shapes: tuple[int, ...]
) -> tuple[Tensor, ...]:
    """Run a loop.

    Args:
        loop: a compiled loop.
        inputs: what it reads, as many rows of each.
        count: the number of rows.
        shapes: the whole shape of each result.
    """
    results = tuple(empty(*shape) for shape in shapes)
    arrays = [as_array(tensor).reshape(-1) for tensor in inputs]
    written = [result.numpy().reshape(-1) for result in results]
    work = sum(array.size for array in (*arrays, *written)) // EASE
    parallel_for(loop, count, *arrays, *written, work=work)
    return results


def convert(loop: Callable[..., None], rows: Tensor, inner: int, *shape: int) -> Tensor:
    """Run a loop from rows, whose last `inner` dimensions are the row, to rows of a shape."""
    batch = rows.shape[: rows.ndim - inner]
    (result,) = map_rows(loop, (rows,), math.prod(batch), (*batch, *shape))
    return result


def adjoint_of(loop: Callable[..., None], inner: int = 1) -> Adjoint:
    """Return the adjoint of a kernel that is a loop over its first argument.

    Args:
        loop: takes rows and the gradient of the result, and writes the gradient of the rows.
        inner: how many of the last dimensions are the row.
    """

    def adjoint(
        needs: tuple[bool, ...], gradients: tuple[Tensor, ...], outputs: tuple[Tensor, ...], rows: Tensor, *options: Any
    ) -> tuple[Tensor | None, ...]:
        count = math.prod(rows.shape[: rows.ndim - inner])
        return *map_rows(loop, (rows, gradients[0]), count, tuple(rows.shape)), *(None for _ in options)

    return adjoint
