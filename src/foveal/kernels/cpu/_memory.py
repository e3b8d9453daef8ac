# SPDX-License-Identifier: Apache-2.0
"""Memory of large results, kept for the next one.

A new tensor of some megabytes is memory from the system, which comes page by page at the first write: some 1,500 page
faults for eight images of 256x256, ten times what it takes to convert their colours. Blocks that tensors have left are
therefore handed out again, and lie on huge pages.
"""

import math
import mmap
import sys
import weakref
from typing import Any

import numpy as np
import torch
from torch import Tensor

LARGE = 1 << 20
"""Results of fewer bytes are left to PyTorch."""

KEPT = 256 << 20
"""Bytes of blocks without a tensor that are kept at the most."""

_PAGE = 2 << 20

DTYPES = {torch.float32: np.float32, torch.float64: np.float64, torch.int64: np.int64, torch.uint8: np.uint8}
"""Dtypes of results, as PyTorch and NumPy name them."""


class _Loan(weakref.ref[np.ndarray[Any, Any]]):
    """What is to be done when an array is gone: give its block back."""

    __slots__ = ("block", "size")

    block: mmap.mmap
    size: int


# Each operation on these is atomic, so that no lock is needed: a lock could be held where a tensor goes.
_free: dict[int, list[mmap.mmap]] = {}
_loans: dict[int, _Loan] = {}


def is_large(count: int, dtype: torch.dtype) -> bool:
    """Say whether a tensor of `count` elements comes from here."""
    return count * dtype.itemsize >= LARGE and dtype in DTYPES and sys.platform == "linux"


def take(shape: tuple[int, ...], dtype: torch.dtype) -> Tensor:
    """Return a new tensor on a kept block, or on a new one; the block comes back when nothing refers to it any more."""
    size = -(-math.prod(shape) * dtype.itemsize // _PAGE) * _PAGE
    try:
        block = _free[size].pop()
    except (KeyError, IndexError):
        # Private, so that a forked process has blocks of its own.
        block = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        block.madvise(mmap.MADV_HUGEPAGE)
    array: np.ndarray[Any, Any] = np.ndarray(shape, DTYPES[dtype], buffer=block)
    loan = _Loan(array, _give_back)
    loan.block, loan.size = block, size
    _loans[id(loan)] = loan
    return torch.from_numpy(array)


def kept() -> int:
    """Return the bytes of the blocks that are kept."""
    return sum(size * len(blocks) for size, blocks in list(_free.items()))


def _give_back(loan: _Loan) -> None:
    del _loans[id(loan)]
    if kept() + loan.size > KEPT:
        _free.clear()  # blocks of sizes that are no longer asked for may be among them
    if loan.size <= KEPT:
        _free.setdefault(loan.size, []).append(loan.block)
