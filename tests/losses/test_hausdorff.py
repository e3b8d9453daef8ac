# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator
from typing import Any

import kornia.losses
import torch
from torch import Tensor

from foveal.losses import HausdorffERLoss, HausdorffERLoss3D
from foveal.losses.hausdorff import hausdorff_er_loss, hausdorff_er_loss_3d
from tests.contract import Contract, Make, Sample, call


class TestHausdorffERLoss(Contract):
    operation = staticmethod(hausdorff_er_loss)
    module_form = HausdorffERLoss
    kornia_form = kornia.losses.HausdorffERLoss
    space: tuple[int, ...] = (5, 6)
    # Erosions are scaled by their range, which scales rounding errors as well.
    tolerance = {**Contract.tolerance, torch.float32: 1e-4}

    def oracle(self, pred: Tensor, target: Tensor, *args: Any, ignore_index: int = -100, **options: Any) -> Tensor:
        if pred.numel() == 0 or (target == ignore_index).any():
            return NotImplemented
        return self.kornia_form(*args, **options)(pred, target.long())

    def samples(self, make: Make) -> Iterator[Sample]:
        # Wider than probabilities are, so that something is left to erode.
        pred, target = make.uniform(2, 3, *self.space, low=-1, high=2), make.integers(0, 3, 2, 1, *self.space)
        yield call(pred, target, k=3)
        yield call(pred, target, 1.5, 2, "none")
        yield call(pred, target, k=2, reduction="sum", ignore_index=0)
        yield call(pred[:0], target[:0], k=2)
        yield call(pred[..., :1], target[..., :1], k=1)

    def large(self, make: Make) -> Iterator[Sample]:
        shape = *self.space[:-2], 33, 45
        pred, target = make.uniform(2, 3, *shape, low=-1, high=2), make.integers(0, 3, 2, 1, *shape)
        yield call(pred, target)
        yield call(pred, target.to(torch.uint8), 1.5, 3, "none")

    def special(self, make: Make) -> Iterator[Sample]:
        pred = make.tensor(torch.ones(1, 2, *self.space))
        for label in (0, 1, -100):
            yield call(pred, make.integers(label, label + 1, 1, 1, *self.space))
        one = (..., *[slice(1)] * len(self.space))
        yield call(pred[one], make.integers(0, 2, 1, 1, *[1] * len(self.space)))
        yield call(pred[:0], make.integers(0, 2, 0, 1, *self.space))

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        pred, target = make.uniform(2, 3, *self.space), make.integers(0, 3, 2, 1, *self.space)
        yield TypeError, "pred must be a torch.Tensor, got list", call([1.0], target)
        yield TypeError, "target must have an integer dtype", call(pred, pred)
        yield ValueError, r"pred must have shape \(B, C, .*H, W\)", call(pred[0], target)
        yield ValueError, r"target must have shape \(2, 1, .*5, 6\)", call(pred, target[:, 0])
        yield ValueError, "k must be at least 0, got -1", call(pred, target, k=-1)
        yield ValueError, "reduction must be one of", call(pred, target, reduction="max")


class TestHausdorffERLoss3D(TestHausdorffERLoss):
    operation = staticmethod(hausdorff_er_loss_3d)
    module_form = HausdorffERLoss3D
    kornia_form = kornia.losses.HausdorffERLoss3D
    space = (3, 5, 6)


def test_far_errors_cost_more_than_near_ones() -> None:
    target = torch.zeros(1, 1, 32, 32, dtype=torch.long)
    target[..., 8:24, 8:24] = 1
    losses = []
    for shift in (1, 4, 8):
        moved = target.roll(shift, -1)
        losses.append(HausdorffERLoss()(torch.cat([1 - moved, moved], 1).float(), target).item())
    assert losses == sorted(losses)
    assert losses[0] < losses[-1]
