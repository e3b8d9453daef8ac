# SPDX-License-Identifier: Apache-2.0
from collections.abc import Callable, Iterator
from typing import Any

import kornia.losses
import pytest
import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy

from foveal.losses import BinaryFocalLossWithLogits, FocalLoss, binary_focal_loss_with_logits, focal_loss
from tests.contract import Contract, Make, Sample, call


class TestFocalLoss(Contract):
    operation = staticmethod(focal_loss)
    module_form = FocalLoss

    def oracle(self, pred: Tensor, target: Tensor, *args: Any, **options: Any) -> Tensor:
        # Kornia's mean of an empty batch is NaN.
        return kornia.losses.focal_loss(pred, target, *args, **options) if pred.numel() else NotImplemented

    def samples(self, make: Make) -> Iterator[Sample]:
        target = make.integers(0, 3, 2, 4, 5)
        target[0, 1:3] = -100
        yield call(make.normal(2, 3, 4, 5), target, 0.25, reduction="mean")
        yield call(make.normal(2, 3, 4, 5), target, None, 0.5, weight=make.uniform(3))
        yield call(make.normal(2, 3), make.integers(0, 3, 2), 0.6, 0.0, "sum", ignore_index=1)
        yield call(make.normal(2, 1, 3), make.integers(0, 1, 2, 3), 0.6, ignore_index=None)
        yield call(make.normal(0, 3, 4), make.integers(0, 3, 0, 4), 0.5, reduction="mean")

    def large(self, make: Make) -> Iterator[Sample]:
        target = make.integers(-1, 7, 3, 45, 67)
        for options in ({"reduction": "mean"}, {"gamma": 1.5}, {"reduction": "sum", "weight": make.uniform(7)}):
            yield call(make.normal(3, 7, 45, 67), target, 0.3, ignore_index=-1, **options)

    def special(self, make: Make) -> Iterator[Sample]:
        pred = make.tensor([[100.0, -100.0], [-100.0, 100.0], [0.0, 0.0]])
        for gamma in (0.0, 0.5, 2.0):
            for target in ([0, 0, 1], [-100, -100, -100]):
                yield call(pred, make.integers(0, 1, 3) + torch.tensor(target, device=pred.device), 0.5, gamma, "mean")
        yield call(make.normal(0, 3, 1, 1), make.integers(0, 3, 0, 1, 1), 0.5, reduction="mean")

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        pred, target = make.normal(2, 3, 4), make.integers(0, 3, 2, 4)
        yield TypeError, "pred must be a torch.Tensor, got list", call([1.0], target, 0.5)
        yield TypeError, "target must have an integer dtype", call(pred, make.uniform(2, 4), 0.5)
        yield ValueError, r"target must have shape \(2, 4\), got \(2, 3\)", call(pred, target[:, :3], 0.5)
        yield ValueError, "pred must have shape .* with at least one class", call(pred[:, :0], target, 0.5)
        yield ValueError, r"weight must have shape \(3\), got \(2,\)", call(pred, target, 0.5, weight=make.uniform(2))
        yield ValueError, r"alpha must be in \[0, 1\], got 2", call(pred, target, 2)
        yield ValueError, "gamma must be at least 0, got -1", call(pred, target, 0.5, -1)
        yield ValueError, "reduction must be one of 'none', 'mean', 'sum', got 'max'", call(pred, target, 0.5, 2, "max")


class TestBinaryFocalLossWithLogits(Contract):
    operation = staticmethod(binary_focal_loss_with_logits)
    module_form = BinaryFocalLossWithLogits

    def oracle(self, pred: Tensor, target: Tensor, *args: Any, **options: Any) -> Tensor:
        if pred.numel() == 0:
            return NotImplemented
        return kornia.losses.binary_focal_loss_with_logits(pred, target.to(pred.dtype), *args, **options)

    def samples(self, make: Make) -> Iterator[Sample]:
        pred, target = make.normal(2, 3, 4, 5), make.integers(0, 2, 2, 3, 4, 5)
        yield call(pred, target, 0.25, reduction="mean")
        target = target.clone()
        target[0, 1:3] = -100
        yield call(pred, target, None, 0.5, "sum", make.uniform(3), make.uniform(3))
        yield call(make.normal(2, 3), make.uniform(2, 3), 0.6, 0.0)
        yield call(make.normal(2, 3), make.integers(0, 2, 2, 3) > 0, 0.6, 1.0, ignore_index=0)
        yield call(make.normal(0, 3), make.integers(0, 2, 0, 3), 0.25, reduction="mean")

    def large(self, make: Make) -> Iterator[Sample]:
        pred, target = make.normal(2, 3, 65, 67), make.integers(-1, 2, 2, 3, 65, 67)
        yield call(pred, target, reduction="mean", ignore_index=-1)
        yield call(pred, target.clamp(0).to(torch.uint8), 0.3, 1.5, "none", make.uniform(3), make.uniform(3))

    def special(self, make: Make) -> Iterator[Sample]:
        pred = make.tensor([[100.0, -100.0], [-100.0, 100.0], [0.0, 0.0]])
        for gamma in (0.0, 0.5, 2.0):
            for target in ([[0, 0], [1, 1], [0, 1]], [[-100, -100]] * 3):
                yield call(pred, torch.tensor(target, device=pred.device), None, gamma, "mean")
        yield call(make.normal(0, 3), make.integers(0, 2, 0, 3), reduction="mean")

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        pred, target = make.normal(2, 3, 4), make.integers(0, 2, 2, 3, 4)
        yield TypeError, "pred must have a floating-point dtype, got torch.int64", call(target, target)
        yield TypeError, "target must be a torch.Tensor, got list", call(pred, [1.0])
        yield ValueError, r"pred must have shape \(B, C, \*\), got \(4,\)", call(pred[0, 0], target[0, 0])
        yield ValueError, r"target must have shape \(2, 3, 4\), got \(2, 1, 4\)", call(pred, target[:, :1])
        yield ValueError, r"pos_weight must have shape \(3\)", call(pred, target, pos_weight=make.uniform(2))
        yield ValueError, r"weight must have shape \(3\)", call(pred, target, weight=make.uniform(1, 3))
        yield ValueError, r"alpha must be in \[0, 1\], got -1", call(pred, target, -1)
        yield ValueError, "gamma must be at least 0", call(pred, target, gamma=-0.5)
        yield ValueError, "reduction must be one of", call(pred, target, reduction="max")


def test_without_focus_it_is_cross_entropy() -> None:
    pred, target, weight = torch.randn(2, 3, 4) * 50, torch.randint(-1, 3, (2, 4)), torch.rand(3)
    found = focal_loss(pred, target, None, 0.0, weight=weight, ignore_index=-1)
    torch.testing.assert_close(found.sum(1), cross_entropy(pred, target, weight, ignore_index=-1, reduction="none"))
    truth = torch.rand(2, 3, 4)
    found = binary_focal_loss_with_logits(pred, truth, None, 0.0, pos_weight=weight)
    expected = binary_cross_entropy_with_logits(pred, truth, pos_weight=weight[:, None], reduction="none")
    torch.testing.assert_close(found, expected)


def test_two_classes_are_one_binary_logit() -> None:
    pred, target = torch.randn(2, 2, 5), torch.randint(0, 2, (2, 5))
    found = focal_loss(pred, target, 0.3, 1.5).sum(1)
    expected = binary_focal_loss_with_logits(pred[:, 1:] - pred[:, :1], target[:, None], 0.3, 1.5)
    torch.testing.assert_close(found, expected[:, 0])


@pytest.mark.parametrize("function", [focal_loss, focal_loss.reference])
@pytest.mark.parametrize("label", [3, -1, 1 << 40])
def test_labels_out_of_range_are_refused(function: Callable[..., Tensor], label: int) -> None:
    target = torch.zeros(2, 4, dtype=torch.long)
    target[1, 2] = label
    with pytest.raises(RuntimeError, match="out of bounds"):
        function(torch.randn(2, 3, 4), target, 0.5)
