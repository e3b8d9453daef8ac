# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from scipy.ndimage import convolve, gaussian_filter
from torch import Tensor

from foveal.peaks import ensure_odd, make_gaussian_kernel, smooth_imgs
from tests.contract import Contract, Make, Sample, call

# SciPy's names for the borders.
MODES = {"constant": "constant", "reflect": "mirror", "replicate": "nearest", "circular": "wrap"}


def gaussian(size: int, sigma: Tensor | float) -> np.ndarray:
    reach, sigma = size // 2, float(sigma)
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    return np.exp(-(x**2 + y**2) / (2 * sigma**2))


def test_ensure_odd_goes_up_from_even_numbers() -> None:
    assert [ensure_odd(x) for x in (0, 1, 2, 3, 4, 5, 5.5, 10)] == [1, 1, 3, 3, 5, 5, 5, 11]


class TestMakeGaussianKernel(Contract):
    operation = staticmethod(make_gaussian_kernel)
    # Offset / sigma squared doubles the relative error of a quotient near 1.
    tolerance = {**Contract.tolerance, torch.float16: 1e-2}

    def oracle(self, size: int, sigma: Tensor) -> Tensor:
        return torch.tensor(gaussian(size, sigma))

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(5, make.tensor(1.5))
        yield call(4, make.tensor(0.75))
        yield call(1, make.tensor(2.0))

    def special(self, make: Make) -> Iterator[Sample]:
        yield call(5, make.tensor(0.02))

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        yield ValueError, "size must be positive, got 0", call(0, 1.0)
        yield ValueError, "sigma must be positive, got -1.0", call(3, -1.0)

    def test_of_a_number_has_the_dtype_asked_for(self) -> None:
        assert make_gaussian_kernel(3, 1.0).dtype == torch.float32
        kernel = make_gaussian_kernel(7, 2.0, dtype=torch.float64)
        np.testing.assert_allclose(kernel.numpy(), gaussian(7, 2.0), rtol=1e-14)
        assert kernel.max() == kernel[3, 3] == 1


class TestSmoothImgs(Contract):
    operation = staticmethod(smooth_imgs)

    def oracle(self, imgs: Tensor, kernel_size: int = 5, sigma: Any = 1.0, *, border_type: str = "constant") -> Any:
        kernel = gaussian(kernel_size, sigma)
        kernel /= kernel.sum()
        smooth = [convolve(plane, kernel, mode=MODES[border_type]) for plane in imgs.flatten(0, 1).numpy()]
        return torch.tensor(np.array(smooth)).view(imgs.shape)

    def samples(self, make: Make) -> Iterator[Sample]:
        imgs = make.normal(2, 3, 7, 6)
        yield call(imgs)
        for border_type in MODES:
            yield call(imgs, 7, 2.5, border_type=border_type)
        yield call(imgs, 4, make.tensor(1.25))
        yield call(imgs[..., :1], 3, 0.5)
        yield call(imgs[:0])

    def large(self, make: Make) -> Iterator[Sample]:
        for border_type in MODES:
            yield call(make.normal(3, 5, 50, 67), 9, 1.75, border_type=border_type)

    def special(self, make: Make) -> Iterator[Sample]:
        yield call(make.uniform(1, 1, 5, 5), 5, 0.02)

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        imgs = make.normal(1, 1, 5, 5)
        yield TypeError, "imgs must have a floating-point dtype, got torch.int64", call(imgs.long())
        yield ValueError, r"imgs must have shape \(samples", call(imgs[0])
        yield ValueError, "kernel_size must be positive, got 0", call(imgs, 0)
        yield ValueError, "sigma must be positive, got 0", call(imgs, 3, 0)
        yield ValueError, "border_type must be one of 'constant'", call(imgs, border_type="mirror")
        yield ValueError, "imgs must be larger than a reach of 5 pixels", call(imgs, 11, border_type="reflect")

    def test_is_scipys_gaussian_filter(self) -> None:
        imgs = torch.rand(1, 1, 40, 50, dtype=torch.float64)
        smooth = gaussian_filter(imgs[0, 0].numpy(), 1.5, mode="nearest", radius=6)
        found = smooth_imgs(imgs, 13, 1.5, border_type="replicate")
        np.testing.assert_allclose(found[0, 0].numpy(), smooth, atol=1e-12)

    def test_keeps_flat_images_as_they_are(self) -> None:
        imgs = torch.full((1, 2, 9, 9), 0.7)
        for border_type in ("reflect", "replicate", "circular"):
            torch.testing.assert_close(smooth_imgs(imgs, border_type=border_type), imgs)
