# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator

import kornia.filters as kornia
import numpy as np
import pytest
import scipy.ndimage
import torch

from foveal.filters import convolve3d, correlate3d, filter3d
from tests.contract import Make, Sample, call
from tests.filters.case import BORDERS, FilterCase, inner_product_error


class TestFilter3d(FilterCase):
    operation = staticmethod(filter3d)
    peer = staticmethod(kornia.filter3d)
    axes = 3

    def samples(self, make: Make) -> Iterator[Sample]:
        volume = make.uniform(2, 2, 3, 4, 5)
        yield call(volume, make.normal(1, 3, 3, 3))
        yield call(volume, make.normal(2, 3, 3, 5), "replicate", True)
        for border_type in BORDERS:
            yield call(volume, make.normal(1, 2, 4, 3), border_type=border_type)
        yield call(volume, make.normal(1, 7, 3, 3), border_type="reflect")
        yield call(make.uniform(1, 1, 1, 1, 1), make.normal(1, 3, 3, 3))
        yield call(make.uniform(0, 2, 3, 3, 3), make.normal(1, 3, 3, 3))

    def large(self, make: Make) -> Iterator[Sample]:
        volume = make.uniform(2, 2, 9, 21, 45)
        for border_type in BORDERS:
            yield call(volume, make.normal(1, 3, 5, 3) / 7, border_type=border_type)
        yield call(volume, make.normal(2, 2, 3, 4) / 5, normalized=True)

    def special(self, make: Make) -> Iterator[Sample]:
        yield call(make.uniform(1, 1, 3, 4, 5), make.tensor(torch.zeros(1, 3, 3, 3)), normalized=True)

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        volume, kernel = make.uniform(2, 1, 4, 4, 4), make.normal(1, 3, 3, 3)
        yield TypeError, "input must be a torch.Tensor, got list", call([1.0], kernel)
        yield ValueError, r"input must have shape \(B, C, D, H, W\), got \(1, 4, 4, 4\)", call(volume[0], kernel)
        yield ValueError, r"kernel must have shape \(1 or B, kD, kH, kW\)", call(volume, kernel[0])
        yield ValueError, "kernel must hold 1 or 2 kernels, .*, got 3", call(volume, kernel.expand(3, 3, 3, 3))
        yield ValueError, "border_type must be one of .*, got 'zeros'", call(volume, kernel, "zeros")


class TestCorrelate3d(TestFilter3d):
    operation = staticmethod(correlate3d)
    peer = staticmethod(kornia.correlate3d)


class TestConvolve3d(TestFilter3d):
    operation = staticmethod(convolve3d)
    peer = staticmethod(kornia.convolve3d)


@pytest.mark.parametrize(
    ("border_type", "mode"),
    [("reflect", "mirror"), ("replicate", "nearest"), ("circular", "wrap"), ("constant", "constant")],
)
def test_borders_as_scipy(border_type: str, mode: str) -> None:
    volume, kernel = torch.rand(5, 6, 7, dtype=torch.float64), torch.randn(3, 5, 3, dtype=torch.float64)
    expected = scipy.ndimage.correlate(volume.numpy(), kernel.numpy(), mode=mode)
    found = filter3d(volume[None, None], kernel[None], border_type)[0, 0]
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("border_type", BORDERS)
def test_adjoint_has_the_same_inner_product(border_type: str) -> None:
    kernel = torch.randn(1, 3, 4, 5)
    assert inner_product_error(lambda volume: filter3d(volume, kernel, border_type), torch.randn(2, 2, 7, 8, 33)) < 1e-6


@pytest.mark.parametrize("border_type", BORDERS)
def test_gradient_to_the_kernel_as_in_float64(border_type: str) -> None:
    volume, kernel = torch.rand(2, 2, 9, 21, 45), torch.randn(1, 3, 5, 3)
    found, wanted = (
        torch.autograd.grad(filter3d(volume.to(dtype), leaf, border_type).square().sum(), leaf)[0]
        for dtype in (torch.float32, torch.float64)
        for leaf in [kernel.to(dtype).requires_grad_()]
    )
    assert (found - wanted).abs().max() < 1e-5 * wanted.abs().max()


def test_integers_are_filtered_as_float32() -> None:
    volume, kernel = (torch.rand(1, 1, 3, 4, 5) * 9).byte(), torch.rand(1, 3, 3, 3)
    torch.testing.assert_close(filter3d(volume, kernel), filter3d(volume.float(), kernel))
