# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator

import pytest
import torch
from torch import Tensor

from foveal.peaks import find_offsets_local_direction, refine_peaks_local_direction
from tests.contract import Contract, Make, Sample, call


def step(before: float, after: float, delta: float) -> float:
    return delta * ((after > before) - (after < before))


class TestFindOffsetsLocalDirection(Contract):
    operation = staticmethod(find_offsets_local_direction)

    def oracle(self, centered_patches: Tensor, delta: float = 0.25) -> Tensor:
        steps = [[step(p[0][1], p[2][1], delta), step(p[1][0], p[1][2], delta)] for [p] in centered_patches.tolist()]
        return torch.tensor(steps).view(-1, 2)

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(make.uniform(7, 1, 3, 3))
        yield call(make.uniform(3, 1, 3, 3), delta=0.125)
        yield call(make.uniform(3, 1, 3, 3), 0.5)
        yield call(make.uniform(0, 1, 3, 3))

    def special(self, make: Make) -> Iterator[Sample]:
        yield call(make.tensor(torch.ones(2, 1, 3, 3)))

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        yield TypeError, "centered_patches must have a floating-point", call(make.integers(0, 2, 1, 1, 3, 3))
        yield ValueError, r"centered_patches must have shape \(n, 1, 3, 3\)", call(make.uniform(2, 1, 5, 5))
        yield ValueError, "delta must be positive, got 0", call(make.uniform(2, 1, 3, 3), 0)

    def test_equal_neighbours_give_no_step(self) -> None:
        patch = torch.tensor([[0.0, 1.0, 0.0], [1.0, 3.0, 2.0], [0.0, 1.0, 0.0]])
        assert find_offsets_local_direction(patch.view(1, 1, 3, 3), 0.25).tolist() == [[0.0, 0.25]]
        assert find_offsets_local_direction(patch.T.reshape(1, 1, 3, 3), 0.25).tolist() == [[0.25, 0.0]]


class TestRefinePeaksLocalDirection(Contract):
    operation = staticmethod(refine_peaks_local_direction)
    # Every result is a subscript and a quarter: exact, but for bfloat16, which knows 8.75 to 1/32.
    tolerance = {**dict.fromkeys(Contract.tolerance, 0.0), torch.bfloat16: 4e-2}

    def oracle(self, imgs: Tensor, peaks: Tensor, delta: float = 0.25) -> Tensor:
        refined = peaks.double()
        for peak in refined:
            sample, row, column, channel = (round(subscript) for subscript in peak.tolist())
            plane = imgs[sample, channel]
            if 0 < row < imgs.shape[2] - 1:
                peak[1] += step(plane[row - 1, column].item(), plane[row + 1, column].item(), delta)
            if 0 < column < imgs.shape[3] - 1:
                peak[2] += step(plane[row, column - 1].item(), plane[row, column + 1].item(), delta)
        return refined

    def samples(self, make: Make) -> Iterator[Sample]:
        maps = make.uniform(2, 3, 7, 6)
        bounds = torch.tensor([2, 7, 6, 3], device=make.device)
        peaks = make.integers(0, 1000, 20, 4) % bounds
        yield call(maps, peaks)
        yield call(maps, peaks.int(), delta=0.5)
        yield call(maps, peaks[:0])

    def special(self, make: Make) -> Iterator[Sample]:
        yield call(make.tensor(torch.ones(1, 1, 1, 1)), make.integers(0, 1, 2, 4))

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        maps, peaks = make.uniform(2, 1, 5, 5), make.integers(0, 1, 3, 4)
        yield TypeError, "imgs must have a floating-point dtype, got torch.int64", call(maps.long(), peaks)
        yield ValueError, r"imgs must have shape \(samples", call(maps[0], peaks)
        yield TypeError, "peaks must be a torch.Tensor, got list", call(maps, [[0, 0, 0, 0]])
        yield ValueError, r"peaks must have shape \(n, 4\)", call(maps, peaks[:, :2])
        yield ValueError, "delta must be positive, got -1", call(maps, peaks, -1)

    def test_floating_subscripts_keep_dtype_and_gradient(self) -> None:
        maps = torch.tensor([[0.0, 1.0, 0.0], [1.0, 3.0, 2.0], [0.0, 1.0, 0.0]]).view(1, 1, 3, 3)
        peaks = torch.tensor([[0.0, 1.0, 1.0, 0.0]], dtype=torch.float64, requires_grad=True)
        refined = refine_peaks_local_direction(maps, peaks)
        assert refined.dtype == torch.float64
        assert refined.tolist() == [[0.0, 1.0, 1.25, 0.0]]
        assert torch.autograd.grad(refined.sum(), peaks)[0].tolist() == [[1.0, 1.0, 1.0, 1.0]]

    def test_fractional_peaks_step_alike_in_kernel_and_reference(self) -> None:
        maps = torch.rand(2, 3, 9, 8)
        peaks = torch.rand(200, 4) * torch.tensor([1.0, 12.0, 11.0, 2.0]) - torch.tensor([0.0, 2.0, 2.0, 0.0])
        peaks[:, [0, 3]] = peaks[:, [0, 3]].round()
        peaks[7] = torch.tensor([1.0, float("nan"), 3.5, 0.0])
        peaks[8] = torch.tensor([-1.0, 4.0, 1e9, -1.0])
        refined = refine_peaks_local_direction(maps, peaks)
        expected = refine_peaks_local_direction.reference(maps, peaks)
        torch.testing.assert_close(refined, expected, equal_nan=True, rtol=0, atol=0)

    def test_subscripts_out_of_range_raise(self) -> None:
        for place in (0, 3):
            peaks = torch.zeros(2, 4, dtype=torch.int64)
            peaks[1, place] = 2
            with pytest.raises(IndexError):
                refine_peaks_local_direction(torch.rand(2, 2, 5, 5), peaks)

    def test_peaks_of_the_border_are_not_drawn_inwards(self) -> None:
        maps = torch.tensor([[9.0, 5.0, 1.0], [8.0, 4.0, 1.0], [1.0, 1.0, 1.0]]).view(1, 1, 3, 3)
        assert refine_peaks_local_direction(maps, torch.tensor([[0, 0, 0, 0]])).tolist() == [[0.0, 0.0, 0.0, 0.0]]
