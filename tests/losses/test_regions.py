# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator

import torch
from torch import Tensor

from foveal.losses.regions import region_loss
from tests.contract import Contract, Make, Sample, call


class TestRegionLoss(Contract):
    operation = staticmethod(region_loss)

    def oracle(
        self, intersection: Tensor, predicted: Tensor, true: Tensor, alpha: float, beta: float, eps: float,
        average: str, weight: Tensor | None, reduction: str,
    ) -> Tensor:  # fmt: skip
        if not len(true):
            return NotImplemented
        losses = []
        for shared, found, right in zip(intersection.tolist(), predicted.tolist(), true.tolist(), strict=True):
            weights = [1.0] * len(shared) if weight is None else weight.tolist()
            wholes = [
                i + alpha * (p - i) + beta * (t - i) for i, p, t in zip(shared, found, right, strict=True)
            ]  # fmt: skip
            if average == "micro":
                part, whole = (sum(w * s for w, s in zip(weights, sizes, strict=True)) for sizes in (shared, wholes))
                losses.append(1 - (part / (whole + eps) if whole + eps else 0))
            else:
                present = [c for c in range(len(right)) if right[c] > 0]
                total = sum(weights[c] for c in present)
                missed = sum(weights[c] * (1 - shared[c] / (wholes[c] + eps)) for c in present)
                losses.append(missed / total if total else 1)
        result = torch.tensor(losses, dtype=true.dtype)
        return result if reduction == "none" else result.sum() if reduction == "sum" else result.mean()

    def samples(self, make: Make) -> Iterator[Sample]:
        shared, found = make.uniform(3, 4), make.uniform(3, 4)
        for average in ("micro", "macro"):
            for reduction in ("none", "mean", "sum"):
                sizes = shared, shared + found, shared + make.uniform(3, 4)
                yield call(*sizes, 0.3, 0.8, 0.1, average, None, reduction)
                yield call(*sizes, 0.5, 0.5, 0.0, average, make.uniform(4), reduction)
            yield call(make.uniform(0, 3), make.uniform(0, 3), make.uniform(0, 3), 0.5, 0.5, 0.0, average, None, "mean")

    def large(self, make: Make) -> Iterator[Sample]:
        # Regions without pixels, where the loss is not smooth, which `samples` must be.
        none = make.tensor([[0.0, 0.0], [1.0, 0.0]])
        for average in ("micro", "macro"):
            yield call(none / 2, none, none, 0.5, 0.5, 0.0, average, None, "none")

    def special(self, make: Make) -> Iterator[Sample]:
        none = make.tensor([[0.0, 0.0]])
        for average in ("micro", "macro"):
            yield call(none, none, none, 0.5, 0.5, 0.0, average, None, "mean")
            yield call(none, none, none + 1, 0.5, 0.5, 0.0, average, make.tensor([0.0, 0.0]), "mean")

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        sizes, options = make.uniform(2, 3), (0.5, 0.5, 0.0)
        yield (
            ValueError,
            r"true must have shape \(2, 3\)",
            call(sizes, sizes, sizes[:1], *options, "micro", None, "sum"),
        )
        yield ValueError, "average must be one of", call(sizes, sizes, sizes, *options, "mean", None, "sum")
        yield ValueError, "reduction must be one of", call(sizes, sizes, sizes, *options, "micro", None, "max")
