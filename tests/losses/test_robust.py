# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator

import kornia.losses
import pytest
import torch

from foveal.losses import (
    CauchyLoss,
    CharbonnierLoss,
    GemanMcclureLoss,
    WelschLoss,
    cauchy_loss,
    charbonnier_loss,
    geman_mcclure_loss,
    welsch_loss,
)
from tests.contract import Contract, Make, Sample, call


class TestCharbonnierLoss(Contract):
    operation = staticmethod(charbonnier_loss)
    module_form = CharbonnierLoss
    oracle = staticmethod(kornia.losses.charbonnier_loss)

    def samples(self, make: Make) -> Iterator[Sample]:
        for reduction in ("mean", "sum", "none"):
            yield call(make.normal(2, 3, 4, 5), make.normal(2, 3, 4, 5), reduction=reduction)
        for shape in ((7,), (1, 1), (0, 3)):
            yield call(make.normal(*shape), make.normal(*shape))

    def large(self, make: Make) -> Iterator[Sample]:
        for reduction in ("mean", "none"):
            yield call(make.normal(2, 3, 97, 131), make.normal(2, 3, 97, 131), reduction=reduction)

    def special(self, make: Make) -> Iterator[Sample]:
        yield call(make.tensor([0.0, 1.0, -100.0, 6e4]), make.tensor([0.0, 1.0, 100.0, 0.0]), "none")

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        image = make.normal(2, 3)
        yield TypeError, "img1 must be a torch.Tensor, got list", call([1.0], image)
        yield TypeError, "img2 must have a floating-point dtype", call(image, make.integers(0, 2, 2, 3))
        yield ValueError, r"img2 must have shape \(2, 3\), got \(1, 3\)", call(image, image[:1])
        yield ValueError, "reduction must be one of 'none', 'mean', 'sum', got 'max'", call(image, image, "max")


class TestCauchyLoss(TestCharbonnierLoss):
    operation = staticmethod(cauchy_loss)
    module_form = CauchyLoss
    oracle = staticmethod(kornia.losses.cauchy_loss)


class TestGemanMcclureLoss(TestCharbonnierLoss):
    operation = staticmethod(geman_mcclure_loss)
    module_form = GemanMcclureLoss
    oracle = staticmethod(kornia.losses.geman_mcclure_loss)


class TestWelschLoss(TestCharbonnierLoss):
    operation = staticmethod(welsch_loss)
    module_form = WelschLoss
    oracle = staticmethod(kornia.losses.welsch_loss)


@pytest.mark.parametrize("loss", [charbonnier_loss, cauchy_loss, geman_mcclure_loss, welsch_loss])
def test_small_differences_are_half_their_squares(loss: object) -> None:
    difference = torch.logspace(-6, -3, 50)
    found = loss(difference, torch.zeros(50))
    torch.testing.assert_close(found, difference.square() / 2, rtol=1e-5, atol=0)


@pytest.mark.parametrize("loss", [charbonnier_loss, cauchy_loss, geman_mcclure_loss, welsch_loss])
def test_far_differences_and_nan(loss: object) -> None:
    difference = torch.tensor([1e10, -1e15, torch.nan] * 7, requires_grad=True)
    results = []
    for function in (loss, loss.reference):
        found = function(difference, torch.zeros(21))
        results.append((found, *torch.autograd.grad(found[:2].sum(), difference)))
    torch.testing.assert_close(*results, equal_nan=True)


@pytest.mark.parametrize("loss", [charbonnier_loss, cauchy_loss, geman_mcclure_loss, welsch_loss])
def test_the_mean_of_nothing_is_zero(loss: object) -> None:
    assert loss(torch.zeros(0, 3), torch.zeros(0, 3), "mean") == 0
