# SPDX-License-Identifier: Apache-2.0
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import kornia.losses
import pytest
import torch
from torch import Tensor

from foveal.losses import LovaszHingeLoss, LovaszSoftmaxLoss, lovasz_hinge_loss, lovasz_softmax_loss
from tests.contract import Contract, Make, Sample, call


def reduce(losses: list[Tensor], reduction: str) -> Tensor:
    stacked = torch.stack(losses)
    return stacked if reduction == "none" else stacked.sum() if reduction == "sum" else stacked.mean()


class TestLovaszHingeLoss(Contract):
    operation = staticmethod(lovasz_hinge_loss)
    module_form = LovaszHingeLoss

    def oracle(self, pred: Tensor, target: Tensor, reduction: str = "mean", ignore_index: int | None = -100) -> Tensor:
        if pred.numel() == 0:
            return NotImplemented
        losses = []
        for logits, labels in zip(pred, target.to(torch.float64), strict=True):
            kept = labels != ignore_index if ignore_index is not None else torch.ones_like(labels, dtype=torch.bool)
            losses.append(kornia.losses.lovasz_hinge_loss(logits[:, kept][None, :, None], labels[kept][None, None]))
        return reduce(losses, reduction)

    def samples(self, make: Make) -> Iterator[Sample]:
        target = make.integers(0, 2, 2, 4, 5)
        yield call(make.normal(2, 1, 4, 5), target)
        yield call(make.normal(2, 1, 4, 5), target > 0, reduction="none", ignore_index=None)
        target = target.clone()
        target[0, 1:3] = -100
        yield call(make.normal(2, 1, 4, 5), target, reduction="sum")
        yield call(make.normal(2, 1, 1, 1), make.integers(0, 2, 2, 1, 1).to(make.dtype))
        yield call(make.normal(0, 1, 3, 4), make.integers(0, 2, 0, 3, 4))

    def large(self, make: Make) -> Iterator[Sample]:
        yield call(100 * make.normal(3, 1, 45, 67), make.integers(-1, 2, 3, 45, 67), ignore_index=-1, reduction="none")
        yield call(make.normal(1, 1, 145, 167), make.integers(0, 2, 1, 145, 167).to(torch.uint8))

    def special(self, make: Make) -> Iterator[Sample]:
        for label in (0, 1, -100):
            yield call(make.tensor([[[[100.0, -100.0, 0.0, 0.0]]]]), make.integers(label, label + 1, 1, 1, 4))
            yield call(make.tensor([[[[100.0]]]]), make.integers(label, label + 1, 1, 1, 1))
        yield call(make.normal(2, 1, 0, 4), make.integers(0, 2, 2, 0, 4))
        yield call(make.normal(0, 1, 3, 4), make.integers(0, 2, 0, 3, 4))

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        pred, target = make.normal(2, 1, 3, 4), make.integers(0, 2, 2, 3, 4)
        yield TypeError, "pred must have a floating-point dtype", call(target, target)
        yield TypeError, "target must be a torch.Tensor, got list", call(pred, [1.0])
        yield ValueError, r"pred must have shape \(B, 1, H, W\), got \(2, 3, 4\)", call(pred[:, 0], target)
        yield ValueError, r"target must have shape \(2, 3, 4\), got \(1, 3, 4\)", call(pred, target[:1])
        yield ValueError, "reduction must be one of", call(pred, target, reduction="max")


class TestLovaszSoftmaxLoss(Contract):
    operation = staticmethod(lovasz_softmax_loss)
    module_form = LovaszSoftmaxLoss

    def oracle(
        self,
        pred: Tensor,
        target: Tensor,
        weight: Tensor | None = None,
        reduction: str = "mean",
        ignore_index: int | None = -100,
    ) -> Tensor:
        if target.numel() == 0:
            return NotImplemented
        losses = []
        for logits, labels in zip(pred.expand(target.shape[0], *pred.shape[1:]), target.long(), strict=True):
            kept = labels != ignore_index if ignore_index is not None else torch.ones_like(labels, dtype=torch.bool)
            pair = logits[:, kept][None, :, None], labels[kept][None, None]
            losses.append(kornia.losses.lovasz_softmax_loss(*pair, weight))
        return reduce(losses, reduction)

    def samples(self, make: Make) -> Iterator[Sample]:
        target = make.integers(0, 3, 2, 4, 5)
        yield call(make.normal(2, 3, 4, 5), target)
        yield call(make.normal(1, 3, 4, 5), target, make.uniform(3), ignore_index=None)
        target = target.clone()
        target[0, 1:3] = -100
        yield call(make.normal(2, 4, 4, 5), target, reduction="sum")
        yield call(make.normal(2, 3, 1), make.integers(0, 3, 2, 1).to(torch.uint8), reduction="none")
        yield call(make.normal(0, 3, 4), make.integers(0, 3, 0, 4))

    def large(self, make: Make) -> Iterator[Sample]:
        yield call(3 * make.normal(3, 7, 45, 67), make.integers(-1, 7, 3, 45, 67), make.uniform(7), ignore_index=-1)
        yield call(make.normal(1, 2, 145, 167), make.integers(0, 2, 3, 145, 167).to(torch.int32), reduction="none")

    def special(self, make: Make) -> Iterator[Sample]:
        pred = make.tensor([[[100.0, -100.0, 0.0], [-100.0, 100.0, 0.0], [0.0, 0.0, 0.0]]])
        for label in (0, 2, -100):
            yield call(pred, make.integers(label, label + 1, 1, 3))
            yield call(pred[..., :1], make.integers(label, label + 1, 1, 1))
        yield call(make.normal(2, 3, 0), make.integers(0, 3, 2, 0))
        yield call(make.normal(0, 3, 4), make.integers(0, 3, 0, 4))

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        pred, target = make.normal(2, 3, 4), make.integers(0, 3, 2, 4)
        yield TypeError, "pred must be a torch.Tensor, got list", call([1.0], target)
        yield TypeError, "target must have an integer dtype", call(pred, make.uniform(2, 4))
        yield ValueError, r"target must have shape \(2, 4\), got \(2, 3\)", call(pred, target[:, :3])
        yield ValueError, r"target must have shape \(2, 4\), got \(1, 4\)", call(pred, target[:1])
        yield ValueError, "with two classes at least", call(pred[:, :1], target)
        yield ValueError, r"weight must have shape \(3\), got \(2,\)", call(pred, target, make.uniform(2))
        yield ValueError, "reduction must be one of", call(pred, target, reduction="max")


def test_definition() -> None:
    # The extension is the sum of errors, largest first, times the growth of the Jaccard loss of the mispredicted set.
    pred, target = torch.randn(1, 1, 3, 5, dtype=torch.float64), torch.randint(0, 2, (1, 3, 5))
    errors, truth = (1 - pred[0, 0] * (2 * target[0] - 1)).relu().flatten(), target.flatten().bool()
    order = errors.argsort(descending=True)
    jaccard = []
    for count in range(errors.numel() + 1):
        wrong = torch.zeros_like(truth)
        wrong[order[:count]] = True
        predicted = truth ^ wrong
        jaccard.append(1 - (truth & predicted).sum().item() / max((truth | predicted).sum().item(), 1))
    expected = sum(
        errors[place] * (after - before) for place, (before, after) in zip(order, pairwise(jaccard), strict=True)
    )
    torch.testing.assert_close(lovasz_hinge_loss(pred, target), expected)


@pytest.mark.parametrize("function", [lovasz_softmax_loss, lovasz_softmax_loss.reference])
@pytest.mark.parametrize("label", [3, -1])
def test_labels_out_of_range_are_refused(function: Callable[..., Tensor], label: int) -> None:
    target = torch.zeros(2, 4, dtype=torch.long)
    target[1, 2] = label
    with pytest.raises(RuntimeError, match="out of bounds"):
        function(torch.randn(2, 3, 4), target)


@pytest.mark.parametrize("scale", [0.0, 1e-3, 30.0])
def test_ties_and_slight_differences(scale: float) -> None:
    # Equal errors, nearly equal ones, and those that are 0 or 1 to the last bit.
    results: list[Any] = []
    for function in (lovasz_softmax_loss, lovasz_softmax_loss.reference):
        pred = (scale * torch.randn(2, 3, 40, 50, generator=torch.manual_seed(0)).round(decimals=1)).requires_grad_()
        target = torch.randint(0, 3, (2, 40, 50), generator=torch.manual_seed(1))
        loss = function(pred, target)
        results.append((loss, *torch.autograd.grad(loss, pred)))
    torch.testing.assert_close(*results, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("function", [lovasz_softmax_loss, lovasz_softmax_loss.reference])
def test_nan_stays_in_its_image(function: Callable[..., Tensor]) -> None:
    pred, target = torch.randn(2, 3, 40, 50), torch.randint(0, 3, (2, 40, 50))
    pred[0, 1, 2, 3] = torch.nan
    losses = function(pred, target, reduction="none")
    hinges = lovasz_hinge_loss(pred[:, 1:2], target, reduction="none")
    assert losses.isnan().tolist() == hinges.isnan().tolist() == [True, False]
