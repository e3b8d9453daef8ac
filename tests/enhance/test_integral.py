# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator

import cv2
import kornia.enhance as kornia
import numpy as np
import pytest
import torch
from skimage.transform import integral_image as skimage_integral_image

from foveal import use_kernels
from foveal.enhance import IntegralImage, IntegralTensor, integral_image, integral_tensor
from tests.contract import Contract, Make, Sample, call

WAYS = pytest.mark.parametrize("enabled", [True, False], ids=["kernel", "reference"])


class TestIntegralImage(Contract):
    operation = staticmethod(integral_image)
    module_form = IntegralImage
    oracle = staticmethod(kornia.integral_image)

    def samples(self, make: Make) -> Iterator[Sample]:
        for shape in ((2, 3, 5, 7), (6, 9), (1, 1, 1), (2, 1, 2, 4, 3), (0, 3, 4), (2, 1, 19)):
            yield call(make.uniform(*shape))

    def large(self, make: Make) -> Iterator[Sample]:
        yield call(make.uniform(3, 2, 131, 67))
        yield call(make.uniform(1, 1, 259, 130) - 0.5)

    def special(self, make: Make) -> Iterator[Sample]:
        yield call(make.tensor(torch.zeros(1, 3, 3)))

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        yield TypeError, "image must be a torch.Tensor, got list", call([1.0])
        yield ValueError, r"image must have shape \(\*, H, W\), got \(2,\)", call(make.uniform(2))


class TestIntegralTensor(Contract):
    operation = staticmethod(integral_tensor)
    module_form = IntegralTensor
    oracle = staticmethod(kornia.integral_tensor)

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(make.uniform(2, 3, 4), (0, 2))
        yield call(make.uniform(2, 3, 4))
        yield call(make.uniform(5), [-1])
        yield call(make.uniform(2, 3, 4, 2), (-2, -1, 0))
        yield call(make.uniform(0, 3), (0,))

    def large(self, make: Make) -> Iterator[Sample]:
        for dim in ((-2, -1), (1, 2), (2,), (1,), (0, 1, 2)):
            yield call(make.uniform(4, 70, 67), dim)

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        yield TypeError, "input must be a torch.Tensor, got list", call([1.0])
        yield ValueError, r"input must have shape \(\*, D\), got \(\)", call(make.tensor(1.0))
        yield TypeError, "dim must be a tuple of axes, got int", call(make.uniform(2, 2), 1)
        for dim in ((), (0, 0), (1, -1), (2,), (-3,)):
            yield ValueError, r"dim must name axes of \(2, 2\), each once, got", call(make.uniform(2, 2), dim)


@WAYS
def test_images_equal_opencvs_and_scikit_images(enabled: bool) -> None:
    image = torch.rand(300, 451)
    with use_kernels(enabled):
        found = integral_image(image)
    np.testing.assert_allclose(found, cv2.integral(image.numpy(), sdepth=cv2.CV_64F)[1:, 1:], rtol=1e-5)
    np.testing.assert_allclose(found, skimage_integral_image(image.numpy().astype(np.float64)), rtol=1e-5)


def test_integers_are_exact() -> None:
    image = torch.randint(0, 256, (2, 200, 300), dtype=torch.uint8)
    found = integral_image(image)
    assert found.dtype is torch.int64
    expected = np.stack([cv2.integral(plane)[1:, 1:] for plane in image.numpy()])
    assert np.array_equal(found.numpy(), expected)


@WAYS
@pytest.mark.parametrize("shape", [(2, 33, 47), (1, 1, 1), (3, 130, 64)], ids=str)
def test_inner_product(shape: tuple[int, ...], enabled: bool) -> None:
    """<A x, y> = <x, A' y>."""
    image, other = torch.randn(shape, requires_grad=True), torch.randn(shape)
    with use_kernels(enabled):
        result = integral_image(image)
        (adjoint,) = torch.autograd.grad(result, image, other)
    left, right = (result.double() * other).sum(), (image.double() * adjoint).sum()
    torch.testing.assert_close(left, right, rtol=1e-5, atol=1e-3)
