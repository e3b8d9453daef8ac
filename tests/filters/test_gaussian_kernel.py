# SPDX-License-Identifier: Apache-2.0
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import cv2
import kornia.filters as kornia
import numpy as np
import pytest
import scipy.special
import torch
from torch import Tensor

from foveal.filters import (
    gaussian,
    get_gaussian_discrete_kernel1d,
    get_gaussian_erf_kernel1d,
    get_gaussian_kernel1d,
    get_gaussian_kernel2d,
    get_gaussian_kernel3d,
)
from tests.contract import Contract, Make, Sample, call


class TestGaussian(Contract):
    operation: ClassVar[Callable[..., Any]] = staticmethod(gaussian)
    axes: ClassVar[int] = 1

    def oracle(self, *args: Any, **kwargs: Any) -> Tensor:
        return getattr(kornia, self.operation.__name__)(*args, **kwargs)

    def samples(self, make: Make) -> Iterator[Sample]:
        sigma = make.tensor([[0.7], [1.5]])
        yield call(5, sigma)
        yield call(4, sigma)
        yield call(6, sigma, mean=make.tensor([[1.0], [2.5]]))
        yield call(1, sigma)
        yield call(3, sigma[:0])

    def special(self, make: Make) -> Iterator[Sample]:
        for size in (1, 3, 4):
            yield call(size, make.tensor([[0.0], [1e-30], [1e-5], [1e4]]))
        yield call(3, make.tensor([[1.0]]), mean=make.tensor([[100.0]]))

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        yield ValueError, r"sigma must have shape \(B, 1\), got \(2,\)", call(3, make.tensor([1.0, 2.0]))
        yield TypeError, "dtype must be a floating-point one, got torch.int32", call(3, 1.0, dtype=torch.int32)

    @pytest.mark.parametrize("dtype", [torch.float16, torch.float64])
    def test_dtype_of_a_kernel_by_a_number(self, dtype: torch.dtype) -> None:
        number = self.operation(3, (1.0,) * self.axes if self.axes > 1 else 1.0, dtype=dtype)
        assert number.dtype is dtype
        torch.testing.assert_close(number, self.operation(3, torch.ones(1, self.axes, dtype=dtype)))


class TestGetGaussianKernel1d(TestGaussian):
    operation = staticmethod(get_gaussian_kernel1d)

    def samples(self, make: Make) -> Iterator[Sample]:
        sigma = make.tensor([[0.7], [1.5]])
        yield call(5, sigma)
        yield call(4, sigma, True)
        yield call(1, sigma)
        yield call(21, sigma)
        yield call(3, sigma[:0])

    def special(self, make: Make) -> Iterator[Sample]:
        for size in (1, 3, 4):
            yield call(size, make.tensor([[0.0], [1e-30], [1e-5], [1e4]]), True)

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        yield from super().invalid(make)
        yield TypeError, "kernel_size must be an integer, got float", call(3.0, 1.0)
        yield ValueError, "kernel_size must be positive and odd, got 4", call(4, 1.0)
        yield ValueError, "kernel_size must be positive, got 0", call(0, 1.0, True)


class TestGetGaussianErfKernel1d(TestGetGaussianKernel1d):
    operation = staticmethod(get_gaussian_erf_kernel1d)

    def oracle(self, *args: Any, **kwargs: Any) -> Tensor:
        kernel_size, sigma = args[:2]
        edges = (torch.arange(kernel_size + 1, dtype=torch.float64) - kernel_size / 2) / sigma
        taps = np.diff(scipy.special.ndtr(edges.numpy()))
        return torch.from_numpy(taps / taps.sum(-1, keepdims=True))

    def test_as_kornia(self) -> None:
        sigma = torch.tensor([[0.5], [2.0]], dtype=torch.float64)
        for size in (5, 8):
            expected = kornia.get_gaussian_erf_kernel1d(size, sigma, True)
            torch.testing.assert_close(get_gaussian_erf_kernel1d(size, sigma, True), expected)


class TestGetGaussianDiscreteKernel1d(TestGetGaussianKernel1d):
    operation = staticmethod(get_gaussian_discrete_kernel1d)

    def oracle(self, *args: Any, **kwargs: Any) -> Tensor:
        kernel_size, sigma = args[:2]
        orders = np.abs(np.arange(kernel_size) - kernel_size // 2)
        taps = scipy.special.ive(orders, sigma.numpy() ** 2)
        return torch.from_numpy(taps / taps.sum(-1, keepdims=True))

    def samples(self, make: Make) -> Iterator[Sample]:
        for size in (5, 3, 15):
            yield call(size, make.tensor([[0.7], [1.5], [4.0]]))
        yield call(3, make.tensor([[1.0]])[:0])

    def large(self, make: Make) -> Iterator[Sample]:
        yield call(1, make.tensor([[2.0]]))
        yield call(101, make.tensor([[0.01], [10.0], [30.0]]))

    def special(self, make: Make) -> Iterator[Sample]:
        for size in (1, 3, 7):
            yield call(size, make.tensor([[0.0], [1e-30], [1e-5], [200.0]]))

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        yield ValueError, r"sigma must have shape \(B, 1\), got \(2,\)", call(3, make.tensor([1.0, 2.0]))
        yield TypeError, "dtype must be a floating-point one, got torch.int32", call(3, 1.0, dtype=torch.int32)
        yield TypeError, "kernel_size must be an integer, got float", call(3.0, 1.0)
        yield ValueError, "kernel_size must be positive and odd, got 4", call(4, 1.0, True)

    def test_wide_kernels_in_float64(self) -> None:
        sigma = torch.tensor([[0.3], [5.0], [20.0]], dtype=torch.float64)
        found = get_gaussian_discrete_kernel1d(201, sigma)
        torch.testing.assert_close(found, self.oracle(201, sigma), rtol=1e-9, atol=1e-15)


class TestGetGaussianKernel2d(TestGaussian):
    operation = staticmethod(get_gaussian_kernel2d)
    axes = 2

    def samples(self, make: Make) -> Iterator[Sample]:
        sigma = make.tensor([[0.7, 1.1], [1.5, 0.9]])
        yield call((3, 5), sigma)
        yield call(3, sigma)
        yield call((3, 4), sigma, force_even=True)
        yield call(3, sigma[:0])

    def special(self, make: Make) -> Iterator[Sample]:
        yield call((3, 5), make.tensor([[0.0, 1e-30], [1e-5, 1e4]]))

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        yield ValueError, r"sigma must have shape \(B, 2\), got \(2,\)", call(3, make.tensor([1.0, 2.0]))
        yield TypeError, "dtype must be a floating-point one", call(3, (1.0, 1.0), dtype=torch.int32)
        yield ValueError, "kernel_size must be positive and odd, got 4", call((3, 4), (1.0, 1.0))
        yield ValueError, "kernel_size must be 2 integers of at least 1", call((3, 3, 3), (1.0, 1.0))


class TestGetGaussianKernel3d(TestGaussian):
    operation = staticmethod(get_gaussian_kernel3d)
    axes = 3

    def samples(self, make: Make) -> Iterator[Sample]:
        sigma = make.tensor([[0.7, 1.1, 2.0], [1.5, 0.9, 0.8]])
        yield call((1, 3, 5), sigma)
        yield call(3, sigma)
        yield call((3, 4, 2), sigma, force_even=True)
        yield call(3, sigma[:0])

    def special(self, make: Make) -> Iterator[Sample]:
        yield call((3, 5, 1), make.tensor([[0.0, 1e-30, 1.0], [1e-5, 1e4, 0.0]]))

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        yield ValueError, r"sigma must have shape \(B, 3\), got \(1, 2\)", call(3, make.tensor([[1.0, 2.0]]))
        yield TypeError, "dtype must be a floating-point one", call(3, (1.0, 1.0, 1.0), dtype=torch.int32)
        yield ValueError, "kernel_size must be positive and odd, got 4", call((3, 4, 3), (1.0, 1.0, 1.0))


def test_as_opencv() -> None:
    for size, sigma in ((5, 0.8), (11, 3.0), (31, 6.5)):
        expected = cv2.getGaussianKernel(size, sigma, cv2.CV_64F)[:, 0]
        found = get_gaussian_kernel1d(size, sigma, dtype=torch.float64)[0]
        np.testing.assert_allclose(found.numpy(), expected, rtol=1e-12)


@pytest.mark.parametrize(
    "generator", [gaussian, get_gaussian_kernel1d, get_gaussian_erf_kernel1d, get_gaussian_discrete_kernel1d]
)
def test_tiny_sigma_is_a_delta(generator: Callable[..., Tensor]) -> None:
    for sigma in (0.0, 1e-30, 1e-10):
        torch.testing.assert_close(generator(5, sigma), torch.tensor([[0.0, 0, 1, 0, 0]]), rtol=0, atol=1e-15)
