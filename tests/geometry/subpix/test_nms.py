# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator

import kornia
import numpy as np
import pytest
import scipy.ndimage
import torch

from foveal.geometry.subpix import NonMaximaSuppression2d, NonMaximaSuppression3d, nms2d, nms3d, nms3d_minmax
from tests.contract import Contract, Make, Sample, call


class TestNms2d(Contract):
    operation = staticmethod(nms2d)
    module_form = NonMaximaSuppression2d
    oracle = staticmethod(kornia.geometry.subpix.nms2d)

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(make.normal(2, 3, 5, 7), (3, 3))
        for window in ((5, 3), (1, 3), (2, 4), (1, 1), (9, 9)):
            yield call(make.normal(2, 1, 6, 7), window)
        yield call(make.normal(1, 2, 1, 1), (3, 3))
        yield call(make.normal(0, 2, 4, 4), (3, 3))

    def large(self, make: Make) -> Iterator[Sample]:
        for window in ((3, 3), (3, 7), (15, 2)):
            yield call(make.normal(3, 5, 65, 67), window)
        yield call(make.normal(1, 1, 20, 2500), (3, 3))

    def special(self, make: Make) -> Iterator[Sample]:
        yield call(make.tensor(torch.ones(1, 1, 5, 5)), (3, 3))

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        yield TypeError, "input must be a torch.Tensor, got list", call([1.0], (3, 3))
        yield ValueError, r"input must have shape \(B, C, H, W\), got \(3, 3\)", call(make.normal(3, 3), (3, 3))
        maps = make.normal(1, 1, 4, 4)
        yield TypeError, "kernel_size must be a tuple of 2 integers, got int", call(maps, 3)
        yield ValueError, "kernel_size must be 2 integers of at least 1", call(maps, (0, 3))
        yield ValueError, "kernel_size must be 2 integers of at least 1", call(maps, (3, 3, 3))


class TestNms2dMask(TestNms2d):
    operation = staticmethod(nms2d)
    differentiable = False

    def samples(self, make: Make) -> Iterator[Sample]:
        for sample in super().samples(make):
            yield Sample((*sample.args, True))
        # Plateaus of every size.
        yield call(make.tensor(make.integers(0, 3, 3, 2, 9, 9)), (3, 3), mask_only=True)
        extreme = make.normal(1, 1, 9, 9)
        extreme[0, 0, 3, 3], extreme[0, 0, 6, 2], extreme[0, 0, 5, 6] = torch.nan, torch.inf, -torch.inf
        for window in ((3, 3), (5, 2)):
            yield call(extreme, window, mask_only=True)
            yield call(-extreme, window, mask_only=True)

    def large(self, make: Make) -> Iterator[Sample]:
        for sample in super().large(make):
            yield Sample((*sample.args, True))

    @pytest.mark.parametrize("window", [(3, 3), (5, 3), (2, 2), (4, 7), (1, 6)])
    @pytest.mark.parametrize("shape", [(5, 7), (6, 8), (16, 3), (64, 65)])
    def test_one_border_rule_for_every_window_and_size(self, window: tuple[int, int], shape: tuple[int, int]) -> None:
        maps = np.random.default_rng(0).normal(size=shape).astype(np.float32)
        before, after = [(side - 1) // 2 for side in window], [side // 2 for side in window]
        others = np.ones(window, bool)
        others[before[0], before[1]] = False
        # SciPy centres an even window one pixel later than ours.
        origin = [-1 if side % 2 == 0 else 0 for side in window]
        expected = maps > scipy.ndimage.maximum_filter(maps, footprint=others, origin=origin, mode="constant")
        inside = np.zeros(shape, bool)
        inside[before[0] : shape[0] - after[0], before[1] : shape[1] - after[1]] = True
        actual = nms2d(torch.from_numpy(maps)[None, None], window, mask_only=True)
        np.testing.assert_array_equal(actual[0, 0].numpy(), expected & inside)


class TestNms3d(Contract):
    operation = staticmethod(nms3d)
    module_form = NonMaximaSuppression3d
    oracle = staticmethod(kornia.geometry.subpix.nms3d)

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(make.normal(2, 1, 5, 5, 7), (3, 3, 3))
        for window in ((1, 3, 5), (2, 2, 4), (3, 1, 1), (1, 1, 1), (7, 3, 3)):
            yield call(make.normal(1, 2, 5, 4, 6), window)
        yield call(make.normal(1, 2, 1, 1, 1), (3, 3, 3))
        yield call(make.normal(0, 2, 3, 4, 4), (3, 3, 3))

    def large(self, make: Make) -> Iterator[Sample]:
        for window in ((3, 3, 3), (2, 5, 4)):
            yield call(make.normal(2, 3, 7, 33, 67), window)

    def special(self, make: Make) -> Iterator[Sample]:
        yield call(make.tensor(torch.ones(1, 1, 5, 5, 5)), (3, 3, 3))

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        yield TypeError, "input must be a torch.Tensor, got list", call([1.0], (3, 3, 3))
        yield (
            ValueError,
            r"input must have shape \(B, C, D, H, W\), got \(3, 3\)",
            call(make.normal(3, 3), (3, 3, 3)),
        )
        volume = make.normal(1, 1, 4, 4, 4)
        yield TypeError, "kernel_size must be a tuple of 3 integers, got int", call(volume, 3)
        yield ValueError, "kernel_size must be 3 integers of at least 1", call(volume, (3, 3))


class TestNms3dMask(TestNms3d):
    operation = staticmethod(nms3d)
    differentiable = False

    def samples(self, make: Make) -> Iterator[Sample]:
        for sample in super().samples(make):
            yield Sample((*sample.args, True))
        yield call(make.tensor(make.integers(0, 5, 2, 2, 6, 9, 9)), (3, 3, 3), mask_only=True)
        yield call(extreme_values(make), (3, 3, 3), mask_only=True)
        yield call(-extreme_values(make), (3, 5, 3), mask_only=True)

    def large(self, make: Make) -> Iterator[Sample]:
        for sample in super().large(make):
            yield Sample((*sample.args, True))


class TestNms3dMinmax(Contract):
    operation = staticmethod(nms3d_minmax)
    oracle = staticmethod(kornia.geometry.subpix.nms3d_minmax)
    differentiable = False

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(make.normal(2, 3, 5, 6, 7))
        yield call(make.normal(1, 2, 1, 1, 1))
        yield call(make.normal(0, 2, 3, 4, 4))
        yield call(make.tensor(make.integers(0, 5, 2, 2, 6, 9, 9)))
        yield call(extreme_values(make))

    def large(self, make: Make) -> Iterator[Sample]:
        yield call(make.normal(2, 3, 7, 33, 67))

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        yield TypeError, "input must be a torch.Tensor, got list", call([1.0])
        yield ValueError, r"input must have shape \(B, C, D, H, W\), got \(3, 3\)", call(make.normal(3, 3))


def extreme_values(make: Make) -> torch.Tensor:
    volume = make.normal(1, 1, 7, 9, 9)
    volume[0, 0, 3, 3, 3], volume[0, 0, 2, 6, 2], volume[0, 0, 4, 5, 6] = torch.nan, torch.inf, -torch.inf
    return volume


def test_gradient_reaches_the_maxima_alone() -> None:
    maps = torch.rand(1, 2, 9, 9, requires_grad=True)
    (gradient,) = torch.autograd.grad(nms2d(maps, (3, 3)).sum(), maps)
    assert torch.equal(gradient, nms2d(maps, (3, 3), mask_only=True).float())
    assert gradient.any()


def test_integers_keep_their_type() -> None:
    for dtype in (torch.uint8, torch.int16, torch.int64):
        maps = torch.tensor([[0, 0, 0, 0], [0, 7, 6, 0], [0, 0, 0, 0]], dtype=dtype)[None, None]
        expected = torch.zeros_like(maps)
        expected[0, 0, 1, 1] = 7
        assert torch.equal(nms2d(maps, (3, 3)), expected)
        edge = torch.zeros(1, 1, 3, 3, 3, dtype=dtype)
        edge[0, 0, 0, 0, 0] = 1
        assert not torch.stack([*nms3d_minmax(edge), *nms3d_minmax(-edge)]).any()


def test_no_channels_give_no_maxima() -> None:
    assert nms2d(torch.zeros(1, 0, 5, 5), (5, 3)).shape == (1, 0, 5, 5)
