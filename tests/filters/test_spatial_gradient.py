# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator
from typing import Any

import cv2
import kornia.filters as kornia
import pytest
import torch

from foveal.filters import SpatialGradient, SpatialGradient3d, spatial_gradient, spatial_gradient3d
from tests.contract import Contract, Make, Sample, call
from tests.filters.case import inner_product_error
from tests.filters.photographs import photograph

MODES = [("sobel", 1), ("diff", 1), ("sobel", 2), ("diff", 2)]
OPTIONS = [(*mode, normalized) for mode in MODES for normalized in (True, False)]


class TestSpatialGradient(Contract):
    operation = staticmethod(spatial_gradient)
    module_form = SpatialGradient

    def oracle(self, *args: Any, **kwargs: Any) -> Any:
        return kornia.spatial_gradient(*args, **kwargs)

    def samples(self, make: Make) -> Iterator[Sample]:
        for options in OPTIONS:
            yield call(make.uniform(1, 2, 6, 7), *options)
        for height, width in ((1, 1), (1, 5), (4, 1), (2, 2), (3, 2)):
            yield call(make.uniform(2, 1, height, width))
            yield call(make.uniform(1, 1, height, width), "Diff", normalized=False)
        yield call(make.uniform(0, 2, 3, 3))

    def large(self, make: Make) -> Iterator[Sample]:
        for options in OPTIONS:
            yield call(make.uniform(2, 3, 53, 71), *options)

    def special(self, make: Make) -> Iterator[Sample]:
        yield call(make.tensor(torch.ones(1, 1, 4, 4)))

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        image = make.uniform(1, 1, 4, 4)
        yield TypeError, "input must be a torch.Tensor, got list", call([1.0])
        yield TypeError, "input must hold real numbers, got torch.complex64", call(image.to(torch.complex64))
        yield ValueError, r"input must have shape \(B, C, H, W\), got \(1, 4, 4\)", call(image[0])
        yield ValueError, "mode must be one of 'sobel', 'diff', got 'scharr'", call(image, "scharr")
        yield ValueError, "order must be one of 1, 2, got 3", call(image, order=3)


@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32])
def test_photograph_equals_opencvs(dtype: torch.dtype) -> None:
    image = photograph().to(dtype)
    found = spatial_gradient(image, normalized=False)[0]
    for channel in range(3):
        rows = image[0, channel].numpy()
        for place, (x, y) in enumerate(((1, 0), (0, 1))):
            expected = cv2.Sobel(rows, cv2.CV_32F, x, y, ksize=3, borderType=cv2.BORDER_REPLICATE)
            assert torch.equal(found[channel, place], torch.from_numpy(expected))


@pytest.mark.parametrize("options", OPTIONS)
def test_adjoint_has_the_same_inner_product(options: Any) -> None:
    for height, width in ((61, 83), (1, 7), (7, 1), (2, 3), (4, 5)):
        assert inner_product_error(lambda x: spatial_gradient(x, *options), torch.randn(2, 3, height, width)) < 1e-6


def test_gradient_of_a_sum_is_that_of_ones() -> None:
    for height, width in ((37, 41), (2, 2), (1, 3)):
        image = torch.randn(2, 3, height, width, requires_grad=True)
        result = spatial_gradient(image)
        (of_sum,) = torch.autograd.grad(result.sum(), image, retain_graph=True)
        (of_ones,) = torch.autograd.grad(result, image, torch.ones_like(result))
        torch.testing.assert_close(of_sum, of_ones)


class TestSpatialGradient3d(Contract):
    operation = staticmethod(spatial_gradient3d)
    module_form = SpatialGradient3d

    def oracle(self, *args: Any, **kwargs: Any) -> Any:
        return kornia.spatial_gradient3d(*args, **kwargs)

    def samples(self, make: Make) -> Iterator[Sample]:
        for order in (1, 2):
            yield call(make.uniform(1, 2, 4, 5, 6), "diff", order)
            for shape in ((1, 1, 1), (1, 3, 2), (2, 1, 4), (3, 2, 1)):
                yield call(make.uniform(1, 1, *shape), order=order)
        yield call(make.uniform(0, 2, 3, 3, 3), "DIFF")

    def large(self, make: Make) -> Iterator[Sample]:
        for order in (1, 2):
            yield call(make.uniform(2, 2, 7, 33, 41), order=order)

    def special(self, make: Make) -> Iterator[Sample]:
        yield call(make.tensor(torch.ones(1, 1, 2, 3, 4)))

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        volume = make.uniform(1, 1, 2, 3, 4)
        yield TypeError, "input must be a torch.Tensor, got list", call([1.0])
        yield TypeError, "input must hold real numbers, got torch.complex64", call(volume.to(torch.complex64))
        yield ValueError, r"input must have shape \(B, C, D, H, W\), got \(1, 2, 3, 4\)", call(volume[0])
        yield ValueError, "mode must be one of 'diff', got 'sobel'", call(volume, "sobel")
        yield ValueError, "order must be one of 1, 2, got 3", call(volume, order=3)


def test_gradient_of_a_sum_over_volumes_is_that_of_ones() -> None:
    for shape in ((5, 37, 41), (1, 1, 3), (2, 1, 1), (1, 1, 1)):
        volume = torch.randn(2, 2, *shape, requires_grad=True)
        result = spatial_gradient3d(volume)
        (of_sum,) = torch.autograd.grad(result.sum(), volume, retain_graph=True)
        (of_ones,) = torch.autograd.grad(result, volume, torch.ones_like(result))
        torch.testing.assert_close(of_sum, of_ones)


@pytest.mark.parametrize("order", [1, 2])
def test_adjoint_of_volumes_has_the_same_inner_product(order: int) -> None:
    for shape in ((7, 23, 31), (1, 5, 1), (2, 1, 3), (3, 2, 2)):
        assert inner_product_error(lambda x: spatial_gradient3d(x, order=order), torch.randn(2, 2, *shape)) < 1e-6


@pytest.mark.parametrize("order", [1, 2])
def test_integers_are_taken_as_float32(order: int) -> None:
    volume = torch.randint(0, 9, (1, 2, 3, 4, 5))
    for function, values in ((spatial_gradient, volume[0]), (spatial_gradient3d, volume)):
        found = function(values, order=order)
        assert found.dtype is torch.float32
        assert torch.equal(found, function(values.float(), order=order))
