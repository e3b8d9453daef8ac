# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator
from functools import partial

import cv2
import kornia.filters as kornia
import numpy as np
import pytest
import skimage.filters
import torch

from foveal._op import Operation
from foveal.filters import GaussianBlur2d, UnsharpMask, gaussian_blur2d, unsharp_mask
from tests.contract import Make, Sample, call
from tests.filters.case import BORDERS, FilterCase, inner_product_error, invalid_border
from tests.morphology.case import image_of, photograph, rows_of

OPENCV = {
    "reflect": cv2.BORDER_REFLECT_101,
    "constant": cv2.BORDER_CONSTANT,
    "replicate": cv2.BORDER_REPLICATE,
}


class TestGaussianBlur2d(FilterCase):
    operation = staticmethod(gaussian_blur2d)
    peer = staticmethod(kornia.gaussian_blur2d)
    module_form = GaussianBlur2d

    def samples(self, make: Make) -> Iterator[Sample]:
        image = make.uniform(2, 2, 6, 7)
        yield call(image, 3, (1.0, 1.5))
        yield call(image, (3, 5), make.tensor([[0.7, 1.1]]))
        yield call(image, (5, 3), make.tensor([[0.7, 1.1], [1.5, 0.9]]), "replicate")
        for border_type in BORDERS:
            yield call(image, (5, 7), (1.0, 2.0), border_type=border_type)
            yield call(make.uniform(1, 2, 4, 5), (9, 11), (2.0, 3.0), border_type=border_type)
        yield call(make.uniform(1, 1, 1, 1), 3, (1.0, 1.0))
        yield call(make.uniform(0, 2, 3, 3), 3, (1.0, 1.0))

    def large(self, make: Make) -> Iterator[Sample]:
        image = make.uniform(2, 3, 83, 71)
        for border_type in BORDERS:
            yield call(image, (5, 7), (1.0, 1.5), border_type=border_type)
        yield call(make.uniform(1, 2, 70, 300), 31, (6.0, 5.0))
        yield call(image, 5, make.tensor([[0.7, 1.1], [1.5, 0.9]]))
        yield call(make.uniform(1, 1, 300, 150), (1, 5), (1.0, 1.0))

    def special(self, make: Make) -> Iterator[Sample]:
        image = make.uniform(1, 1, 5, 5)
        yield call(image, 3, (1e-30, 1e4))
        yield call(image, 3, make.tensor([[0.0, 1e-30]]))

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        image = make.uniform(2, 1, 4, 4)
        yield from invalid_border(make, 3, (1.0, 1.0))
        yield ValueError, "kernel_size must be odd, got 4", call(image, 4, (1.0, 1.0))
        yield ValueError, "kernel_size must be 2 integers of at least 1", call(image, (3, 3, 3), (1.0, 1.0))
        yield TypeError, "kernel_size must be a tuple of 2 integers, got float", call(image, 3.0, (1.0, 1.0))
        yield TypeError, "sigma must be a tuple of two numbers or a tensor, got float", call(image, 3, 1.0)
        yield ValueError, r"sigma must be two numbers \(y, x\), got \(1.0,\)", call(image, 3, (1.0,))
        yield ValueError, "sigma must be positive, got 0", call(image, 3, (1.0, 0.0))
        yield ValueError, r"sigma must have shape \(1 or B, 2\), got \(2,\)", call(image, 3, make.tensor([1.0, 1.0]))
        yield ValueError, "sigma must hold 1 or 2 pairs, .*, got 3", call(image, 3, make.tensor([[1.0, 1.0]] * 3))

    def test_tiny_sigma_changes_nothing(self) -> None:
        image = torch.rand(1, 2, 20, 30)
        blurred = self.operation(image, 5, (1e-20, 1e-20))
        torch.testing.assert_close(blurred, image)

    @pytest.mark.parametrize("border_type", BORDERS)
    def test_inner_product(self, border_type: str) -> None:
        for shape, size in (((2, 3, 40, 33), 5), ((1, 2, 19, 150), (3, 31)), ((2, 1, 5, 6), 13), ((1, 1, 90, 9), 7)):
            blurred = partial(self.operation, kernel_size=size, sigma=(2.0, 3.0), border_type=border_type)
            assert inner_product_error(blurred, torch.randn(shape)) < 1e-6


class TestUnsharpMask(TestGaussianBlur2d):
    operation = staticmethod(unsharp_mask)
    peer = staticmethod(kornia.unsharp_mask)
    module_form = UnsharpMask

    def test_as_scikit_image(self) -> None:
        image = torch.rand(1, 1, 40, 50, dtype=torch.float64)
        expected = skimage.filters.unsharp_mask(image[0, 0].numpy(), radius=1.0, amount=1.0, preserve_range=True)
        found = unsharp_mask(image, 9, (1.0, 1.0))[0, 0]
        np.testing.assert_allclose(found[5:-5, 5:-5].numpy(), expected[5:-5, 5:-5], atol=1e-4)


@pytest.mark.parametrize("border_type", OPENCV)
def test_as_opencv(border_type: str) -> None:
    image = photograph().float() / 255
    for size, sigma in (((5, 5), (1.5, 1.5)), ((31, 31), (6.0, 6.0)), ((3, 9), (0.8, 2.0))):
        expected = cv2.GaussianBlur(rows_of(image), size[::-1], sigma[1], None, sigma[0], OPENCV[border_type])
        found = gaussian_blur2d(image, size, sigma, border_type)
        torch.testing.assert_close(found, image_of(expected), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("border_type", OPENCV)
def test_bytes_as_opencv(border_type: str) -> None:
    image = photograph()
    for size, sigma in (((5, 5), (1.5, 1.5)), ((31, 31), (6.0, 6.0)), ((3, 9), (0.8, 2.0))):
        expected = image_of(cv2.GaussianBlur(rows_of(image), size[::-1], sigma[1], None, sigma[0], OPENCV[border_type]))
        found = gaussian_blur2d(image, size, sigma, border_type)
        assert found.dtype is torch.uint8
        assert (found.int() - expected.int()).abs().max() <= 1
        reference = gaussian_blur2d.reference(image, size, sigma, border_type)
        difference = (found.int() - reference.int()).abs()
        assert difference.max() <= 1
        assert difference.float().mean() < 1e-3


def test_other_integers_are_blurred_as_float32() -> None:
    image = (torch.rand(1, 2, 5, 6) * 100).int()
    torch.testing.assert_close(gaussian_blur2d(image, 3, (1.0, 1.0)), gaussian_blur2d(image.float(), 3, (1.0, 1.0)))
    sharp = unsharp_mask(image.byte(), 3, (1.0, 1.0))
    torch.testing.assert_close(sharp, unsharp_mask(image.float(), 3, (1.0, 1.0)))


@pytest.mark.parametrize("operation", [gaussian_blur2d, unsharp_mask])
def test_gradient_to_sigma(operation: Operation[..., torch.Tensor]) -> None:
    image, sigma, found = torch.rand(2, 3, 83, 71), torch.tensor([[0.7, 1.1], [1.5, 0.9]]), []
    for function, dtype in ((operation, torch.float32), (operation.reference, torch.float64)):
        leaf = sigma.to(dtype).requires_grad_()
        result = function(image.to(dtype), (5, 7), leaf)
        weights = torch.linspace(-1, 1, result.numel(), dtype=dtype).view(result.shape)
        found.append(torch.autograd.grad((result * weights).sum(), leaf)[0].double())
    torch.testing.assert_close(*found, rtol=1e-4, atol=1e-4)
