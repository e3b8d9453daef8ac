# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator
from functools import partial

import cv2
import kornia.filters as kornia
import pytest
import torch

from foveal.filters import BoxBlur, box_blur
from tests.contract import Make, Sample, call
from tests.filters.case import BORDERS, FilterCase, inner_product_error, invalid_border
from tests.filters.test_gaussian_blur import OPENCV
from tests.morphology.case import image_of, photograph, rows_of


class TestBoxBlur(FilterCase):
    operation = staticmethod(box_blur)
    peer = staticmethod(kornia.box_blur)
    module_form = BoxBlur

    def samples(self, make: Make) -> Iterator[Sample]:
        image = make.uniform(2, 2, 6, 7)
        yield call(image, 3)
        yield call(image, (5, 2), separable=False)
        for border_type in BORDERS:
            yield call(image, (4, 5), border_type=border_type)
            yield call(make.uniform(1, 2, 4, 5), (9, 12), border_type=border_type)
        yield call(make.uniform(1, 1, 1, 1), 3)
        yield call(make.uniform(0, 2, 3, 3), 3)

    def large(self, make: Make) -> Iterator[Sample]:
        image = make.uniform(2, 3, 83, 71)
        for border_type in BORDERS:
            for size in (5, (7, 18), (40, 31), (1, 21), (16, 1)):
                yield call(image, size, border_type)
        yield call(make.uniform(1, 1, 70, 300), (99, 71), "replicate")

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        image = make.uniform(2, 1, 4, 4)
        yield from invalid_border(make, 3)
        yield ValueError, "kernel_size must be 2 integers of at least 1, got .0, 0.", call(image, 0)
        yield TypeError, "kernel_size must be a tuple of 2 integers, got float", call(image, 3.0)

    @pytest.mark.parametrize("border_type", BORDERS)
    def test_inner_product(self, border_type: str) -> None:
        for shape, size in (((2, 3, 40, 33), 5), ((1, 2, 19, 150), (4, 31)), ((2, 1, 5, 6), 13), ((1, 1, 90, 9), 20)):
            blurred = partial(box_blur, kernel_size=size, border_type=border_type)
            assert inner_product_error(blurred, torch.randn(shape)) < 1e-6


@pytest.mark.parametrize("border_type", OPENCV)
@pytest.mark.parametrize("size", [(5, 5), (3, 9), (31, 31), (99, 71)])
def test_as_opencv(border_type: str, size: tuple[int, int]) -> None:
    photo = photograph()
    expected = image_of(cv2.blur(rows_of(photo.float() / 255), size[::-1], borderType=OPENCV[border_type]))
    torch.testing.assert_close(box_blur(photo.float() / 255, size, border_type), expected, rtol=1e-5, atol=1e-5)
    expected = image_of(cv2.blur(rows_of(photo), size[::-1], borderType=OPENCV[border_type]))
    found = box_blur(photo, size, border_type)
    assert found.dtype is torch.uint8
    assert (found.int() - expected.int()).abs().max() <= 1


@pytest.mark.parametrize("size", [3, 5, 7])
def test_means_of_bytes_are_exact(size: int) -> None:
    """An odd number of bytes has no mean halfway between two."""
    for width in (2, 45, 200):
        image = torch.randint(0, 256, (2, 2, 9, width), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
        for border_type in BORDERS:
            expected = box_blur.reference(image.double(), size, border_type).round().to(torch.uint8)
            assert torch.equal(box_blur(image, size, border_type), expected)


def test_a_bright_pixel_leaves_no_trace() -> None:
    """A running sum that adds and subtracts would not return to zero behind it."""
    image = torch.zeros(1, 1, 200, 300)
    image[..., 20, 30] = 1e20
    blurred = box_blur(image, 31, "constant")
    assert (blurred != 0).sum() == 31 * 31
    image[..., 20, 30] = torch.nan
    assert box_blur(image, 31, "constant").isnan().sum() == 31 * 31
