# SPDX-License-Identifier: Apache-2.0
"""Softmax over the classes, a block of pixels at a time, for losses of logits (images, classes, pixels).

A block of all classes stays in the second-level cache: its logits are read from memory once, whatever is done to them.
"""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from foveal.kernels.cpu._array import as_array
from foveal.kernels.cpu._compile import compile_kernel
from foveal.kernels.cpu._exp import exp2

f32 = np.float32
Array = np.ndarray[Any, Any]

BLOCK = 1024
# So many logits count as one element for `parallel_for`: a thread takes longer to wake than some ten thousand of them.
EASE = 4
LOG2_E = f32(np.log2(np.e))


def as_planes(pred: Tensor) -> Array:
    """Return logits (B, C, *) as an array (B, C, pixels)."""
    return as_array(pred).reshape(*pred.shape[:2], -1)


def as_labels(target: Tensor) -> Array:
    """Return class indices (B, *) as an array (B, pixels)."""
    return as_array(target).reshape(target.shape[0], -1)


def ignored(ignore_index: int | None) -> np.int64:
    """Return the label to ignore; no tensor of class indices holds the one that stands for none."""
    return np.int64(np.iinfo(np.int64).min if ignore_index is None else ignore_index)


def is_label(ignore_index: Any) -> bool:
    """Say whether `ignored` takes this."""
    return ignore_index is None or type(ignore_index) is int


def refuse(outside: Array, classes: int) -> None:
    """Raise if a loop met a class index out of range, as a look-up does."""
    if outside.any():
        raise RuntimeError(f"target holds class indices that are out of bounds for {classes} classes")


def is_constant(weight: Any, size: int) -> bool:
    """Say whether this is no weight, or one that asks for no gradient of its own."""
    return weight is None or (
        isinstance(weight, Tensor)
        and weight.dtype is torch.float32
        and weight.shape == (size,)
        and not weight.requires_grad
    )


@compile_kernel
def largest(image, index, begin, end, top):
    """Write the largest logit of each pixel of a block."""
    row = image[index, 0, begin:end]
    for j in range(row.shape[0]):
        top[j] = row[j]
    for c in range(1, image.shape[1]):
        row = image[index, c, begin:end]
        for j in range(row.shape[0]):
            top[j] = row[j] if row[j] > top[j] else top[j]


@compile_kernel
def exponentials(image, index, begin, end, top, weights, place, first, total):
    """Write e^(logit - largest) of each class and pixel of a block to `weights[place, :, first:]`, and their sums."""
    for j in range(end - begin):
        total[j] = f32(0.0)
    for c in range(image.shape[1]):
        row, weight = image[index, c, begin:end], weights[place, c, first : first + end - begin]
        for j in range(row.shape[0]):
            e = exp2((row[j] - top[j]) * LOG2_E)
            weight[j] = e
            total[j] += e


@compile_kernel
def sums_of_exponentials(image, index, begin, end, top, total):
    """Write the sums over the classes of e^(logit - largest) of a block."""
    for j in range(end - begin):
        total[j] = f32(0.0)
    for c in range(image.shape[1]):
        row = image[index, c, begin:end]
        for j in range(row.shape[0]):
            total[j] += exp2((row[j] - top[j]) * LOG2_E)
