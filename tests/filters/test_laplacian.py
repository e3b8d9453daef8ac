# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator
from functools import partial

import cv2
import kornia.filters as kornia
import numpy as np
import pytest
import torch

from foveal.filters import Laplacian, laplacian
from tests.contract import Make, Sample, call
from tests.filters.case import BORDERS, FilterCase, inner_product_error, invalid_border
from tests.filters.test_gaussian_blur import OPENCV
from tests.morphology.case import image_of, photograph, rows_of


class TestLaplacian(FilterCase):
    operation = staticmethod(laplacian)
    peer = staticmethod(kornia.laplacian)
    module_form = Laplacian

    def samples(self, make: Make) -> Iterator[Sample]:
        image = make.uniform(2, 2, 6, 7)
        yield call(image, 3)
        yield call(image, (5, 3), normalized=False)
        for border_type in BORDERS:
            yield call(image, (1, 5), border_type=border_type)
            yield call(make.uniform(1, 2, 4, 5), (9, 11), border_type=border_type)
        yield call(make.uniform(1, 1, 1, 1), 3)
        yield call(make.uniform(0, 2, 3, 3), 3)

    def large(self, make: Make) -> Iterator[Sample]:
        image = make.uniform(2, 3, 83, 71)
        for border_type in BORDERS:
            yield call(image, 3, border_type)
        yield call(image, (5, 7))
        yield call(make.uniform(1, 1, 70, 300), (21, 1))

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        image = make.uniform(2, 1, 4, 4)
        yield from invalid_border(make, 3)
        yield ValueError, "kernel_size must be odd, got 4", call(image, 4)
        yield ValueError, "kernel_size must be at least 3 along one axis, got 1", call(image, 1)
        yield TypeError, "kernel_size must be a tuple of 2 integers, got float", call(image, 3.0)

    @pytest.mark.parametrize("border_type", BORDERS)
    def test_inner_product(self, border_type: str) -> None:
        for shape, size in (((2, 3, 40, 33), 3), ((1, 2, 19, 150), (3, 5)), ((2, 1, 5, 6), 13)):
            filtered = partial(laplacian, kernel_size=size, border_type=border_type)
            assert inner_product_error(filtered, torch.randn(shape)) < 1e-6

    def test_a_ramp_has_none(self) -> None:
        image = torch.arange(20.0) + 3 * torch.arange(30.0)[:, None]
        assert laplacian(image.view(1, 1, 30, 20), 3)[..., 1:-1, 1:-1].abs().max() < 1e-4


@pytest.mark.parametrize("border_type", OPENCV)
def test_as_opencv(border_type: str) -> None:
    image = photograph().float() / 255
    kernel = np.ones((3, 3), np.float32)
    kernel[1, 1] = -8
    expected = image_of(cv2.filter2D(rows_of(image), -1, kernel, borderType=OPENCV[border_type]))
    found = laplacian(image, 3, border_type, normalized=False)
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-5)
