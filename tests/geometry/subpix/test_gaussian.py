# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator

import kornia
import pytest
import torch
from torch import Tensor

from foveal.geometry.subpix import render_gaussian2d, spatial_expectation2d
from tests.contract import Contract, Make, Sample, call


class TestRenderGaussian2d(Contract):
    operation = staticmethod(render_gaussian2d)

    def oracle(self, mean: Tensor, std: Tensor, size: tuple[int, int], normalized_coordinates: bool = True) -> Tensor:
        return kornia.geometry.subpix.render_gaussian2d(mean, std, size, normalized_coordinates)

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(make.uniform(2, 3, 2, low=-1), make.uniform(2, 3, 2, low=0.3), size=(5, 7))
        yield call(make.uniform(4, 2, high=6), make.uniform(1, 2, low=0.5), size=(6, 4), normalized_coordinates=False)
        yield call(make.uniform(2), make.uniform(2, low=0.5), size=(1, 5))
        yield call(make.uniform(2), make.uniform(3, 1, 2, low=0.5), size=(1, 1))
        yield call(make.uniform(0, 2), make.uniform(1, 2), size=(3, 3))

    def special(self, make: Make) -> Iterator[Sample]:
        for normalized in (True, False):
            yield call(make.tensor([[3.0, -20.0], [1e4, 1e4]]), make.tensor([0.5, 0.5]), (4, 5), normalized)
            yield call(make.tensor([0.3, 1.0]), make.tensor([0.0, 1e-7]), (4, 5), normalized)
            yield call(make.tensor([0.5, 0.5]), make.tensor([1e4, 1e4]), (4, 5), normalized)

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        mean, std = make.uniform(2), make.uniform(2)
        yield TypeError, "mean must be a torch.Tensor, got list", call([0.0, 0.0], std, (3, 3))
        yield TypeError, "std must have a floating-point dtype", call(mean, make.integers(1, 2, 2), (3, 3))
        yield TypeError, "size must be a tuple of 2 integers, got int", call(mean, std, 3)
        yield ValueError, r"mean must have shape \(\*, 2\), got \(3,\)", call(make.uniform(3), std, (3, 3))
        yield ValueError, r"std must have shape \(\*, 2\), got \(1,\)", call(mean, make.uniform(1), (3, 3))
        yield ValueError, "size must be 2 integers of at least 1", call(mean, std, (3, 0))

    def test_std_is_a_standard_deviation_along_x_then_y(self) -> None:
        heatmap = render_gaussian2d(torch.tensor([20.3, 24.6]), torch.tensor([2.0, 3.0]), (48, 40), False)
        x, y = torch.arange(40.0), torch.arange(48.0)
        column, row = heatmap.sum(0), heatmap.sum(1)
        torch.testing.assert_close(torch.stack([(column * x).sum(), (row * y).sum()]), torch.tensor([20.3, 24.6]))
        spread = torch.stack([(column * (x - 20.3) ** 2).sum(), (row * (y - 24.6) ** 2).sum()]).sqrt()
        torch.testing.assert_close(spread, torch.tensor([2.0, 3.0]))

    def test_expectation_gives_the_mean_back(self) -> None:
        mean = torch.rand(5, 2) * 0.6 - 0.3
        heatmap = render_gaussian2d(mean, torch.tensor([0.1, 0.1]), (65, 81))
        torch.testing.assert_close(spatial_expectation2d(heatmap[None])[0], mean)

    @pytest.mark.parametrize("precision", [torch.float16, torch.bfloat16, torch.float32, torch.float64], ids=str)
    @pytest.mark.parametrize("distance", [3.0, 50.0, 6e4])
    def test_mean_outside_leaves_its_mass_at_the_border(self, precision: torch.dtype, distance: float) -> None:
        mean, std = torch.tensor([4 + distance, 1.0], dtype=precision), torch.tensor([0.25, 0.25], dtype=precision)
        heatmap = render_gaussian2d(mean, std, (3, 5), False)
        torch.testing.assert_close(heatmap[1, 4].item(), 1.0, rtol=0, atol=2e-2)
        torch.testing.assert_close(heatmap.sum().item(), 1.0, rtol=0, atol=1e-2)

    def test_far_mean_keeps_the_slope_of_its_tail(self) -> None:
        # The ratio of neighbours is exp(-(2 * distance + 1) / (2 * std^2)): squares of 1e4 would lose it in float32.
        heatmap = render_gaussian2d(torch.tensor([10003.0, 0.0]), torch.tensor([100.0, 1.0]), (1, 4), False)
        expected = torch.tensor([-10003.0, -10002.0, -10001.0, -10000.0]).double().square() / -2e4
        torch.testing.assert_close(heatmap[0].double(), expected.softmax(0), rtol=1e-5, atol=0)

    def test_zero_std_is_the_nearest_pixel(self) -> None:
        heatmap = render_gaussian2d(torch.tensor([2.4, 0.9]), torch.zeros(2), (3, 5), False)
        assert heatmap.nonzero().tolist() == [[1, 2]]
        assert heatmap.sum() == 1
