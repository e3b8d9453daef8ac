# SPDX-License-Identifier: Apache-2.0
from collections.abc import Callable, Iterator
from typing import Any

import kornia.metrics
import pytest
import torch
from torch import Tensor

from foveal.metrics import (
    kitti_d1_error,
    mean_absolute_disparity_error,
    mean_bad_pixel_error,
    root_mean_squared_disparity_error,
)
from tests.contract import Contract, Make, Sample, call

ALL = [kitti_d1_error, mean_absolute_disparity_error, mean_bad_pixel_error, root_mean_squared_disparity_error]


class TestMeanAbsoluteDisparityError(Contract):
    operation = staticmethod(mean_absolute_disparity_error)
    thresholds: tuple[str, ...] = ()

    def oracle(self, *args: Any, **kwargs: Any) -> Tensor:
        return getattr(kornia.metrics, self.operation.__name__)(*args, **kwargs)

    def pair(self, make: Make, *shape: int) -> tuple[Tensor, Tensor]:
        right = make.uniform(*shape, low=1, high=60)
        # Steps of 1 / 2 off the thresholds, however they are rounded.
        return right + make.integers(-9, 9, *shape) + 0.25, right

    def samples(self, make: Make) -> Iterator[Sample]:
        for reduction in ("mean", "sum", "none"):
            yield call(*self.pair(make, 2, 4, 5), reduction=reduction)
            mask = make.integers(0, 3, 4, 1)
            yield call(*self.pair(make, 2, 4, 5), valid_mask=mask > 0, reduction=reduction)
            yield call(*self.pair(make, 2, 4, 5), valid_mask=mask, reduction=reduction)
        yield call(*self.pair(make, 0, 5), reduction="none")
        for name in self.thresholds:
            yield call(*self.pair(make, 2, 4, 5), **{name: 0.7})

    def large(self, make: Make) -> Iterator[Sample]:
        mask = make.integers(0, 5, 3, 81, 97) > 0
        yield call(*self.pair(make, 3, 81, 97))
        yield call(*self.pair(make, 3, 81, 97), valid_mask=mask)
        yield call(*self.pair(make, 3, 81, 97), valid_mask=mask, reduction="none")
        # Where all pixels count, kernels of pixelwise errors take large maps only.
        yield call(*self.pair(make, 1025, 1031))
        yield call(*self.pair(make, 1025, 1031), reduction="none")

    def special(self, make: Make) -> Iterator[Sample]:
        right, left = self.pair(make, 3, 4)
        yield call(left, left)
        yield call(left, left, reduction="sum")
        yield call(right + 300, torch.zeros_like(left))
        yield call(left, right, valid_mask=left < 0, reduction="sum")

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        maps = make.normal(2, 3)
        yield TypeError, "input must be a torch.Tensor, got list", call([1.0], maps)
        yield TypeError, "target must have a floating-point dtype", call(maps, maps.int())
        yield ValueError, r"target must have shape \(2, 3\), got \(1, 3\)", call(maps, maps[:1])
        yield TypeError, "valid_mask must be a torch.Tensor, got bool", call(maps, maps, valid_mask=True)
        yield ValueError, "valid_mask must broadcast", call(maps, maps, valid_mask=maps[:, :2])
        yield ValueError, "valid_mask must broadcast", call(maps, maps, valid_mask=maps[None])
        yield ValueError, "reduction must be one of", call(maps, maps, reduction="max")
        for name in self.thresholds:
            yield TypeError, f"{name} must be a number, got str", call(maps, maps, **{name: "3"})


class TestRootMeanSquaredDisparityError(TestMeanAbsoluteDisparityError):
    operation = staticmethod(root_mean_squared_disparity_error)


class TestMeanBadPixelError(TestMeanAbsoluteDisparityError):
    operation = staticmethod(mean_bad_pixel_error)
    thresholds = ("threshold",)
    differentiable = False
    half = False  # a sum of roundings: pixels change sides


class TestKittiD1Error(TestMeanBadPixelError):
    operation = staticmethod(kitti_d1_error)
    thresholds = ("abs_threshold", "rel_threshold")


@pytest.mark.parametrize("error", ALL)
def test_no_pixel_has_no_mean(error: Callable[..., Tensor]) -> None:
    maps = torch.rand(40, 50)
    assert error(maps, maps + 9, valid_mask=maps > 2).isnan()
    assert error(maps[:0], maps[:0]).isnan()
    assert error(maps[:0], maps[:0], reduction="sum") == 0


@pytest.mark.parametrize("error", ALL)
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_summed_in_float32(error: Callable[..., Tensor], dtype: torch.dtype) -> None:
    left, right = torch.full((200, 300), 400.0, dtype=dtype), torch.full((200, 300), 4.0, dtype=dtype)
    found, expected = error(left, right), error(left.float(), right.float())
    assert found.dtype is dtype
    torch.testing.assert_close(found.float(), expected, rtol=4e-3, atol=0)


def test_kittis_pixels_without_truth_go_by_the_absolute_threshold() -> None:
    left, right = torch.tensor([1.0, 4.0, 108.0, torch.nan]), torch.tensor([0.0, 0.0, 100.0, 1.0])
    assert kitti_d1_error(left, right, reduction="none").tolist() == [0, 1, 1, 0]
    assert mean_bad_pixel_error(left, right, reduction="none").tolist() == [0, 1, 1, 0]


def test_masked_nan_does_not_count() -> None:
    left = torch.tensor([1.0, torch.nan], requires_grad=True)
    for error in (mean_absolute_disparity_error, root_mean_squared_disparity_error):
        loss = error(left, torch.zeros(2), valid_mask=torch.tensor([True, False]))
        assert loss == 1
        assert torch.autograd.grad(loss, left)[0].tolist() == [1, 0]
