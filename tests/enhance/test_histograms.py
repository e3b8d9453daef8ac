# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator
from typing import Any

import kornia.enhance as kornia
import numpy as np
import pytest
import torch
from torch import Tensor

from foveal import use_kernels
from foveal.enhance import histogram, histogram2d, image_histogram2d
from foveal.enhance.histograms import KERNELS
from tests.contract import Contract, Make, Sample, call

WAYS = pytest.mark.parametrize("enabled", [True, False], ids=["kernel", "reference"])


class TestHistogram(Contract):
    operation = staticmethod(histogram)
    oracle = staticmethod(kornia.histogram)

    def samples(self, make: Make) -> Iterator[Sample]:
        bins = make.tensor(torch.linspace(0, 1, 9))
        yield call(make.uniform(2, 20), bins, make.tensor(0.125))
        yield call(make.uniform(3, 7), bins, make.tensor(0.5), epsilon=0.25)
        yield call(make.uniform(1, 1), make.tensor([0.25, 1.0, 0.5]), make.tensor(0.25))
        yield call(make.uniform(0, 5), bins, make.tensor(0.125))

    def large(self, make: Make) -> Iterator[Sample]:
        yield call(make.uniform(3, 20_000), make.tensor(torch.linspace(0, 1, 37)), make.tensor(0.05))
        yield call(make.uniform(2, 9_001), make.tensor(torch.linspace(0, 1, 256)), make.tensor(0.003))

    def special(self, make: Make) -> Iterator[Sample]:
        yield call(make.tensor(torch.full((1, 3), 1000.0)), make.tensor([0.0, 1.0]), make.tensor(0.1))
        yield call(make.uniform(1, 0), make.tensor([0.0, 1.0]), make.tensor(0.1))

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        x, bins, one = make.uniform(2, 5), make.uniform(3), make.tensor(0.1)
        first = "x1" if self.operation is histogram2d else "x"
        pair = (x, x) if self.operation is histogram2d else (x,)
        flat = (x[0], x[0]) if self.operation is histogram2d else (x[0],)
        yield ValueError, rf"{first} must have shape \(B, D\), got \(5,\)", call(*flat, bins, one)
        yield ValueError, r"bins must have shape \(N\), got \(1, 3\)", call(*pair, bins[None], one)
        yield ValueError, r"bandwidth must have one element, got shape \(2,\)", call(*pair, bins, one.expand(2))
        yield TypeError, "bandwidth must be a torch.Tensor, got float", call(*pair, bins, 0.1)


class TestHistogram2d(TestHistogram):
    operation = staticmethod(histogram2d)

    def oracle(self, *args: Tensor, **kwargs: float) -> Tensor:
        # Kornia does not read its epsilon.
        return NotImplemented if "epsilon" in kwargs else kornia.histogram2d(*args)

    def samples(self, make: Make) -> Iterator[Sample]:
        bins = make.tensor(torch.linspace(0, 1, 5))
        yield call(make.uniform(2, 20), make.uniform(2, 20), bins, make.tensor(0.25))
        yield call(make.uniform(3, 7), make.uniform(3, 7), bins, make.tensor(0.5), epsilon=0.25)
        yield call(make.uniform(0, 5), make.uniform(0, 5), bins, make.tensor(0.25))

    def large(self, make: Make) -> Iterator[Sample]:
        bins = make.tensor(torch.linspace(0, 1, 19))
        yield call(make.uniform(3, 5000), make.uniform(3, 5000), bins, make.tensor(0.06))

    def special(self, make: Make) -> Iterator[Sample]:
        far = make.tensor(torch.full((1, 3), 1000.0))
        yield call(far, far, make.tensor([0.0, 1.0]), make.tensor(0.1))


class TestImageHistogram2d(Contract):
    operation = staticmethod(image_histogram2d)
    # Counts of half precision images pass its largest number, and its resolution.
    widened = (0, 1)

    def oracle(self, *args: Any, **kwargs: Any) -> Any:
        return kornia.image_histogram2d(*args, **kwargs)

    def samples(self, make: Make) -> Iterator[Sample]:
        def image(*shape: int) -> Tensor:
            # Between the multiples of 1 / 16, where a kernel may have a kink.
            return (make.integers(0, 16, *shape) / 16 + 1 / 64 + make.integers(0, 3, *shape) / 256).to(make.device)

        for kernel in ("triangular", "gaussian", "epanechnikov"):  # a uniform one has no gradient
            shapes = ((2, 3, 4, 5), (6, 7)) if kernel == "triangular" else ((3, 5, 4),)
            for shape in shapes:
                pixels = image(*shape).to(make.dtype)
                yield call(pixels, 0.0, 1.0, 8, return_pdf=True, kernel=kernel)
                yield call(pixels, 0.0, 1.0, 4, bandwidth=0.5, kernel=kernel, eps=2.0, return_pdf=True)
                yield call(pixels, n_bins=8, bandwidth=0.125, centers=make.tensor([0.5, 0.0, 0.75]), kernel=kernel)
        yield call(image(0, 3, 4).to(make.dtype), 0.0, 1.0, 8)

    def large(self, make: Make) -> Iterator[Sample]:
        for kernel in ("triangular", "epanechnikov", "gaussian"):
            yield call(make.uniform(2, 3, 65, 67), 0.0, 1.0, 32, return_pdf=True, kernel=kernel)
        yield call(make.uniform(2, 65, 67) * 255)
        yield call(make.uniform(2, 65, 67), 0.0, 1.0, 31, kernel="uniform")
        yield call(make.uniform(2, 65, 67), bandwidth=0.3, centers=make.uniform(9), return_pdf=True)
        yield call(make.uniform(1, 65, 67), 0.25, 0.75, 16, 0.2, kernel="triangular", return_pdf=True)

    def special(self, make: Make) -> Iterator[Sample]:
        for kernel in KERNELS:
            yield call(make.tensor(torch.full((1, 3, 3), 1000.0)), 0.0, 1.0, 4, return_pdf=True, kernel=kernel)
            yield call(make.tensor(torch.full((1, 3, 3), 0.125)), 0.0, 1.0, 4, return_pdf=True, kernel=kernel)

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        image = make.uniform(3, 3)
        yield TypeError, "image must be a torch.Tensor, got list", call([1.0])
        wanted = "image must have a floating-point dtype or be uint8, got torch.int64"
        yield TypeError, wanted, call(make.integers(0, 2, 3, 3))
        yield ValueError, "image must have shape .H, W., .C, H, W. or .B, C, H, W., got .3,.", call(image[0])
        yield ValueError, "kernel must be one of 'triangular', 'gaussian'", call(image, kernel="box")
        yield ValueError, "bandwidth must be positive, got -2", call(image, bandwidth=-2.0)
        yield ValueError, r"centers must have shape \(n_bins\), got \(3, 3\)", call(image, centers=image)
        yield ValueError, "got 0 bins from 0.0 to 255.0", call(image, n_bins=0)
        yield ValueError, "got 4 bins from 1.0 to 1.0", call(image, 1.0, 1.0, 4)


@WAYS
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.uint8], ids=str)
def test_whole_levels_are_counted_exactly(dtype: torch.dtype, enabled: bool) -> None:
    image = torch.randint(0, 256, (2, 40, 50)).to(dtype)
    with use_kernels(enabled):
        counts, _ = image_histogram2d(image, -0.5, 255.5)
    expected = np.stack([np.bincount(plane.ravel().astype(int), minlength=256) for plane in image.numpy()])
    assert np.array_equal(counts.numpy(), expected)


@WAYS
def test_the_mass_of_triangles_is_the_number_of_pixels(enabled: bool) -> None:
    image = torch.rand(2, 3, 50, 60) * 0.5 + 0.25
    with use_kernels(enabled):
        counts, shares = image_histogram2d(image, 0.0, 1.0, 16, return_pdf=True)
        near = histogram(image.flatten(2)[0], torch.linspace(0, 1, 16), torch.tensor(0.1))
        joint = histogram2d(image[0].flatten(1), image[1].flatten(1), torch.linspace(0, 1, 16), torch.tensor(0.1))
    torch.testing.assert_close(counts.sum(-1), torch.full((2, 3), 3000.0))
    torch.testing.assert_close(shares.sum(-1), torch.ones(2, 3))
    torch.testing.assert_close(near.sum(-1), torch.ones(3))
    torch.testing.assert_close(joint.sum((-2, -1)), torch.ones(3))
    torch.testing.assert_close(
        joint.sum(-1), histogram(image[0].flatten(1), torch.linspace(0, 1, 16), torch.tensor(0.1)), rtol=0.1, atol=0.01
    )


@WAYS
def test_nothing_near_the_bins_gives_zeros(enabled: bool) -> None:
    with use_kernels(enabled):
        for x in (torch.full((1, 3), 1000.0), torch.zeros(1, 0)):
            assert histogram(x, torch.tensor([0.5, 1.0]), torch.tensor([0.01])).tolist() == [[0, 0]]


@WAYS
def test_epsilon_is_added_to_the_sum_of_all_pairs(enabled: bool) -> None:
    one, bins = torch.zeros(1, 1), torch.zeros(1)
    with use_kernels(enabled):
        assert histogram2d(one, one, bins, torch.tensor(1.0), epsilon=1.0).item() == 0.5
        assert histogram(one, bins, torch.tensor(1.0), epsilon=1.0).item() == 0.5


@WAYS
def test_a_bandwidth_has_one_element_of_any_shape(enabled: bool) -> None:
    x, bins = torch.rand(2, 30), torch.linspace(0, 1, 5)
    with use_kernels(enabled):
        found = histogram(x, bins, torch.tensor([0.1]))
        assert torch.equal(found, histogram(x, bins, torch.tensor(0.1)))
