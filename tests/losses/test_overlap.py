# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator

import torch
from torch import Tensor

from foveal.losses.overlap import overlap
from tests.contract import Contract, Make, Sample, call


class TestOverlap(Contract):
    operation = staticmethod(overlap)
    # Sums of probabilities over the pixels; float32 in every precision.
    widened = (0, 1, 2)
    tolerance = {**Contract.tolerance, torch.float32: 2e-5}

    def oracle(self, pred: Tensor, target: Tensor, ignore_index: int | None) -> tuple[Tensor, ...]:
        if ignore_index is not None:
            pred, target = torch.where((target == ignore_index).unsqueeze(1), -torch.inf, pred), target.clamp(0)
        true = torch.nn.functional.one_hot(target.long(), pred.shape[1]).movedim(-1, 1).to(pred.dtype)
        weights = pred.exp() / pred.exp().sum(1, keepdim=True)
        kept = weights.isfinite()
        true, weights = torch.where(kept, true, 0), torch.where(kept, weights, 0)
        space = tuple(range(2, pred.ndim))
        return tuple(size.sum(space) if space else size for size in (true * weights, weights, true))

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(make.normal(2, 3, 4, 5), make.integers(-1, 3, 2, 4, 5), -1)
        yield call(make.normal(2, 3), make.integers(0, 3, 2).to(torch.uint8), None)
        yield call(make.normal(2, 1, 3), make.integers(0, 1, 2, 3), None)
        yield call(make.normal(0, 3, 4), make.integers(0, 3, 0, 4), None)

    def large(self, make: Make) -> Iterator[Sample]:
        yield call(make.normal(3, 7, 45, 67), make.integers(-1, 7, 3, 45, 67), -1)
        yield call(make.normal(1, 2, 65, 167), make.integers(0, 2, 1, 65, 167).to(torch.int32), None)

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        yield RuntimeError, "out of bounds", call(make.normal(2, 3, 4), make.integers(3, 4, 2, 4), None)
        yield RuntimeError, "out of bounds", call(make.normal(2, 3, 4), make.integers(-3, 0, 2, 4), None)
