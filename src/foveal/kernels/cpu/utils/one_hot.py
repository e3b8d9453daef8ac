# SPDX-License-Identifier: Apache-2.0
"""CPU kernel of one-hot labels: every place is written once, class by class while a block of labels is near."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from foveal.kernels._kernel import kernel
from foveal.kernels.cpu._array import as_array, fresh
from foveal.kernels.cpu._compile import compile_kernel
from foveal.kernels.cpu._parallel import parallel_for

DTYPES = (torch.float32, torch.float64, torch.int64, torch.uint8)
# Labels of a unit of work: they stay in the first-level cache while the classes are written.
BLOCK = 1024


def _accepts(labels: Tensor, num_classes: Any, device: Any, dtype: Any, eps: Any) -> bool:
    return (
        labels.dtype is torch.int64
        and labels.numel() > 0
        and labels.ndim > 0
        and type(num_classes) is int
        and num_classes > 0
        and getattr(device, "type", device) == "cpu"
        and dtype in DTYPES
        and type(eps) in (int, float)
        and (eps == 0 or dtype.is_floating_point)
    )


def _examples() -> Iterator[tuple[Any, ...]]:
    for dtype in DTYPES:
        yield torch.zeros(1, 2, dtype=torch.int64, device="cpu"), 2, torch.device("cpu"), dtype, 0.0


@kernel(accepts=_accepts, examples=_examples)
def one_hot(labels: Tensor, num_classes: int, device: torch.device, dtype: torch.dtype, eps: float) -> Tensor:
    """Compare every label with every class."""
    result, array = fresh((labels.shape[0], num_classes, *labels.shape[1:]), dtype)
    source = as_array(labels).reshape(labels.shape[0], -1)
    planes = array.reshape(len(source), num_classes, -1)
    blocks = len(source) * -(-source.shape[1] // BLOCK)
    outside = np.zeros(blocks, np.bool_)
    one, other = array.dtype.type(1), array.dtype.type(eps)
    parallel_for(_compare, blocks, source, planes, one, other, outside, work=array.size)
    if outside.any():
        raise RuntimeError(f"labels are out of bounds for {num_classes} classes")
    return result


@compile_kernel
def _compare(start, stop, labels, result, one, other, outside):
    blocks = (labels.shape[1] + BLOCK - 1) // BLOCK
    classes = result.shape[1]
    for block in range(start, stop):
        index = block // blocks
        begin = (block - index * blocks) * BLOCK
        row = labels[index, begin : begin + BLOCK]
        wrong = False
        for j in range(row.shape[0]):
            wrong |= (row[j] < 0) | (row[j] >= classes)
        outside[block] = wrong
        for c in range(classes):
            found = result[index, c, begin : begin + BLOCK]
            for j in range(found.shape[0]):
                found[j] = one if row[j] == c else other
