# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator
from typing import Any

import kornia.metrics
import pytest
import torch
from torch import Tensor

from foveal.metrics import accuracy
from tests.contract import Contract, Make, Sample, call


class TestAccuracy(Contract):
    operation = staticmethod(accuracy)
    differentiable = False
    half = False  # the result is float32, and rounding makes ties

    def oracle(self, pred: Tensor, target: Tensor, topk: tuple[int, ...] = (1,), **options: Any) -> list[Tensor]:
        if options or pred.shape[1] > 100:  # with ties, which Kornia leaves open
            return NotImplemented
        return kornia.metrics.accuracy(pred, target, topk)

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(make.normal(6, 5), make.integers(0, 5, 6))
        yield call(make.normal(6, 5), make.integers(0, 5, 6, 1), topk=(1, 2, 9))
        yield call(make.normal(6, 5), make.integers(0, 3, 6), topk=(2,), ignore_index=0)
        yield call(make.normal(0, 5), make.integers(0, 5, 0), topk=(0, 1))

    def large(self, make: Make) -> Iterator[Sample]:
        yield call(make.integers(0, 30, 100, 333).to(make.dtype), make.integers(-1, 340, 100), topk=(1, 5, 170))

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        scores = make.normal(3, 5)
        yield TypeError, "pred must be a torch.Tensor, got list", call([1.0], make.integers(0, 5, 3))
        yield ValueError, r"pred must have shape \(B, C\)", call(scores[0], make.integers(0, 5, 3))
        yield TypeError, "target must have an integer dtype", call(scores, scores[:, 0])
        yield ValueError, r"target must have shape \(3\), got \(4,\)", call(scores, make.integers(0, 5, 4))
        yield ValueError, "topk must be at least 0, got -1", call(scores, make.integers(0, 5, 3), topk=(2, -1))


def test_ignored_targets_are_left_out() -> None:
    scores, target = torch.randn(20, 4), torch.randint(0, 4, (20,))
    spoilt = torch.where(torch.arange(20) < 5, 255, target)
    (found,), (expected,) = accuracy(scores, spoilt, ignore_index=255), accuracy(scores[5:], target[5:])
    torch.testing.assert_close(found, expected)


@pytest.mark.parametrize("dtype", [torch.float16, torch.float32])
def test_ties_go_to_the_lower_index_and_nan_is_never_the_target(dtype: torch.dtype) -> None:
    scores = torch.tensor([[1.0, 1.0, 0.0], [0.0, 1.0, torch.nan], [torch.nan] * 3], dtype=dtype)
    ranks = [[0, 1, 2], [2, 1, 2], [2, 2, 2]]
    for row, wanted in zip(scores, ranks, strict=True):
        for label, rank in enumerate(wanted):
            found = accuracy(row[None], torch.tensor([label]), topk=(1, 2, 3))
            assert [f.item() for f in found] == [100.0 * (rank < k) for k in (1, 2, 3)]


def test_labels_outside_are_wrong() -> None:
    (found,) = accuracy(torch.zeros(2, 3), torch.tensor([-1, 3]), topk=(3,))
    assert found == 0
