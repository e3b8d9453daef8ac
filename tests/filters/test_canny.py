# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator
from typing import Any

import cv2
import kornia.filters as kornia
import numpy as np
import pytest
import scipy.ndimage
import torch

from foveal import use_kernels
from foveal.filters import Canny, canny, gaussian_blur2d
from foveal.filters._connected import connected_to
from tests.contract import Contract, Make, Sample, call
from tests.filters.photographs import grey_photographs, photograph

WAYS = pytest.mark.parametrize("enabled", [True, False], ids=["kernel", "reference"])


class TestCanny(Contract):
    operation = staticmethod(canny)
    module_form = Canny
    # Neighbours that are equal in half precision are ridges or not by the digits that it has lost.
    half = False

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(make.uniform(1, 3, 9, 11))
        yield call(make.uniform(2, 1, 9, 11), 0.5, 1.5)
        yield call(make.uniform(1, 1, 8, 13), 1.0, 2.0, hysteresis=False)
        yield call(make.uniform(1, 1, 7, 9), kernel_size=1)
        yield call(make.uniform(1, 1, 9, 7), kernel_size=(3, 7), sigma=(0.8, 1.4), eps=0.01)
        yield call(make.uniform(2, 1, 7, 7), sigma=make.tensor([[1.0, 1.2], [0.7, 0.9]]))
        for height, width in ((1, 1), (1, 6), (6, 1), (2, 3)):
            yield call(make.uniform(1, 1, height, width))
        yield call(make.uniform(0, 3, 5, 5))

    def large(self, make: Make) -> Iterator[Sample]:
        yield call(make.uniform(2, 3, 83, 91))
        yield call(make.uniform(2, 1, 83, 91), 0.8, 2.0)
        yield call(make.uniform(1, 1, 67, 130), 1.0, 2.0, 7, (1.5, 1.5), False)

    def oracle(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return kornia.canny(*args, **kwargs)
        except RuntimeError:
            return NotImplemented  # a border wider than the image

    def special(self, make: Make) -> Iterator[Sample]:
        for value in (0.0, 1.0):
            for eps in (0.0, 1e-6):
                yield call(make.tensor(torch.full((1, 3, 6, 6), value)), eps=eps)

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        image = make.uniform(1, 1, 6, 6)
        yield TypeError, "input must be a torch.Tensor, got list", call([1.0])
        yield ValueError, r"input must have shape \(B, C, H, W\), got \(1, 6, 6\)", call(image[0])
        yield ValueError, r"input must have 1 or 3 channels, got shape \(1, 2, 6, 6\)", call(image.expand(1, 2, 6, 6))
        yield ValueError, "low_threshold must be positive, got 0", call(image, 0)
        yield ValueError, "low_threshold must not be above high_threshold, 0.2, got 0.3", call(image, 0.3, 0.2)
        yield ValueError, "kernel_size must be odd, got 4", call(image, kernel_size=4)


def test_the_module_looks_at_thresholds_when_it_is_made() -> None:
    with pytest.raises(ValueError, match=r"low_threshold must not be above high_threshold, 0.2, got 0.3"):
        Canny(0.3, 0.2)


@WAYS
@pytest.mark.parametrize("thresholds", [(100, 200), (50, 120), (20, 200)])
def test_photographs_equal_opencvs(thresholds: tuple[int, int], enabled: bool) -> None:
    """Without a blur of our own both take the same integers; OpenCV adds no eps."""
    for image in [*grey_photographs(), photograph()[:, :1]]:
        # The reference takes its time.
        image = image if enabled else image[..., :90, :110].contiguous()
        expected = cv2.Canny(image[0, 0].numpy(), *thresholds, L2gradient=True)
        for pixels in (image, image.float()):
            with use_kernels(enabled):
                magnitude, edges = canny(pixels, *thresholds, kernel_size=1, eps=0.0)
            assert magnitude.dtype is edges.dtype is torch.float32
            assert torch.equal(edges[0, 0] > 0, torch.from_numpy(expected) > 0)


@WAYS
def test_photographs_equal_kornias(enabled: bool) -> None:
    for image in (photograph().double() / 255, photograph().float() / 255, grey_photographs()[1].float() / 255):
        image = image[..., :100, :128].contiguous()
        choices: list[dict[str, Any]] = [{}, {"low_threshold": 0.3, "high_threshold": 1.2}]
        choices.append({"kernel_size": (3, 7), "sigma": (0.8, 1.4)})
        for options in choices:
            with use_kernels(enabled):
                _, edges = canny(image, **options)
            # Rounding may make a ridge of one of two equal neighbours or the other.
            expected = kornia.canny(image.double(), **options)[1]
            assert (edges != expected).double().mean() <= (0 if image.dtype is torch.float64 else 2e-4)


@WAYS
def test_a_chain_of_weak_pixels_hangs_on_one_strong_one(enabled: bool) -> None:
    """A spiral takes many more steps than the image is wide."""
    size = 41
    line = torch.zeros(size, size)
    row = column = 0
    sides = [size - 1, *(side for side in range(size - 1, 3, -4) for _ in (0, 1))]
    for turn, length in enumerate(sides):
        for _ in range(length):
            line[row, column] = 0.1
            row, column = row + (0, 1, 0, -1)[turn % 4], column + (1, 0, -1, 0)[turn % 4]
    faint = line.expand(1, 1, size, size)
    bright = faint.clone()
    bright[..., 0, 0] = 1.0
    with use_kernels(enabled):
        assert canny(faint, 0.05, 0.9, kernel_size=1)[1].sum() == 0
        found = canny(bright, 0.05, 0.9, kernel_size=1)[1]
    expected = kornia.canny(bright, 0.05, 0.9, kernel_size=1)[1]
    assert torch.equal(found, expected)
    assert found.sum() > 100


@WAYS
@pytest.mark.parametrize("shape", [(3, 17, 23), (1, 1, 9), (1, 9, 1), (2, 64, 65), (0, 3, 3)])
def test_connected_pixels_are_scipys(shape: tuple[int, ...], enabled: bool) -> None:
    generator = torch.Generator().manual_seed(0)
    for density in (0.2, 0.35, 0.5, 0.8):
        mask = torch.rand(shape, generator=generator) < density
        seeds = mask & (torch.rand(shape, generator=generator) < 0.02)
        with use_kernels(enabled):
            found = connected_to(seeds, mask)
        for single, seed, result in zip(mask.numpy(), seeds.numpy(), found.numpy(), strict=True):
            labels: Any = scipy.ndimage.label(single, np.ones((3, 3)))[0]  # pyright: ignore[reportIndexIssue]
            assert np.array_equal(result, np.isin(labels, np.unique(labels[seed])) & single)


@WAYS
def test_the_magnitude_has_kornias_gradient(enabled: bool) -> None:
    image = torch.rand(2, 3, 60, 80, generator=torch.Generator().manual_seed(0))
    weights = torch.rand(2, 1, 60, 80, generator=torch.Generator().manual_seed(1))
    gradients = []
    for function in (canny, kornia.canny):
        leaf = image.clone().requires_grad_()
        with use_kernels(enabled):
            magnitude, edges = function(leaf)
        assert not edges.requires_grad
        gradients.append(torch.autograd.grad((magnitude * weights).sum(), leaf)[0])
    torch.testing.assert_close(*gradients, rtol=1e-4, atol=1e-5)


def test_the_blur_is_gaussian_blur2d() -> None:
    image = torch.rand(1, 1, 20, 21, dtype=torch.float64)
    found = canny(image, 0.5, 1.0, (3, 5), (0.9, 1.3))
    torch.testing.assert_close(found, canny(gaussian_blur2d(image, (3, 5), (0.9, 1.3)), 0.5, 1.0, 1))
