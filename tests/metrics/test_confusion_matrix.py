# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator
from typing import Any

import kornia.metrics
import numpy as np
import pytest
import sklearn.metrics
import torch
from torch import Tensor

from foveal.metrics import confusion_matrix
from tests.contract import Contract, Make, Sample, call

DTYPES = [torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64]


def counts(pred: Tensor, target: Tensor, num_classes: int, ignore_index: int | None = None) -> Tensor:
    """Count pair by pair."""
    result = np.zeros((len(pred), num_classes, num_classes))
    for sample, (found, right) in enumerate(zip(pred, target, strict=True)):
        for p, t in zip(found.int().flatten().tolist(), right.int().flatten().tolist(), strict=True):
            if 0 <= p < num_classes and 0 <= t < num_classes and t != ignore_index:
                result[sample, t, p] += 1
    return torch.from_numpy(result)


class TestConfusionMatrix(Contract):
    operation = staticmethod(confusion_matrix)
    differentiable = False
    half = False  # labels are integers, and the result is float32

    def oracle(
        self, pred: Tensor, target: Tensor, num_classes: int, normalized: bool = False, **options: Any
    ) -> Tensor:
        if options:
            return counts(pred, target, num_classes, **options)
        return kornia.metrics.confusion_matrix(pred, target, num_classes, normalized)

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(make.integers(0, 3, 2, 4, 5), make.integers(0, 3, 2, 4, 5), 3)
        yield call(make.integers(0, 3, 2, 4, 5).int(), make.integers(0, 2, 2, 4, 5).byte(), 4, normalized=True)
        yield call(make.integers(0, 3, 6), make.integers(0, 3, 6), num_classes=3)
        yield call(make.integers(0, 2, 2, 5) > 0, make.integers(0, 2, 2, 5) > 0, 2)
        yield call(make.integers(-2, 5, 2, 19), make.integers(-2, 5, 2, 19), 3, ignore_index=1)
        yield call(make.integers(0, 3, 0, 4), make.integers(0, 3, 0, 4), 3)
        yield call(make.integers(0, 3, 2, 0), make.integers(0, 3, 2, 0), 3)

    def large(self, make: Make) -> Iterator[Sample]:
        yield call(make.integers(0, 21, 3, 101, 103), make.integers(0, 21, 3, 101, 103), 21)
        yield call(make.integers(-3, 9, 3, 20_001).int(), make.integers(-3, 9, 3, 20_001).int(), 5, ignore_index=2)

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        labels = make.integers(0, 3, 2, 4)
        yield TypeError, "pred must be a torch.Tensor, got list", call([1], labels, 3)
        yield TypeError, "target must have an integer dtype", call(labels, labels.float(), 3)
        yield ValueError, r"target must have shape \(2, 4\), got \(2, 3\)", call(labels, labels[:, 1:], 3)
        yield ValueError, "pred must have shape", call(labels[0, 0], labels[0, 0], 3)
        yield ValueError, "num_classes must be at least 2, got 1", call(labels, labels, 1)


@pytest.mark.parametrize("classes", [2, 5, 127])
def test_every_dtype_of_labels_counts_alike(classes: int) -> None:
    pred, target = torch.randint(0, 128, (2, 2, 30_000))
    expected = confusion_matrix.reference(pred, target, classes, ignore_index=1)
    for first in DTYPES:
        for second in (first, torch.uint8):
            found = confusion_matrix(pred.to(first), target.to(second), classes, ignore_index=1)
            torch.testing.assert_close(found, expected, rtol=0, atol=0)


def test_ignored_labels_of_bytes() -> None:
    pred, target = torch.randint(0, 3, (2, 1, 50))
    marked = torch.where(torch.arange(50) % 7 == 0, 255, target).byte()
    kept = torch.arange(50) % 7 != 0
    expected = confusion_matrix(pred[:, kept], target[:, kept], 3)
    for ignored in (255, None):
        torch.testing.assert_close(confusion_matrix(pred.byte(), marked, 3, ignore_index=ignored), expected)


@pytest.mark.parametrize("normalized", [False, True])
def test_it_is_scikit_learns(normalized: bool) -> None:
    pred, target = torch.randint(0, 7, (2, 1, 400), generator=torch.Generator().manual_seed(0))
    expected = sklearn.metrics.confusion_matrix(target[0], pred[0], normalize="true" if normalized else None)
    found = confusion_matrix(pred, target, 7, normalized)[0]
    torch.testing.assert_close(found.double(), torch.from_numpy(expected).double(), rtol=1e-5, atol=1e-6)
