# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator
from functools import partial

import kornia.filters as kornia
import numpy as np
import pytest
import scipy.ndimage
import torch

from foveal.filters import convolve2d, correlate2d, filter2d, filter2d_separable
from tests.contract import Make, Sample, call
from tests.filters.case import BORDERS, FilterCase, inner_product_error, invalid_border, taps_gradient_error


class TestFilter2d(FilterCase):
    operation = staticmethod(filter2d)
    peer = staticmethod(kornia.filter2d)

    def samples(self, make: Make) -> Iterator[Sample]:
        image = make.uniform(2, 2, 6, 7)
        yield call(image, make.normal(1, 3, 3))
        yield call(image, make.normal(2, 3, 5), "replicate", True)
        for border_type in BORDERS:
            for padding in ("same", "valid"):
                yield call(image, make.normal(1, 2, 4), border_type=border_type, padding=padding)
            yield call(make.uniform(1, 2, 4, 5), make.normal(1, 9, 7), border_type=border_type)
        yield call(image, make.normal(1, 3, 2), "constant")
        yield call(make.uniform(1, 1, 1, 1), make.normal(1, 3, 3))
        yield call(make.uniform(0, 2, 3, 3), make.normal(1, 3, 3))

    def large(self, make: Make) -> Iterator[Sample]:
        image = make.uniform(2, 3, 83, 71)
        for border_type in BORDERS:
            yield call(image, make.normal(1, 7, 7) / 7, border_type=border_type)
            yield call(image[..., :4, :], make.normal(2, 5, 5) / 5, border_type=border_type)
            yield call(image[..., :3, :45], make.normal(1, 3, 3) / 3, border_type=border_type)
        yield call(image, make.normal(2, 3, 3), "reflect", True)
        yield call(image, make.normal(2, 4, 6) / 5, padding="valid")
        yield call(make.uniform(1, 1, 300, 150), make.normal(1, 1, 1))

    def special(self, make: Make) -> Iterator[Sample]:
        yield call(make.uniform(1, 1, 4, 5), make.tensor(torch.zeros(1, 3, 3)), normalized=True)

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        image, kernel = make.uniform(2, 1, 4, 4), make.normal(1, 3, 3)
        yield from invalid_border(make, kernel)
        yield TypeError, "kernel must be a torch.Tensor, got int", call(image, 3)
        yield ValueError, r"kernel must have shape \(1 or B, kH, kW\), got \(3, 3\)", call(image, kernel[0])
        yield ValueError, "kernel must hold 1 or 2 kernels, .*, got 3", call(image, kernel.expand(3, 3, 3))
        yield ValueError, r"kernel must have at least one tap, got shape \(1, 3, 0\)", call(image, kernel[..., :0])
        yield ValueError, "padding must be one of 'same', 'valid', got 'full'", call(image, kernel, padding="full")
        yield (
            ValueError,
            r"input must be at least as large as the kernel \(5, 3\)",
            call(image, make.normal(1, 5, 3), padding="valid"),
        )

    def test_an_impulse_shows_the_anchor(self) -> None:
        image = torch.zeros(1, 1, 7, 7)
        image[..., 3, 3] = 1
        kernel = torch.arange(1.0, 9).view(1, 2, 4)
        expected = kernel[0] if self.operation is convolve2d else kernel[0].flip(0, 1)
        # The anchor of an even kernel is the tap before the middle, turned or not.
        found = self.operation(image, kernel)[0, 0, 2:4, 1:5]
        torch.testing.assert_close(found, expected)

    @pytest.mark.parametrize("border_type", BORDERS)
    def test_inner_product(self, border_type: str) -> None:
        for shape, taps in (((2, 3, 40, 33), (7, 7)), ((1, 2, 19, 150), (4, 3)), ((2, 1, 5, 6), (13, 11))):
            filtered = partial(self.operation, kernel=torch.randn(shape[0], *taps), border_type=border_type)
            assert inner_product_error(filtered, torch.randn(shape)) < 1e-6


class TestCorrelate2d(TestFilter2d):
    operation = staticmethod(correlate2d)
    peer = staticmethod(kornia.correlate2d)


class TestConvolve2d(TestFilter2d):
    operation = staticmethod(convolve2d)
    peer = staticmethod(kornia.convolve2d)


class TestFilter2dSeparable(FilterCase):
    operation = staticmethod(filter2d_separable)
    peer = staticmethod(kornia.filter2d_separable)

    def samples(self, make: Make) -> Iterator[Sample]:
        image = make.uniform(2, 2, 6, 7)
        yield call(image, make.normal(1, 3), make.normal(1, 3))
        yield call(image, make.normal(2, 3), make.normal(1, 5), "replicate", True)
        yield call(image, make.normal(1, 3), make.normal(2, 2), "constant")
        yield call(image, make.normal(2, 2), make.normal(1, 3), "constant")
        for border_type in BORDERS:
            for padding in ("same", "valid"):
                yield call(image, make.normal(1, 4), make.normal(1, 2), border_type=border_type, padding=padding)
            yield call(make.uniform(1, 2, 4, 5), make.normal(1, 7), make.normal(1, 9), border_type=border_type)
        yield call(make.uniform(1, 1, 1, 1), make.normal(1, 3), make.normal(1, 3))
        yield call(make.uniform(0, 2, 3, 3), make.normal(1, 3), make.normal(1, 3))

    def large(self, make: Make) -> Iterator[Sample]:
        image = make.uniform(2, 3, 83, 71)
        for border_type in BORDERS:
            yield call(image, make.normal(1, 7) / 3, make.normal(1, 5) / 3, border_type=border_type)
        yield call(image, make.normal(2, 6) / 3, make.normal(2, 3) / 3, padding="valid")
        yield call(make.uniform(1, 1, 70, 300), make.normal(1, 31) / 6, make.normal(1, 21) / 6)

    def special(self, make: Make) -> Iterator[Sample]:
        zeros = make.tensor(torch.zeros(1, 3))
        yield call(make.uniform(1, 1, 4, 5), zeros, zeros, normalized=True)

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        image, taps = make.uniform(2, 1, 4, 4), make.normal(1, 3)
        yield from invalid_border(make, taps, taps)
        yield TypeError, "kernel_x must be a torch.Tensor, got int", call(image, 3, taps)
        yield ValueError, r"kernel_y must have shape \(1 or B, kH\), got \(3,\)", call(image, taps, taps[0])
        yield ValueError, "kernel_x must hold 1 or 2 kernels, .*, got 3", call(image, taps.expand(3, 3), taps)
        yield ValueError, "padding must be one of 'same', 'valid', got 'full'", call(image, taps, taps, padding="full")
        yield ValueError, "as large as the kernel", call(image, taps, make.normal(1, 5), padding="valid")

    def test_equals_the_outer_product(self) -> None:
        image, across, down = torch.rand(2, 3, 30, 40), torch.randn(2, 6), torch.randn(1, 5)
        expected = filter2d(image, down[:, :, None] * across[:, None, :], "circular")
        torch.testing.assert_close(filter2d_separable(image, across, down, "circular"), expected, rtol=1e-5, atol=1e-5)

    @pytest.mark.parametrize("border_type", BORDERS)
    def test_inner_product(self, border_type: str) -> None:
        for shape, taps in (((2, 3, 40, 33), (7, 7)), ((1, 2, 19, 150), (4, 3)), ((2, 1, 5, 6), (13, 11))):
            across, down = torch.randn(1, taps[1]), torch.randn(shape[0], taps[0])
            filtered = partial(filter2d_separable, kernel_x=across, kernel_y=down, border_type=border_type)
            assert inner_product_error(filtered, torch.randn(shape)) < 1e-6


@pytest.mark.parametrize(
    ("border_type", "mode"),
    [("reflect", "mirror"), ("replicate", "nearest"), ("circular", "wrap"), ("constant", "constant")],
)
def test_borders_as_scipy(border_type: str, mode: str) -> None:
    image, kernel = torch.rand(1, 1, 20, 30), torch.randn(1, 5, 7)
    expected = scipy.ndimage.correlate(image[0, 0].double().numpy(), kernel[0].double().numpy(), mode=mode)
    found = filter2d(image, kernel, border_type)[0, 0]
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-5, atol=1e-5)


def test_borders_wider_than_the_image() -> None:
    image, kernel = torch.rand(1, 1, 3, 4, dtype=torch.float64), torch.randn(1, 15, 19, dtype=torch.float64)
    expected = scipy.ndimage.correlate(image[0, 0].numpy(), kernel[0].numpy(), mode="mirror")
    np.testing.assert_allclose(filter2d(image, kernel)[0, 0].numpy(), expected, rtol=1e-12)


@pytest.mark.parametrize("dtype", [torch.uint8, torch.int64, torch.bool])
def test_integers_are_filtered_as_float32(dtype: torch.dtype) -> None:
    image, kernel = (torch.rand(1, 2, 5, 6) * 2).to(dtype), torch.rand(1, 3, 3)
    assert filter2d(image, kernel).dtype is torch.float32
    torch.testing.assert_close(filter2d(image, kernel), filter2d(image.float(), kernel))
    torch.testing.assert_close(filter2d(image, torch.ones(1, 3, 3).long()), filter2d(image, torch.ones(1, 3, 3)))


def test_nan_stays_within_the_window() -> None:
    image = torch.zeros(1, 1, 40, 40)
    image[..., 20, 20] = torch.nan
    broken = filter2d(image, torch.ones(1, 5, 3)).isnan()
    assert broken.sum() == 15
    assert broken[..., 18:23, 19:22].all()


@pytest.mark.parametrize("border_type", BORDERS)
def test_gradients_to_taps(border_type: str) -> None:
    for shape in ((2, 3, 83, 71), (1, 1, 5, 200), (2, 1, 4, 3)):
        image, batch = torch.rand(shape), shape[0]
        for operation in (filter2d, convolve2d):
            for taps in (torch.randn(1, 7, 7), torch.randn(batch, 4, 3)):
                assert taps_gradient_error(operation, image, taps) < 1e-7
        assert taps_gradient_error(filter2d_separable, image, torch.randn(batch, 7), torch.randn(1, 4)) < 1e-7


@pytest.mark.parametrize("side", [3, 5, 7])
def test_every_width_and_height(side: int) -> None:
    kernels = torch.randn(2, side, side)
    for width in (*range(30, 60), 79, 80, 81, 200):
        image = torch.rand(2, 2, 1 + width % 9, width)
        for border_type in BORDERS:
            found, expected = (f(image, kernels, border_type) for f in (filter2d, filter2d.reference))
            torch.testing.assert_close(found, expected, rtol=1e-5, atol=2e-5)
