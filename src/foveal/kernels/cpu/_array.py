# SPDX-License-Identifier: Apache-2.0
"""Tensors as the contiguous NumPy arrays that compiled loops take, and new tensors for them to fill."""

import math
from typing import Any

import numpy as np
import torch
from torch import Tensor

from foveal.kernels.cpu._memory import DTYPES, is_large, take


def as_array(tensor: Tensor) -> np.ndarray[Any, Any]:
    """Return a C-contiguous view of a CPU tensor, or a copy where its memory is laid out otherwise."""
    return tensor.contiguous().numpy(force=True)  # force: detached, and free of a pending negation


# Up to so many bytes the alignment of PyTorch's own tensors gains less than NumPy's shorter way to an array.
_LITTLE = 1 << 15


def empty(*shape: int, dtype: torch.dtype = torch.float32) -> Tensor:
    """Return a new CPU tensor to fill, whatever the user's default dtype and device are."""
    return fresh(shape, dtype)[0]


def fresh(shape: tuple[int, ...], dtype: torch.dtype = torch.float32) -> tuple[Tensor, np.ndarray[Any, Any]]:
    """Return a new CPU tensor and the array that fills it."""
    count = math.prod(shape)
    if count * dtype.itemsize <= _LITTLE and dtype in DTYPES:
        array: np.ndarray[Any, Any] = np.empty(shape, DTYPES[dtype])
        return torch.from_numpy(array), array
    tensor = take(shape, dtype) if is_large(count, dtype) else torch.empty(shape, dtype=dtype, device="cpu")
    return tensor, tensor.numpy()


def scalar(value: float) -> Tensor:
    """Return a float32 CPU tensor of one number, in a fourth of the time that `torch.tensor` takes."""
    return torch.from_numpy(np.array(value, np.float32))


def filled(shape: tuple[int, ...], value: float) -> np.ndarray[Any, Any]:
    """Return a float32 array of one and the same value."""
    array: np.ndarray[Any, Any] = np.empty(shape, np.float32)
    array.fill(value)
    return array


STREAMED = 8 << 20
"""Results of so many bytes are written past the caches, which could not hold them for the next reader."""


def is_streamed(array: np.ndarray[Any, Any], source: np.ndarray[Any, Any] | None = None) -> bool:
    """Say whether rows of this result should be, and can be, streamed: every one begins on a multiple of 64 bytes.

    Where the `source` that is read meanwhile is larger than the result, it takes more of the caches.
    """
    size = array.nbytes if source is None else (array.nbytes + source.nbytes) // 2
    return size >= STREAMED and array.ctypes.data % 64 == 0 and array.shape[-1] * array.itemsize % 64 == 0
