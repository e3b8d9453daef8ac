# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from foveal.peaks import integral_regression
from tests.contract import Contract, Make, Sample, call


class TestIntegralRegression(Contract):
    operation = staticmethod(integral_regression)

    def oracle(self, cms: Tensor, xv: Tensor, yv: Tensor) -> tuple[Tensor, Tensor]:
        x_hat, y_hat = np.zeros(cms.shape[:2]), np.zeros(cms.shape[:2])
        for place in np.ndindex(*cms.shape[:2]):
            weights = cms[place].numpy()
            x_hat[place] = np.average(xv.numpy(), weights=weights.sum(0))
            y_hat[place] = np.average(yv.numpy(), weights=weights.sum(1))
        return torch.tensor(x_hat), torch.tensor(y_hat)

    def samples(self, make: Make) -> Iterator[Sample]:
        five, three = make.tensor([-2, -1, 0, 1, 2]), make.tensor([-1, 0, 1])
        yield call(make.uniform(2, 3, 5, 5), five, five)
        yield call(make.uniform(2, 1, 3, 5), five * 2 + 7, three)
        yield call(make.uniform(1, 2, 1, 1), five[:1], three[:1])
        yield call(make.uniform(0, 2, 3, 5), five, three)

    def special(self, make: Make) -> Iterator[Sample]:
        offsets = make.tensor([-1, 0, 1])
        yield call(make.tensor(torch.zeros(1, 1, 3, 3)), offsets, offsets)
        yield call(make.tensor([[[[1, -1, 0], [0, 0, 0], [0, 0, 0]]]]), offsets, offsets)

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        maps, offsets = make.uniform(1, 1, 3, 3), make.tensor([-1, 0, 1])
        yield TypeError, "cms must have a floating-point dtype, got torch.int64", call(maps.long(), offsets, offsets)
        yield TypeError, "xv must have a floating-point dtype, got torch.int64", call(maps, offsets.long(), offsets)
        yield TypeError, "yv must be a torch.Tensor, got list", call(maps, offsets, [-1.0, 0.0, 1.0])
        yield ValueError, r"cms must have shape \(samples", call(maps[0], offsets, offsets)
        yield ValueError, r"xv must have shape \(3\), got \(2,?\)", call(maps, offsets[:2], offsets)
        yield ValueError, r"yv must have shape \(3\), got \(2,?\)", call(maps, offsets, offsets[:2])

    def test_weights_that_cancel_give_the_middle_of_the_grid(self) -> None:
        x, y = integral_regression(torch.zeros(1, 2, 3, 4), torch.arange(4.0), torch.arange(3.0))
        assert x.tolist() == [[1.5, 1.5]]
        assert y.tolist() == [[1.0, 1.0]]

    def test_is_biased_towards_the_middle_of_a_window(self) -> None:
        # A Gaussian of sigma 2.5 that lies 0.4 to the right, seen through five pixels.
        offsets = torch.arange(-2.0, 3.0)
        window = torch.exp(-((offsets - 0.4) ** 2)[None] / 12.5 - (offsets**2)[:, None] / 12.5)
        x, _ = integral_regression(window[None, None], offsets, offsets)
        assert 0.10 < x.item() < 0.12
