# SPDX-License-Identifier: Apache-2.0
"""CPU kernel of the accuracy: the scores are read once, to count those ahead of the target's."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from foveal.kernels._kernel import kernel
from foveal.kernels.cpu._array import as_array, scalar
from foveal.kernels.cpu._compile import compile_kernel
from foveal.kernels.cpu._parallel import parallel_for


def _accepts(pred: Tensor, target: Any, topk: Any, ignore_index: Any) -> bool:
    return (
        isinstance(target, Tensor)
        and pred.dtype is torch.float32
        and not pred.requires_grad  # a list of tensors, none of which has a gradient, is not for autograd
        and target.dtype is torch.int64
        and pred.ndim == 2
        and pred.numel() > 0
        and target.shape in ((pred.shape[0],), (pred.shape[0], 1))
        and isinstance(topk, tuple)
        and all(type(k) is int and k >= 0 for k in topk)
        and (ignore_index is None or type(ignore_index) is int)
    )


def _examples() -> Iterator[tuple[Any, ...]]:
    yield torch.zeros(2, 2, device="cpu"), torch.zeros(2, dtype=torch.int64, device="cpu"), (1,), None


@kernel(accepts=_accepts, examples=_examples)
def accuracy(pred: Tensor, target: Tensor, topk: tuple[int, ...], ignore_index: int | None) -> list[Tensor]:
    """Rank the targets, and count the ranks."""
    labels = as_array(target).reshape(-1)
    ranks = np.empty(len(labels), np.int64)
    parallel_for(_rank, len(labels), as_array(pred), labels, ranks, work=pred.numel())
    if ignore_index is not None:
        ranks = ranks[labels != ignore_index]
    total = len(ranks)
    shares = [np.count_nonzero(ranks < k) * 100 / total if total else float("nan") for k in topk]
    return [scalar(share) for share in shares]


@compile_kernel
def _ahead(scores, score):
    """Count the scores that are larger; NaN is, and to NaN all are."""
    count = np.int32(0)
    for j in range(scores.shape[0]):
        count += np.int32(0) if scores[j] <= score else np.int32(1)
    return count


@compile_kernel
def _equal(scores, score):
    count = np.int32(0)
    for j in range(scores.shape[0]):
        count += np.int32(1) if scores[j] == score else np.int32(0)
    return count


@compile_kernel
def _rank(start, stop, scores, labels, ranks):
    for i in range(start, stop):
        row, label = scores[i], labels[i]
        if label < 0 or label >= row.shape[0]:
            ranks[i] = np.iinfo(np.int64).max
            continue
        score = row[label]
        itself = 1 if np.isnan(score) else 0
        ranks[i] = _ahead(row, score) - itself + _equal(row[:label], score)
