# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator
from typing import Any

import kornia.losses
import torch
from torch import Tensor

from foveal.losses import TverskyLoss, dice_loss, tversky_loss
from tests.contract import Contract, Make, Sample, call


class TestTverskyLoss(Contract):
    operation = staticmethod(tversky_loss)
    module_form = TverskyLoss

    def oracle(self, pred: Tensor, target: Tensor, *args: Any, reduction: str = "mean", **options: Any) -> Tensor:
        pairs = [(p[None, :, None], t[None, None]) for p, t in zip(pred.flatten(2), target.flatten(1), strict=True)]
        if not pairs:
            return NotImplemented
        losses = torch.stack([kornia.losses.tversky_loss(*pair, *args, **options) for pair in pairs])
        return losses if reduction == "none" else losses.sum() if reduction == "sum" else losses.mean()

    def samples(self, make: Make) -> Iterator[Sample]:
        target = make.integers(0, 3, 2, 4, 5)
        target[0, 1:3] = -100
        yield call(make.normal(2, 3, 4, 5), target, 0.3, 0.7)
        yield call(
            make.normal(2, 3, 4, 5), target.clamp(0), alpha=0.0, beta=2.0, eps=1.0, ignore_index=2, reduction="none"
        )
        yield call(make.normal(2, 4, 1), make.integers(0, 3, 2, 1), 1.0, 1.0, ignore_index=None, reduction="sum")
        yield call(make.normal(0, 3, 4), make.integers(0, 3, 0, 4), 0.5, 0.5)

    def special(self, make: Make) -> Iterator[Sample]:
        pred = make.tensor([[[100.0, -100.0], [-100.0, 100.0]], [[0.0, 0.0], [0.0, 0.0]]])
        for alpha, beta in ((0.5, 0.5), (0.0, 0.0), (1.0, 0.0)):
            for label in (0, 1, -100):
                for eps in (0.0, 1e-8):
                    yield call(pred, make.integers(label, label + 1, 2, 2), alpha, beta, eps)
        yield call(make.normal(0, 3, 4), make.integers(0, 3, 0, 4), 0.5, 0.5)

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        pred, target = make.normal(2, 3, 4), make.integers(0, 3, 2, 4)
        yield TypeError, "pred must be a torch.Tensor, got list", call([1.0], target, 0.5, 0.5)
        yield TypeError, "target must have an integer dtype", call(pred, make.uniform(2, 4), 0.5, 0.5)
        yield ValueError, r"target must have shape \(2, 4\), got \(2, 3\)", call(pred, target[:, :3], 0.5, 0.5)
        yield ValueError, "alpha must be at least 0", call(pred, target, -0.5, 0.5)
        yield ValueError, "beta must be at least 0", call(pred, target, 0.5, -0.5)
        yield ValueError, "eps must be at least 0", call(pred, target, 0.5, 0.5, -1.0)
        yield ValueError, "reduction must be one of", call(pred, target, 0.5, 0.5, reduction="max")


def test_equal_prices_of_one_half_are_dice() -> None:
    pred, target = torch.randn(2, 3, 4, 5), torch.randint(0, 3, (2, 4, 5))
    torch.testing.assert_close(tversky_loss(pred, target, 0.5, 0.5), dice_loss(pred, target, "macro"))
