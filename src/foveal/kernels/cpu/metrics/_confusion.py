# SPDX-License-Identifier: Apache-2.0
"""Counts of pairs of labels: one pass over both maps, in the integers that they are stored in.

A pair is one addition at a place that the labels choose. Two tables in turn, as neighbours are mostly equal: the next
addition need not wait for the last one. Of fewer pairs than places it is the tables that take the time: then there is
one, the result itself.
"""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from foveal.kernels.cpu._array import as_array
from foveal.kernels.cpu._compile import compile_kernel
from foveal.kernels.cpu._parallel import parallel_for

INTEGERS = (torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8, torch.bool)
# Pairs of a piece of a sample that has tables of its own, at the least.
PIECE = 1 << 16
# Pieces of all samples together, at the most, unless there are more samples.
PIECES = 16
# Larger tables do not stay in the cache: then the reference is as good.
MOST_CLASSES = 256


def accepts(pred: Any, target: Any, num_classes: Any, ignore_index: Any) -> bool:
    """Say whether the kernel counts these labels."""
    return (
        isinstance(pred, Tensor)
        and isinstance(target, Tensor)
        and pred.dtype in INTEGERS
        and target.dtype in INTEGERS
        and pred.shape == target.shape
        and pred.ndim > 0
        and pred.numel() > 0
        and type(num_classes) is int
        and 2 <= num_classes <= MOST_CLASSES
        and (ignore_index is None or type(ignore_index) is int)
    )


def confusion_counts(pred: Tensor, target: Tensor, num_classes: int, ignore_index: int | None) -> Tensor:
    """Return confusion matrices in float32."""
    rows, samples = pred.shape[0], pred.numel() // pred.shape[0]
    pieces = max(1, min(PIECES // rows, samples // PIECE))
    cells = num_classes * num_classes
    sparse = samples <= min(cells, PIECE)
    counts = np.zeros((rows, 1, 1, cells), np.float32) if sparse else np.zeros((rows, pieces, 2, cells), np.int64)
    parallel_for(
        _count, rows * pieces, _labels(pred), _labels(target), num_classes,
        num_classes if ignore_index is None else ignore_index, pieces, counts, work=pred.numel(),
    )  # fmt: skip
    total = torch.from_numpy(counts if sparse else counts.sum(axis=(1, 2))).float()
    return total.view(rows, num_classes, num_classes)


def _labels(labels: Tensor) -> Any:
    array = as_array(labels).reshape(labels.shape[0], -1)
    return array.view(np.uint8) if labels.dtype is torch.bool else array


@compile_kernel
def _count(start, stop, pred, target, classes, ignored, pieces, counts):
    samples = pred.shape[1]
    known, last = np.uint64(classes), counts.shape[2] - 1
    for unit in range(start, stop):
        row = unit // pieces
        piece = unit - row * pieces
        begin, end = samples * piece // pieces, samples * (piece + 1) // pieces
        tables = counts[row, piece]
        found, right = pred[row, begin:end], target[row, begin:end]
        for i in range(found.shape[0]):
            p, t = np.int64(found[i]), np.int64(right[i])
            # As unsigned integers negative labels are too large as well.
            if np.uint64(p) < known and np.uint64(t) < known and t != ignored:
                tables[i & last, np.uint64(t * classes + p)] += 1
