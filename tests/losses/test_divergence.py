# SPDX-License-Identifier: Apache-2.0
import math
from collections.abc import Iterator

import pytest
import torch
from scipy.spatial.distance import jensenshannon
from scipy.stats import entropy
from torch import Tensor

from foveal.losses import js_div_loss_2d, kl_div_loss_2d
from tests.contract import Contract, Make, Sample, call

REDUCE = {"none": lambda values: values, "mean": Tensor.mean, "sum": Tensor.sum}


def heatmaps(make: Make, *shape: int) -> Tensor:
    """Return random maps that sum to one, none of their pixels so small that half precision tells."""
    maps = make.uniform(*shape, low=0.5)
    return maps / maps.sum((-2, -1), keepdim=True)


class TestKlDivLoss2d(Contract):
    operation = staticmethod(kl_div_loss_2d)

    def oracle(self, pred: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
        values = entropy(target.flatten(2).numpy(), pred.flatten(2).numpy(), axis=-1)
        return REDUCE[reduction](torch.as_tensor(values))

    def samples(self, make: Make) -> Iterator[Sample]:
        for reduction in ("mean", "sum", "none"):
            yield call(heatmaps(make, 2, 3, 4, 5), heatmaps(make, 2, 3, 4, 5), reduction=reduction)
        yield call(heatmaps(make, 1, 1, 1, 1), heatmaps(make, 1, 1, 1, 1))

    def special(self, make: Make) -> Iterator[Sample]:
        one = make.tensor([[[[0.0, 0.0, 1.0]]]])
        yield call(make.tensor([[[[0.25, 0.25, 0.5]]]]), one)
        yield call(one, one)
        yield call(make.tensor(torch.zeros(1, 1, 2, 2)), make.tensor(torch.zeros(1, 1, 2, 2)))

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        maps = heatmaps(make, 2, 3, 4, 5)
        yield TypeError, "pred must be a torch.Tensor, got list", call([1.0], maps)
        yield TypeError, "target must have a floating-point dtype", call(maps, make.integers(0, 2, 2, 3, 4, 5))
        yield ValueError, r"pred must have shape \(B, C, H, W\), got \(4, 5\)", call(maps[0, 0], maps[0, 0])
        yield ValueError, r"target must have shape \(2, 3, 4, 5\), got \(1, 3, 4, 5\)", call(maps, maps[:1])
        yield (
            ValueError,
            "reduction must be one of 'none', 'mean', 'sum', got 'batchmean'",
            call(maps, maps, "batchmean"),
        )

    def test_least_float16_number_has_a_logarithm(self) -> None:
        tiny = torch.tensor([[[[6e-8, 1.0]]]], dtype=torch.float16)
        loss = self.operation(tiny, tiny.flip(-1))
        torch.testing.assert_close(loss.double(), self.oracle(tiny.double(), tiny.double().flip(-1)), rtol=1e-3, atol=0)

    def test_zero_in_the_prediction_alone_is_infinitely_wrong(self) -> None:
        if self.operation is kl_div_loss_2d:
            assert kl_div_loss_2d(torch.tensor([[[[0.0, 1.0]]]]), torch.tensor([[[[0.5, 0.5]]]])) == math.inf

    def test_empty_batch_sums_to_zero(self) -> None:
        assert self.operation(torch.zeros(0, 2, 3, 3), torch.zeros(0, 2, 3, 3), "sum") == 0

    @pytest.mark.parametrize("other", [torch.float16, torch.float64])
    def test_mixed_precision_is_promoted(self, other: torch.dtype) -> None:
        maps = heatmaps(Make(torch.float32), 1, 2, 3, 3)
        assert self.operation(maps, maps.to(other)).dtype == torch.promote_types(torch.float32, other)

    def test_gradient_leads_to_the_target(self) -> None:
        target = heatmaps(Make(torch.float64), 1, 1, 3, 4)
        scores = torch.zeros(1, 1, 3, 4, dtype=torch.float64, requires_grad=True)
        optimizer = torch.optim.LBFGS([scores], lr=0.5, max_iter=50)

        def closure() -> Tensor:
            optimizer.zero_grad()
            loss = self.operation(scores.flatten(2).softmax(-1).view_as(target), target)
            loss.backward()
            return loss

        optimizer.step(closure)
        torch.testing.assert_close(scores.detach().flatten(2).softmax(-1).view_as(target), target, rtol=1e-3, atol=0)


class TestJsDivLoss2d(TestKlDivLoss2d):
    operation = staticmethod(js_div_loss_2d)

    def oracle(self, pred: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
        values = jensenshannon(pred.flatten(2).numpy(), target.flatten(2).numpy(), axis=-1) ** 2
        return REDUCE[reduction](torch.as_tensor(values))

    def special(self, make: Make) -> Iterator[Sample]:
        yield from super().special(make)
        first, second = make.tensor([[[[0.0, 0.0, 1.0]]]]), make.tensor([[[[0.0, 1.0, 0.0]]]])
        yield call(first, second)
        yield call(second, first)

    @pytest.mark.parametrize("precision", [torch.float16, torch.bfloat16, torch.float32, torch.float64], ids=str)
    def test_maps_that_share_no_pixel_are_ln_2_apart(self, precision: torch.dtype) -> None:
        first, second = Make(precision).tensor([[[[0.0, 0.25, 0.75]]]]), Make(precision).tensor([[[[1.0, 0.0, 0.0]]]])
        for pair in ((first, second), (second, first)):
            torch.testing.assert_close(js_div_loss_2d(*pair), Make(precision).tensor(math.log(2)))
