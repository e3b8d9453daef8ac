# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator
from typing import Any

import cv2
import kornia.filters as kornia
import pytest
import skimage.data
import skimage.filters
import torch

from foveal import use_kernels
from foveal.filters import OtsuThreshold, otsu_threshold
from tests.contract import Contract, Make, Sample, call
from tests.filters.photographs import grey_photographs, photograph

WAYS = pytest.mark.parametrize("enabled", [True, False], ids=["kernel", "reference"])


class TestOtsuThreshold(Contract):
    operation = staticmethod(otsu_threshold)
    module_form = OtsuThreshold
    # In half precision neighbouring values fall together, and may be split elsewhere.
    half = False

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(make.uniform(2, 3, 6, 7))
        yield call(make.normal(2, 3, 6, 7), 16)
        yield call(make.normal(5, 7), nbins=2)
        yield call(make.uniform(9))
        yield call(make.uniform(3, 5, 4), 8)
        yield call(make.uniform(1, 2, 2, 3, 4), 8)
        yield call(make.uniform(0, 4, 4))

    def large(self, make: Make) -> Iterator[Sample]:
        yield call(make.normal(3, 3, 83, 91))
        yield call(make.normal(1, 3, 83, 91) * 100, 37)

    def oracle(self, *args: Any, **kwargs: Any) -> Any:
        return kornia.otsu_threshold(*args, **kwargs)

    def special(self, make: Make) -> Iterator[Sample]:
        for value in (0.0, 3.0):
            yield call(make.tensor(torch.full((2, 4, 4), value)))
            yield call(make.tensor(torch.full((2, 4, 4), value)), 8, True)
        yield call(make.tensor([[2.0]]))

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        image = make.uniform(4, 4)
        yield TypeError, "x must be a torch.Tensor, got list", call([1.0])
        yield TypeError, "x must hold real numbers, got torch.bool", call(image > 0)
        yield ValueError, "x must have at most five dimensions, got shape", call(image.reshape(1, 1, 1, 1, 4, 4))
        yield ValueError, "nbins must be at least 2, got 1", call(image, 1)
        yield TypeError, "nbins must be an integer, got float", call(image, 8.0)


class TestSlowOtsuThreshold(TestOtsuThreshold):
    # The gradient of the threshold is not the derivative of its value, which jumps.
    differentiable = False

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(make.uniform(2, 3, 6, 7), 16, True)
        yield call(make.uniform(2, 6, 7), 8, True, True)
        yield call(make.uniform(2, 6, 7), 256, False, True)

    def large(self, make: Make) -> Iterator[Sample]:
        return iter(())


@WAYS
def test_photographs_equal_opencvs_and_scikit_images(enabled: bool) -> None:
    for image in [*grey_photographs(), photograph()]:
        for channel in image[0]:
            threshold, expected = cv2.threshold(channel.numpy(), 0, 255, cv2.THRESH_TOZERO | cv2.THRESH_OTSU)
            with use_kernels(enabled):
                kept, found = otsu_threshold(channel)
                mask, _ = otsu_threshold(channel, return_mask=True)
            assert found.dtype is kept.dtype is torch.uint8
            assert found.item() == threshold == skimage.filters.threshold_otsu(channel.numpy())
            assert torch.equal(kept, torch.from_numpy(expected))
            assert torch.equal(mask, channel > found)


def test_a_bin_per_integer_splits_where_kornias_bins_do_not() -> None:
    coins = torch.from_numpy(skimage.data.coins())
    assert otsu_threshold(coins)[1].tolist() == otsu_threshold(coins.int())[1].tolist() == [107]
    assert kornia.otsu_threshold(coins)[1].tolist() == [106]


@WAYS
@pytest.mark.parametrize("dtype", [torch.int8, torch.int16, torch.int32, torch.int64])
def test_wide_integers_equal_kornias(dtype: torch.dtype, enabled: bool) -> None:
    bound = torch.iinfo(dtype).max if dtype is torch.int8 else 10_000
    values = torch.randint(-bound, bound, (2, 20, 20), generator=torch.Generator().manual_seed(0)).to(dtype)
    with use_kernels(enabled):
        found = otsu_threshold(values, 64)
    for actual, expected in zip(found, kornia.otsu_threshold(values, 64), strict=True):
        assert torch.equal(actual, expected)


@WAYS
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_thresholds_part_the_classes(dtype: torch.dtype, enabled: bool) -> None:
    generator = torch.Generator().manual_seed(0)
    low, high = torch.rand(2, 4, 500, generator=generator)
    values = torch.cat([low, high + 3], dim=1).to(dtype)
    with use_kernels(enabled):
        mask, threshold = otsu_threshold(values.unsqueeze(1), return_mask=True)
    assert threshold.dtype is dtype
    assert torch.equal(mask.squeeze(1), values > 2)


def test_the_gradient_of_the_threshold_is_kornias() -> None:
    image = torch.rand(2, 3, 9, 8, dtype=torch.float64, generator=torch.Generator().manual_seed(0)).requires_grad_()
    weights = torch.rand(2, 3, 9, 8, dtype=torch.float64)
    for nbins in (2, 16, 256):
        gradients = []
        for function in (otsu_threshold, kornia.otsu_threshold):
            kept, threshold = function(image, nbins, slow_and_differentiable=True)
            gradients.append(torch.autograd.grad((kept * weights).sum() + (threshold**2).sum(), image)[0])
        torch.testing.assert_close(*gradients, rtol=1e-9, atol=1e-9)
