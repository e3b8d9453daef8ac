# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator
from typing import Any

import cv2
import kornia.enhance as kornia
import numpy as np
import pytest
import torch
from torch import Tensor

from foveal import use_kernels
from foveal.enhance import equalize, equalize_clahe
from tests.contract import Contract, Make, Sample, call
from tests.enhance.levels import image_of, photographs

WAYS = pytest.mark.parametrize("enabled", [True, False], ids=["kernel", "reference"])


class TestEqualizeClahe(Contract):
    operation = staticmethod(equalize_clahe)
    differentiable = False

    def oracle(self, input: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        if input.numel() == 0:
            return NotImplemented
        # Kornia counts levels in the precision of the image.
        return kornia.equalize_clahe(input.float(), *args, **kwargs)

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(image_of(make, 2, 3, 17, 25))
        yield call(image_of(make, 31, 33), 2.0)
        yield call(image_of(make, 1, 31, 33), 0.0, (3, 4))
        yield call(image_of(make, 2, 9, 9), grid_size=(1, 1))
        yield call(image_of(make, 0, 3, 8, 8))

    def large(self, make: Make) -> Iterator[Sample]:
        yield call(make.uniform(2, 2, 128, 160))
        yield call(make.uniform(2, 1, 131, 157), 3.0, (5, 6))

    def special(self, make: Make) -> Iterator[Sample]:
        for slow in (False, True):
            yield call(make.tensor(torch.zeros(2, 20, 20)), slow_and_differentiable=slow)
            yield call(make.tensor(torch.ones(2, 8, 8)), slow_and_differentiable=slow)
            yield call(make.tensor(torch.linspace(-1, 2, 400)).view(1, 20, 20), slow_and_differentiable=slow)

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        yield TypeError, "input must be a torch.Tensor, got list", call([1.0])
        wanted = "input must have a floating-point dtype or be uint8, got torch.int64"
        yield TypeError, wanted, call(make.integers(0, 2, 3, 2, 2))
        yield ValueError, r"input must have shape \(\*, H, W\), got \(2,\)", call(make.uniform(2))
        yield TypeError, "grid_size must be a tuple of 2 integers, got int", call(make.uniform(9, 9), grid_size=2)
        yield ValueError, "grid_size must be 2 integers of at least 1", call(make.uniform(9, 9), grid_size=(0, 1))
        yield ValueError, r"a pixel for each tile of \(8, 8\), got 7x9 pixels", call(make.uniform(7, 9))


class TestSoftEqualizeClahe(TestEqualizeClahe):
    operation = staticmethod(equalize_clahe)
    differentiable = True
    # Soft histograms are 255 times steeper than the image, and Kornia's levels are float32 numbers in every precision.
    tolerance = {**Contract.tolerance, torch.float64: 2e-5, torch.float32: 3e-5}
    # Rounding a pixel to half precision moves it by half a level, which soft histograms see.
    half = False

    def oracle(self, input: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        slow = "slow_and_differentiable" in kwargs
        return kornia.equalize_clahe(input if slow else input.float(), *args, **kwargs)

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(image_of(make, 1, 12, 14), 2.0, (2, 3), slow_and_differentiable=True)
        yield call(image_of(make, 1, 13, 14), 0.0, (2, 3), slow_and_differentiable=True)
        yield call(image_of(make, 2, 2, 9, 10), 40.0, (1, 2), slow_and_differentiable=True)

    def large(self, make: Make) -> Iterator[Sample]:
        yield call(image_of(make, 2, 40, 50))  # the kernel's: no gradient


@WAYS
@pytest.mark.parametrize("grid", [(8, 8), (1, 1), (2, 1), (4, 5), (3, 7), (16, 5)], ids=str)
@pytest.mark.parametrize("clip_limit", [40.0, 2.0, 0.0, 0.5, 4.3])
def test_bytes_equal_opencvs(clip_limit: float, grid: tuple[int, int], enabled: bool) -> None:
    for image in [*photographs(), photographs()[0].transpose(1, 2), photographs()[0][:, :17, :20]]:
        clahe = cv2.createCLAHE(clip_limit, grid[::-1])
        expected = np.stack([clahe.apply(np.ascontiguousarray(plane)) for plane in image.numpy()])
        with use_kernels(enabled):
            found = equalize_clahe(image, clip_limit, grid)
        assert found.dtype is torch.uint8
        assert np.array_equal(found.numpy(), expected)


@WAYS
def test_floats_equal_opencvs_up_to_the_phase_of_their_tiles(enabled: bool) -> None:
    # Half a step of interpolation between tables, and OpenCV's rounding. One tile has no phase.
    for image in photographs():
        with use_kernels(enabled):
            found = equalize_clahe(image.float() / 255, 2.0, (1, 1)) * 255
        expected = np.stack([cv2.createCLAHE(2.0, (1, 1)).apply(plane) for plane in image.numpy()])
        np.testing.assert_allclose(found.numpy(), expected, atol=1e-4)


@WAYS
@pytest.mark.parametrize("slow", [False, True], ids=["levels", "soft"])
def test_flips_and_images_that_divide_are_treated_alike(slow: bool, enabled: bool) -> None:
    image = torch.rand(1, 24, 32)
    with use_kernels(enabled):
        turned = equalize_clahe(image.flip(-1, -2), 2.0, (3, 4), slow).flip(-1, -2)
        torch.testing.assert_close(turned, equalize_clahe(image, 2.0, (3, 4), slow), rtol=1e-5, atol=1e-5)


@WAYS
@pytest.mark.parametrize("precision", [torch.float16, torch.bfloat16, torch.float64], ids=str)
def test_precisions_agree(precision: torch.dtype, enabled: bool) -> None:
    image = image_of(Make(torch.float32), 2, 24, 32)
    with use_kernels(enabled):
        found, expected = equalize_clahe(image.to(precision)), equalize_clahe(image)
    assert found.dtype is precision
    torch.testing.assert_close(found.float(), expected, rtol=4e-3, atol=4e-3)


@WAYS
def test_only_the_soft_histogram_has_a_gradient(enabled: bool) -> None:
    image = torch.rand(1, 1, 24, 32, requires_grad=True)
    with use_kernels(enabled):
        assert not equalize_clahe(image).requires_grad
        assert equalize_clahe(image, slow_and_differentiable=True).requires_grad


def test_the_soft_histogram_has_kornias_gradient() -> None:
    image = torch.rand(2, 16, 24, dtype=torch.float64)
    weights = torch.randn(2, 16, 24, dtype=torch.float64)
    for clip_limit in (40.0, 2.0, 0.0):
        gradients = []
        for operation in (equalize_clahe, kornia.equalize_clahe):
            leaf = image.clone().requires_grad_()
            result = operation(leaf, clip_limit, (2, 3), True)
            gradients.append(torch.autograd.grad((result * weights).sum(), leaf)[0])
        torch.testing.assert_close(*gradients, rtol=1e-3, atol=0.1)


@WAYS
def test_a_flat_image_stays_flat(enabled: bool) -> None:
    image = torch.full((1, 32, 32), 100, dtype=torch.uint8)
    with use_kernels(enabled):
        assert equalize_clahe(image).unique().numel() == 1
        assert equalize(image).unique().tolist() == [100]
