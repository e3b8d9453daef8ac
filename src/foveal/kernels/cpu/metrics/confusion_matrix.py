# SPDX-License-Identifier: Apache-2.0
"""CPU kernel of the confusion matrix: both label maps are read once."""

import itertools
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from foveal.kernels._kernel import kernel
from foveal.kernels.cpu.metrics._confusion import accepts, confusion_counts


def _accepts(pred: Tensor, target: Any, num_classes: Any, normalized: bool, ignore_index: Any) -> bool:
    return accepts(pred, target, num_classes, ignore_index)


def _examples() -> Iterator[tuple[Any, ...]]:
    # As many pairs as cells, and more.
    for dtype, samples in itertools.product((torch.int64, torch.uint8), (4, 8)):
        labels = torch.zeros(1, samples, dtype=dtype, device="cpu")
        yield labels, labels, 2, False, None


@kernel(accepts=_accepts, examples=_examples)
def confusion_matrix(
    pred: Tensor, target: Tensor, num_classes: int, normalized: bool, ignore_index: int | None
) -> Tensor:
    """Count pairs of labels."""
    counts = confusion_counts(pred, target, num_classes, ignore_index)
    return counts / (counts.sum(dim=-1, keepdim=True) + 1e-6) if normalized else counts
