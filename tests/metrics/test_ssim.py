# SPDX-License-Identifier: Apache-2.0
from collections.abc import Callable, Iterator
from typing import Any

import kornia.metrics
import numpy as np
import pytest
import skimage.data
import skimage.metrics
import skimage.util
import torch

from foveal.metrics import SSIM, SSIM3D, psnr, ssim, ssim3d
from tests.contract import Contract, Make, Sample, call
from tests.metrics.windows import similarity


class TestSsim(Contract):
    operation = staticmethod(ssim)
    module_form = SSIM
    oracle = staticmethod(similarity)

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(make.uniform(2, 1, 7, 9), make.uniform(2, 1, 7, 9), window_size=5)
        yield call(make.uniform(1, 2, 6, 5), make.uniform(1, 2, 6, 5), window_size=3, max_val=2.0, eps=0.0)
        yield call(make.uniform(1, 2, 9, 7), make.uniform(1, 2, 9, 7), window_size=5, padding="valid", eps=1e-4)
        # A window larger than the image, one pixel, one row, no image.
        yield call(make.uniform(1, 1, 3, 4), make.uniform(1, 1, 3, 4), window_size=11)
        yield call(make.uniform(1, 1, 1, 1), make.uniform(1, 1, 1, 1), window_size=11)
        yield call(make.uniform(1, 1, 1, 6), make.uniform(1, 1, 1, 6), window_size=3)
        yield call(make.uniform(0, 2, 6, 5), make.uniform(0, 2, 6, 5), window_size=3)

    def large(self, make: Make) -> Iterator[Sample]:
        for padding in ("same", "valid"):
            first = make.uniform(2, 3, 41, 301)
            yield call(first, first + make.uniform(2, 3, 41, 301, high=0.3), window_size=11, padding=padding)
            # More taps than reach float32's digits.
            yield call(make.uniform(1, 1, 40, 70), make.uniform(1, 1, 40, 70), window_size=31, padding=padding)
        # Strips of the largest width.
        yield call(make.uniform(8, 1, 9, 1100), make.uniform(8, 1, 9, 1100), window_size=5)

    def special(self, make: Make) -> Iterator[Sample]:
        for values in ((0.0, 0.0), (1.0, 1.0), (0.0, 1.0)):
            first, second = (make.tensor(value).expand(1, 2, 8, 7) for value in values)
            yield call(first, second, window_size=5)
        image = make.uniform(1, 1, 6, 7)
        yield call(image, image, window_size=3)
        yield call(make.uniform(1, 1, 1, 1), make.uniform(1, 1, 1, 1), window_size=3)

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        image = make.uniform(1, 2, 8, 7)
        yield TypeError, "img1 must be a torch.Tensor, got list", call([1.0], image, 3)
        yield TypeError, "img2 must hold real numbers", call(image, image.to(torch.complex64), 3)
        yield ValueError, r"img1 must have shape \(B, C, H, W\), got \(2, 8, 7\)", call(image[0], image[0], 3)
        yield ValueError, r"img2 must have shape \(1, 2, 8, 7\), got \(1, 1, 8, 7\)", call(image, image[:, :1], 3)
        yield TypeError, "window_size must be an integer, got float", call(image, image, 3.0)
        yield ValueError, "window_size must be positive and odd, got 4", call(image, image, 4)
        yield TypeError, "max_val must be a number, got str", call(image, image, 3, "1")
        yield ValueError, "max_val must be positive, got -1", call(image, image, 3, -1.0)
        yield TypeError, "eps must be a number, got NoneType", call(image, image, 3, 1.0, None)
        yield ValueError, "eps must be at least 0, got -1", call(image, image, 3, 1.0, -1.0)
        yield ValueError, "padding must be one of 'same', 'valid', got 'full'", call(image, image, 3, padding="full")
        yield ValueError, "img1 must be at least as large as the window of 9", call(image, image, 9, padding="valid")


class TestSsim3d(Contract):
    operation = staticmethod(ssim3d)
    module_form = SSIM3D
    oracle = staticmethod(similarity)

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(make.uniform(1, 1, 3, 4, 5), make.uniform(1, 1, 3, 4, 5), window_size=3)
        yield call(
            make.uniform(1, 2, 4, 3, 5), make.uniform(1, 2, 4, 3, 5), window_size=3, padding="valid", max_val=2.0
        )
        yield call(make.uniform(1, 1, 1, 2, 3), make.uniform(1, 1, 1, 2, 3), window_size=5)
        yield call(make.uniform(0, 1, 3, 2, 3), make.uniform(0, 1, 3, 2, 3), window_size=3)

    def special(self, make: Make) -> Iterator[Sample]:
        flat = make.tensor(0.0).expand(1, 1, 3, 4, 3)
        yield call(flat, flat, window_size=3)

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        volume = make.uniform(1, 1, 3, 4, 5)
        yield ValueError, r"img1 must have shape \(B, C, D, H, W\), got", call(volume[0], volume[0], 3)
        yield ValueError, r"img2 must have shape \(1, 1, 3, 4, 5\)", call(volume, volume[:, :, :2], 3)
        yield ValueError, "window_size must be positive and odd, got 2", call(volume, volume, 2)


def test_mean_is_scikit_images() -> None:
    first, second = torch.rand(2, 40, 30, dtype=torch.float64)
    expected = skimage.metrics.structural_similarity(
        first.numpy(), second.numpy(), gaussian_weights=True, use_sample_covariance=False, data_range=1.0
    )
    found = ssim(first[None, None], second[None, None], 11, padding="valid", eps=0.0).mean()
    torch.testing.assert_close(found.item(), expected)


@pytest.mark.parametrize(("index", "shape"), [(ssim, (2, 3, 20, 21)), (ssim3d, (2, 1, 9, 20, 21))])
def test_batches_and_sizes_stay_open_in_an_exported_program(index: Callable[..., Any], shape: tuple[int, ...]) -> None:
    class Index(torch.nn.Module):
        def forward(self, first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
            return index(first, second, 5)

    first, second = torch.rand(2, *shape)
    sizes = {0: torch.export.Dim("batch"), len(shape) - 1: torch.export.Dim("width", min=8)}
    program = torch.export.export(Index(), (first, second), dynamic_shapes=(sizes, sizes)).module()
    first, second = (image.repeat(2, *[1] * (len(shape) - 1))[..., 3:] for image in (first, second))
    torch.testing.assert_close(program(first, second), index.reference(first, second, 5))


@pytest.mark.parametrize(("dtype", "bound"), [(torch.float64, 1e-11), (torch.float32, 2e-4)])
@pytest.mark.parametrize("name", ["astronaut", "camera"])
def test_maps_of_photographs_are_scikit_images(name: str, dtype: torch.dtype, bound: float) -> None:
    photograph = np.atleast_3d(skimage.util.img_as_float(getattr(skimage.data, name)()))[100:300, 80:330]
    noisy = np.clip(photograph + 0.08 * np.random.default_rng(0).standard_normal(photograph.shape), 0, 1)
    _, expected = skimage.metrics.structural_similarity(
        photograph, noisy, channel_axis=2, data_range=1.0, gaussian_weights=True, use_sample_covariance=False, full=True
    )
    first, second = (torch.from_numpy(image).movedim(-1, 0)[None].to(dtype) for image in (photograph, noisy))
    # Its border repeats the last pixel; flat regions cost float32 digits of their variance.
    found = ssim(first, second, 11, eps=0.0)[0, :, 5:-5, 5:-5].double()
    torch.testing.assert_close(found, torch.from_numpy(expected).movedim(-1, 0)[:, 5:-5, 5:-5], rtol=0, atol=bound)
    decibels = skimage.metrics.peak_signal_noise_ratio(photograph, noisy, data_range=1.0)
    assert psnr(first, second, 1.0).item() == pytest.approx(decibels, abs=1e-5)


@pytest.mark.parametrize("dtype", [torch.uint8, torch.int64, torch.float16])
def test_value_is_kornias(dtype: torch.dtype) -> None:
    first, second = ((255 * torch.rand(2, 3, 20, 30)).to(dtype) for _ in range(2))
    for padding in ("same", "valid"):
        expected = kornia.metrics.ssim(first, second, 11, max_val=255.0, padding=padding)
        torch.testing.assert_close(ssim(first, second, 11, max_val=255.0, padding=padding), expected)


def test_images_of_two_dtypes_give_the_wider_one() -> None:
    first, second = torch.rand(2, 1, 1, 8, 8)
    assert ssim(first.double(), second, 3).dtype is torch.float64
    assert ssim(first.half(), second.bfloat16(), 3).dtype is torch.float32
    assert ssim((255 * first).byte(), second.half(), 3).dtype is torch.float16


@pytest.mark.parametrize("kernels", [True, False])
def test_an_offset_of_the_images_costs_no_digits(kernels: bool) -> None:
    first, second = torch.rand(2, 1, 1, 20, 150, dtype=torch.float64)
    first, second = (first + 1000).float(), (second + 1000).float()
    function = ssim if kernels else ssim.reference
    expected = ssim(first.double(), second.double(), 11)
    torch.testing.assert_close(function(first, second, 11).double(), expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize("value", [torch.nan, torch.inf])
def test_no_number_reaches_the_windows_around_it_alone(value: float) -> None:
    first, second = torch.rand(2, 1, 1, 40, 150)
    expected = ssim(first, second, 11)
    first[0, 0, 17, 64] = value
    expected[0, 0, 12:23, 59:70] = torch.nan
    torch.testing.assert_close(ssim(first, second, 11), expected, equal_nan=True)
