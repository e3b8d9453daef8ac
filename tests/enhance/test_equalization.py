# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator

import cv2
import kornia.enhance as kornia
import numpy as np
import pytest
import torch
from PIL import Image, ImageOps
from torch import Tensor

from foveal import use_kernels
from foveal.enhance import equalize, equalize3d
from tests.contract import Contract, Make, Sample, call
from tests.enhance.levels import image_of, photographs

WAYS = pytest.mark.parametrize("enabled", [True, False], ids=["kernel", "reference"])


class TestEqualize(Contract):
    operation = staticmethod(equalize)

    def oracle(self, input: Tensor) -> Tensor:
        # Kornia counts levels in the precision of the image.
        return kornia.equalize(input.float())

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(image_of(make, 2, 3, 17, 18))
        yield call(image_of(make, 31, 33))
        yield call(image_of(make, 3, 4, 5))  # stays as it is: fewer than 256 pixels
        yield call(image_of(make, 1, 1, 1, 1))
        yield call(image_of(make, 0, 3, 4, 4))

    def large(self, make: Make) -> Iterator[Sample]:
        yield call(image_of(make, 3, 2, 65, 67))
        yield call(make.uniform(1, 3, 231, 129))

    def special(self, make: Make) -> Iterator[Sample]:
        yield call(make.tensor(torch.zeros(2, 20, 20)))
        yield call(make.tensor(torch.ones(2, 20, 20)))
        yield call(make.tensor(torch.linspace(-1, 2, 400)).view(1, 20, 20))

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        yield TypeError, "input must be a torch.Tensor, got list", call([1.0])
        wanted = "input must have a floating-point dtype or be uint8, got torch.int64"
        yield TypeError, wanted, call(make.integers(0, 2, 3, 2, 2))
        yield ValueError, r"input must have shape \(\*, H, W\), got \(2,\)", call(make.uniform(2))


class TestEqualize3d(TestEqualize):
    operation = staticmethod(equalize3d)

    def oracle(self, input: Tensor) -> Tensor:
        return kornia.equalize3d(input.float())

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(image_of(make, 2, 1, 7, 8, 6))
        yield call(image_of(make, 9, 8, 7))
        yield call(image_of(make, 2, 3, 4, 5))
        yield call(image_of(make, 0, 1, 3, 4, 4))

    def large(self, make: Make) -> Iterator[Sample]:
        yield call(image_of(make, 3, 2, 5, 65, 67))

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        yield TypeError, "input must be a torch.Tensor, got list", call([1.0])
        yield ValueError, r"input must have shape \(\*, D, H, W\), got \(2, 2\)", call(make.uniform(2, 2))


@WAYS
def test_bytes_equal_opencvs(enabled: bool) -> None:
    plain = torch.full((2, 40, 50), 7, dtype=torch.uint8)
    plain[1, 3, 4] = 9
    for image in [*photographs(), photographs()[0].transpose(1, 2), plain, plain[:, :1, :1]]:
        expected = np.stack([cv2.equalizeHist(np.ascontiguousarray(plane)) for plane in image.numpy()])
        with use_kernels(enabled):
            found = equalize(image)
        assert found.dtype is torch.uint8
        assert np.array_equal(found.numpy(), expected)


@WAYS
def test_volumes_of_bytes_count_all_slices(enabled: bool) -> None:
    image = photographs()[0]
    with use_kernels(enabled):
        found = equalize3d(image)
    assert np.array_equal(found.reshape(-1, 451).numpy(), cv2.equalizeHist(image.reshape(-1, 451).numpy()))


@WAYS
@pytest.mark.parametrize("precision", [torch.float16, torch.float32, torch.float64], ids=str)
def test_floats_equal_pillows(precision: torch.dtype, enabled: bool) -> None:
    for image in photographs():
        expected = np.stack([np.array(ImageOps.equalize(Image.fromarray(plane))) for plane in image.numpy()])
        with use_kernels(enabled):
            found = equalize(image.to(precision) / 255)
        assert np.array_equal((found * 255).round().to(torch.uint8).numpy(), expected)


@WAYS
def test_the_gradient_is_one_where_a_plane_stays_and_else_zero(enabled: bool) -> None:
    image = torch.rand(3, 40, 40)
    image[1] = 0.5  # one level
    image[2] = (image[2] < 0.1).float()  # 255 pixels or fewer below the brightest level
    image[2, 0, 0] = 0.5
    image[2].view(-1)[300:] = 1
    leaf = image.requires_grad_()
    with use_kernels(enabled):
        result = equalize(leaf)
        (gradient,) = torch.autograd.grad(result.sum(), leaf)
    assert gradient.amax((1, 2)).tolist() == gradient.amin((1, 2)).tolist() == [0, 1, float(result[2].equal(leaf[2]))]


@WAYS
def test_broken_pixels_count_as_black_or_white(enabled: bool) -> None:
    image = torch.rand(1, 40, 40)
    image[0, 0, :4] = torch.tensor([torch.nan, torch.inf, -torch.inf, 2.0])
    mended = image.nan_to_num(0.0, 1.0, 0.0).clamp(0, 1)
    with use_kernels(enabled):
        assert torch.equal(equalize(image), equalize(mended))
