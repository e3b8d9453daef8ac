# SPDX-License-Identifier: Apache-2.0
"""CPU kernel of masks of boxes: every row is written once, the columns of its box or zeros."""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from foveal.geometry.bbox.mask import covered
from foveal.kernels._kernel import kernel
from foveal.kernels.cpu._array import as_array, empty
from foveal.kernels.cpu._compile import compile_kernel
from foveal.kernels.cpu._parallel import parallel_for


def _accepts(boxes: Tensor, width: Any, height: Any) -> bool:
    return (
        boxes.dtype is torch.float32
        and boxes.ndim == 3
        and boxes.shape[1:] == (4, 2)
        and type(width) is type(height) is int
        and min(width, height) > 0
    )


def _examples() -> Iterator[tuple[Any, ...]]:
    yield torch.zeros(1, 4, 2), 4, 3


@kernel(accepts=_accepts, examples=_examples, without_gradient=(0,))
def bbox_to_mask(boxes: Tensor, width: int, height: int) -> Tensor:
    """Masks of boxes."""
    boxes = boxes.detach()
    columns = covered(boxes[:, 0, 0], boxes[:, 2, 0], width)
    rows = covered(boxes[:, 0, 1], boxes[:, 2, 1], height)
    result = empty(len(boxes), height, width)
    target = result.numpy().reshape(-1, width)
    parallel_for(_fill, len(target), as_array(rows).reshape(-1), as_array(columns), height, target, work=target.size)
    return result


@compile_kernel
def _fill(start, stop, rows, columns, height, target):
    for n in range(start, stop):
        if rows[n] > 0:
            target[n, :] = columns[n // height]
        else:
            target[n, :] = 0
