# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator

import kornia.metrics
import pytest
import torch

from foveal.metrics import AEPE, aepe, average_endpoint_error
from tests.contract import Contract, Make, Sample, call


class TestAepe(Contract):
    operation = staticmethod(aepe)
    module_form = AEPE
    oracle = staticmethod(kornia.metrics.aepe)

    def samples(self, make: Make) -> Iterator[Sample]:
        for reduction in ("mean", "sum", "none"):
            yield call(make.normal(2, 3, 5, 2), make.normal(2, 3, 5, 2), reduction=reduction)
            yield call(make.normal(2), make.normal(2), reduction=reduction)
        yield call(make.normal(0, 4, 2), make.normal(0, 4, 2), reduction="none")
        yield call(make.normal(3, 2), make.integers(0, 5, 3, 2))

    def large(self, make: Make) -> Iterator[Sample]:
        for reduction in ("mean", "none"):
            yield call(make.normal(3, 81, 97, 2), make.normal(3, 81, 97, 2), reduction=reduction)

    def special(self, make: Make) -> Iterator[Sample]:
        flow = make.normal(3, 4, 2)
        for reduction in ("mean", "sum", "none"):
            yield call(flow, flow, reduction=reduction)
            yield call(make.tensor([[3e4, 0.0]]), make.tensor([[0.0, 4e4]]), reduction=reduction)

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        flow = make.normal(2, 2)
        yield TypeError, "input must be a torch.Tensor, got list", call([1.0, 2.0], flow)
        yield ValueError, r"input must have shape \(\*, 2\), got \(2, 3\)", call(make.normal(2, 3), flow)
        yield ValueError, r"target must have shape \(2, 2\), got \(1, 2\)", call(flow, flow[:1])
        yield ValueError, "reduction must be one of", call(flow, flow, "max")


def test_mean_of_none_is_nan() -> None:
    assert aepe(torch.zeros(0, 2), torch.zeros(0, 2)).isnan()
    assert aepe(torch.zeros(0, 2), torch.zeros(0, 2), "sum") == 0


def test_it_has_two_names() -> None:
    assert average_endpoint_error is aepe


@pytest.mark.parametrize("size", [1, 40, 5_000])
def test_equal_vectors_have_no_gradient(size: int) -> None:
    flow = torch.randn(size, 2)
    moved = flow.clone()
    moved[::3] += torch.tensor([3.0, 4.0])
    (gradient,) = torch.autograd.grad(aepe(moved.requires_grad_(), flow, "sum"), moved)
    expected = torch.zeros(size, 2)
    expected[::3] = torch.tensor([0.6, 0.8])
    torch.testing.assert_close(gradient, expected, rtol=1e-4, atol=1e-4)


def test_nan_is_kept() -> None:
    flow = torch.full((33, 2), torch.nan)
    assert aepe(flow, flow).isnan()
    assert aepe(flow, flow, "none").isnan().all()
