# SPDX-License-Identifier: Apache-2.0
from collections.abc import Callable, Iterator
from typing import Any

import kornia.losses
import pytest
import torch
from torch import Tensor

from foveal.losses import DiceLoss, dice_loss
from tests.contract import Contract, Make, Sample, call


class TestDiceLoss(Contract):
    operation = staticmethod(dice_loss)
    module_form = DiceLoss

    def oracle(self, pred: Tensor, target: Tensor, *args: Any, reduction: str = "mean", **options: Any) -> Tensor:
        pairs = [(p[None, :, None], t[None, None]) for p, t in zip(pred.flatten(2), target.flatten(1), strict=True)]
        if not pairs:
            return NotImplemented
        losses = torch.stack([kornia.losses.dice_loss(*pair, *args, **options) for pair in pairs])
        return losses if reduction == "none" else losses.sum() if reduction == "sum" else losses.mean()

    def samples(self, make: Make) -> Iterator[Sample]:
        target = make.integers(0, 3, 2, 4, 5)
        target[0, 1:3] = -100
        yield call(make.normal(2, 3, 4, 5), target)
        yield call(make.normal(2, 3, 4, 5), target, "macro", 1.0, make.uniform(3))
        yield call(make.normal(2, 3, 4, 5), target.clamp(0), weight=make.uniform(3), ignore_index=2, reduction="none")
        yield call(make.normal(2, 4, 1), make.integers(0, 3, 2, 1), "macro", ignore_index=None, reduction="sum")
        yield call(make.normal(0, 3, 4), make.integers(0, 3, 0, 4))

    def special(self, make: Make) -> Iterator[Sample]:
        pred = make.tensor([[[100.0, -100.0], [-100.0, 100.0]], [[0.0, 0.0], [0.0, 0.0]]])
        for average in ("micro", "macro"):
            for label in (0, 1, -100):
                target = make.integers(label, label + 1, 2, 2)
                for eps in (0.0, 1e-8):
                    yield call(pred, target, average, eps)
                yield call(pred, target, average, 1.0, weight=make.tensor([0.0, 0.0]))
        yield call(make.normal(0, 3, 4), make.integers(0, 3, 0, 4))

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        pred, target = make.normal(2, 3, 4), make.integers(0, 3, 2, 4)
        yield TypeError, "pred must be a torch.Tensor, got list", call([1.0], target)
        yield TypeError, "target must have an integer dtype", call(pred, make.uniform(2, 4))
        yield ValueError, r"target must have shape \(2, 4\), got \(2, 3\)", call(pred, target[:, :3])
        yield ValueError, r"weight must have shape \(3\), got \(2,\)", call(pred, target, weight=make.uniform(2))
        yield ValueError, "average must be one of 'micro', 'macro', got 'mean'", call(pred, target, "mean")
        yield ValueError, "eps must be at least 0", call(pred, target, eps=-1.0)
        yield ValueError, "reduction must be one of", call(pred, target, reduction="max")


@pytest.mark.parametrize("average", ["micro", "macro"])
def test_perfect_and_hopeless(average: str) -> None:
    target = torch.randint(0, 3, (2, 5, 6))
    right = 200.0 * torch.nn.functional.one_hot(target, 3).movedim(-1, 1) - 100
    assert dice_loss(right, target, average).item() == pytest.approx(0, abs=1e-6)
    assert dice_loss(right.roll(1, 1), target, average).item() == pytest.approx(1)


@pytest.mark.parametrize("function", [dice_loss, dice_loss.reference])
def test_an_ignored_image_has_loss_one_and_no_gradient(function: Callable[..., Tensor]) -> None:
    pred = torch.randn(2, 3, 4, requires_grad=True)
    target = torch.randint(0, 3, (2, 4))
    target[1] = -100
    loss = function(pred, target, eps=0.0, reduction="none")
    (gradient,) = torch.autograd.grad(loss.sum(), pred)
    assert loss[1].item() == 1
    assert not gradient[1].any()
    assert gradient[0].any()
