# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator
from typing import Any

import cv2
import kornia.geometry.transform as kornia
import pytest
import torch
from skimage.transform import rescale as skimage_rescale
from torch import Tensor
from torch.nn import functional

from foveal import use_kernels
from foveal.geometry.transform import Rescale, Resize, rescale, resize, resize_to_be_divisible
from foveal.geometry.transform.resize import INTERPOLATIONS, SMOOTH
from tests.contract import TOLERANCE, Contract, Make, Sample, call
from tests.morphology.case import image_of, photograph, rows_of

KERNELS = pytest.mark.parametrize("kernels", [True, False], ids=["kernel", "reference"])
OPENCV = {"bilinear": cv2.INTER_LINEAR, "bicubic": cv2.INTER_CUBIC, "area": cv2.INTER_AREA}


def corners_of(interpolation: str) -> tuple[bool | None, ...]:
    return (None, True) if interpolation in SMOOTH else (None,)


class ResizeCase(Contract):
    # PyTorch, which the formula calls, rounds the positions of pixels to float32; the tables of the kernels are exact.
    tolerance = TOLERANCE | {torch.float32: 3e-5}

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        image = make.uniform(1, 4, 4)
        factor = next(self.samples(make)).args[1]
        yield TypeError, "input must be a torch.Tensor, got ndarray", call(image.numpy(), factor)
        yield (
            TypeError,
            "input must have a floating-point dtype or be uint8, got torch.int64",
            call(image.long(), factor),
        )
        yield ValueError, r"input must have shape \(\*, H, W\), got \(4,\)", call(image[0, 0], factor)
        yield ValueError, "interpolation must be one of 'nearest'", call(image, factor, "linear")
        yield ValueError, "align_corners must be one of None, got True", call(image, factor, "area", True)
        yield ValueError, "align_corners must be one of None, True, False, got 1.5", call(image, factor, "bicubic", 1.5)


class TestResize(ResizeCase):
    operation = staticmethod(resize)
    module_form = Resize

    def samples(self, make: Make) -> Iterator[Sample]:
        image = make.uniform(2, 1, 6, 5)
        yield call(image, (9, 4))
        for interpolation in INTERPOLATIONS:
            for align_corners in corners_of(interpolation):
                yield call(image, (4, 11), interpolation, align_corners)
        yield call(image, (6, 5), "bicubic")
        yield call(image, (3, 10))
        yield call(image, (2, 3), antialias=True)
        yield call(make.uniform(7, 9), 4, side="long")
        yield call(make.uniform(1, 1, 1), (3, 4))
        yield call(make.uniform(2, 6, 1), (1, 3), align_corners=True)
        yield call(make.uniform(0, 1, 3, 4), (3, 4))

    def large(self, make: Make) -> Iterator[Sample]:
        image = make.uniform(2, 2, 46, 70)
        for size in ((23, 35), (92, 140), (33, 95), (101, 34), (46, 140), (23, 70), (22, 71)):
            for interpolation in INTERPOLATIONS:
                for align_corners in corners_of(interpolation):
                    yield call(image, size, interpolation, align_corners)
        for size in ((23, 35), (11, 90), (5, 3)):
            yield call(image, size, antialias=True)
        yield call(make.uniform(1, 131, 3), (65, 6))
        yield call(make.uniform(1, 200, 133), (100, 266), "bicubic")
        # Two rows at once, and vectors of columns that come from one load.
        yield call(make.uniform(1, 42, 150), (21, 75), "bicubic")
        # Sixteen columns that see more than two vectors, and every second one of an odd number.
        yield call(make.uniform(1, 40, 150), (20, 37))
        yield call(make.uniform(1, 40, 150), (20, 37), antialias=True)
        yield call(make.uniform(1, 40, 71), (20, 36), "bilinear", True)

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        yield from super().invalid(make)
        image = make.uniform(1, 4, 4)
        yield TypeError, "size must be an integer, got float", call(image, 2.5)
        yield ValueError, "size must be 2 integers", call(image, (2, 3, 4))
        yield ValueError, "side must be one of 'short', 'long'", call(image, 4, side="left")
        yield ValueError, "input must have at least one pixel", call(make.uniform(1, 0, 4), (4, 4))

    def oracle(self, input: Tensor, size: Any, *args: Any, **options: Any) -> Any:
        if options.get("antialias") and 90 in size:
            return NotImplemented  # its border is too narrow
        return kornia.resize(input, size, *args, **options)


class TestRescale(ResizeCase):
    operation = staticmethod(rescale)

    def samples(self, make: Make) -> Iterator[Sample]:
        image = make.uniform(1, 2, 5, 6)
        yield call(image, (0.5, 1.7))
        yield call(image, 2.0, "bicubic", True)
        yield call(image, 0.4, "area")
        yield call(image, (2.0, 3.0), "nearest")
        yield call(image[0], 0.7, antialias=True)

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        yield from super().invalid(make)
        image = make.uniform(1, 4, 4)
        yield ValueError, "factor must be positive, got -1", call(image, -1)
        yield ValueError, "factor must be a number or two", call(image, (1, 2, 3))
        yield TypeError, "factor must be a number", call(image, "2")

    def oracle(self, input: Tensor, factor: Any, *args: Any, **options: Any) -> Any:
        return kornia.rescale(input, factor, *args, **options)

    def test_module_form(self) -> None:
        image = torch.rand(1, 1, 4, 5)
        for interpolation in INTERPOLATIONS:
            layer = Rescale(2.0, interpolation)
            torch.testing.assert_close(layer(image), kornia.Rescale(2.0, interpolation)(image))
            assert repr(eval(repr(layer))) == repr(layer)


class TestRescaleModule(TestRescale):
    operation = staticmethod(rescale)
    module_form = Rescale

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(make.uniform(1, 2, 5, 6), (0.5, 1.7), align_corners=True)
        yield call(make.uniform(1, 2, 5, 6), 2.0, "area", align_corners=None)


class TestResizeToBeDivisible(ResizeCase):
    operation = staticmethod(resize_to_be_divisible)

    def samples(self, make: Make) -> Iterator[Sample]:
        for factor in (4, 3, 20):
            yield call(make.uniform(1, 2, 5, 9), factor)
        yield call(make.uniform(2, 10, 6), 4, "bicubic", antialias=True)

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        yield from super().invalid(make)
        image = make.uniform(1, 4, 4)
        yield ValueError, "divisible_factor must be at least 1, got 0", call(image, 0)
        yield TypeError, "divisible_factor must be an integer, got float", call(image, 2.5)

    def oracle(self, input: Tensor, divisible_factor: int, *args: Any, **options: Any) -> Any:
        return kornia.resize_to_be_divisible(input, divisible_factor, *args, **options)


@KERNELS
@pytest.mark.parametrize("interpolation", INTERPOLATIONS)
def test_the_same_size_is_the_image(interpolation: str, kernels: bool) -> None:
    image = torch.randn(1, 2, 7, 40)
    image[0, 0, 3, 4] = torch.inf
    with use_kernels(kernels):
        for align_corners in corners_of(interpolation):
            for antialias in (True, False):
                found = resize(image, (7, 40), interpolation, align_corners, antialias=antialias)
                assert torch.equal(found, image)
                assert found.data_ptr() != image.data_ptr()


def test_the_other_side_keeps_the_aspect() -> None:
    for side, shape in (("short", (7, 12)), ("long", (3, 7)), ("vert", (7, 12)), ("horz", (3, 7))):
        assert resize(torch.rand(5, 9), 7, side=side).shape == shape
    assert resize(torch.rand(3, 13), 27).shape == (27, 117)  # 27 * (13 / 3) is rounded to less than 117
    assert rescale(torch.rand(3, 4), 2).shape == (6, 8)


@KERNELS
def test_corners_are_kept_where_they_are_aligned(kernels: bool) -> None:
    image = torch.rand(1, 1, 9, 33)
    with use_kernels(kernels):
        for interpolation in SMOOTH:
            large = resize(image, (17, 65), interpolation, align_corners=True)
            torch.testing.assert_close(large[..., ::2, ::2], image)


@KERNELS
def test_an_infinite_pixel_reaches_only_those_made_of_it(kernels: bool) -> None:
    image = torch.rand(1, 1, 40, 70)
    image[..., 20, 0] = torch.inf
    image[..., 30, 69] = torch.nan
    with use_kernels(kernels):
        for size in ((20, 35), (80, 140), (33, 50)):
            for interpolation in ("bilinear", "nearest", "area"):
                found = resize(image, size, interpolation)
                expected = functional.interpolate(image, size, mode=interpolation)
                torch.testing.assert_close(found, expected, equal_nan=True, msg=f"{interpolation} {size}")


@pytest.mark.parametrize("interpolation", OPENCV)
@pytest.mark.parametrize("size", [(120, 160), (301, 170), (480, 640)])
def test_as_opencv(interpolation: str, size: tuple[int, int]) -> None:
    photo = photograph()[..., :240, :320]
    if interpolation == "area" and size[0] > 240:
        return  # OpenCV's then is bilinear
    if interpolation == "area" and size[0] == 301:
        size = (101, 170)

    def opencv(image: Tensor) -> Tensor:
        return image_of(cv2.resize(rows_of(image), size[::-1], interpolation=OPENCV[interpolation]))

    found, expected = resize(photo, size, interpolation), opencv(photo)
    assert found.dtype is torch.uint8
    assert (found.int() - expected.int()).abs().max() <= 1
    image = photo.float() / 255
    torch.testing.assert_close(resize(image, size, interpolation), opencv(image), rtol=1e-4, atol=1e-4)


def test_antialiasing_as_scikit_image() -> None:
    """Up to its window, which is twice as wide, and up to the border."""
    image = photograph()[..., :240, :320].double().mean(1) / 255
    for factor in (0.5, 0.25):
        expected = skimage_rescale(image[0].numpy(), factor, order=1, mode="reflect", anti_aliasing=True)
        found = rescale(image, factor, antialias=True)
        assert (found[0] - torch.from_numpy(expected)).abs().mean() < 2e-3


@KERNELS
def test_a_gradient_past_the_caches(kernels: bool) -> None:
    image = torch.rand(1, 1, 1024, 2080, requires_grad=True)
    gradient = torch.rand(1, 1, 512, 1040)
    with use_kernels(kernels):
        (found,) = torch.autograd.grad(resize(image, (512, 1040)), image, gradient)
    torch.testing.assert_close(found, gradient.repeat_interleave(2, -1).repeat_interleave(2, -2) / 4)


@KERNELS
def test_bytes(kernels: bool) -> None:
    image = torch.randint(0, 256, (2, 3, 40, 50), dtype=torch.uint8)
    with use_kernels(kernels):
        for size in ((20, 25), (80, 100), (33, 71)):
            for interpolation in INTERPOLATIONS:
                for antialias in (True, False):
                    found = resize(image, size, interpolation, antialias=antialias)
                    expected = resize.reference(image.double(), size, interpolation, antialias=antialias)
                    assert found.dtype is torch.uint8
                    assert (found.double() - expected.clamp(0, 255)).abs().max() < 0.5 + 1e-3
