# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator

import cv2
import kornia.color
import pytest
import torch
from torch import Tensor

from foveal.color import (
    BgrToGrayscale,
    GrayscaleToRgb,
    RgbToGrayscale,
    bgr_to_grayscale,
    grayscale_to_rgb,
    rgb_to_grayscale,
)
from tests.color.case import ColourCase, byte_images, check_bytes, opencv
from tests.contract import Make, Sample, call


class TestRgbToGrayscale(ColourCase):
    operation = staticmethod(rgb_to_grayscale)
    module_form = RgbToGrayscale
    peer = staticmethod(kornia.color.rgb_to_grayscale)

    def samples(self, make: Make) -> Iterator[Sample]:
        yield from super().samples(make)
        yield call(self.colours(make, 2, 3, 4, 5), make.tensor([0.2, 0.3, 0.5]))

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        yield from super().invalid(make)
        image = make.uniform(3, 2, 2)
        yield TypeError, "rgb_weights must be a torch.Tensor, got list", call(image, [0.2, 0.3, 0.5])
        yield ValueError, r"rgb_weights must have shape \(3\), got \(2,\)", call(image, make.uniform(2))


class TestBgrToGrayscale(ColourCase):
    operation = staticmethod(bgr_to_grayscale)
    module_form = BgrToGrayscale
    peer = staticmethod(kornia.color.bgr_to_grayscale)


class TestGrayscaleToRgb(ColourCase):
    operation = staticmethod(grayscale_to_rgb)
    module_form = GrayscaleToRgb
    peer = staticmethod(kornia.color.grayscale_to_rgb)

    def colours(self, make: Make, *shape: int) -> Tensor:
        return make.uniform(*shape[:-3], 1, *shape[-2:])

    def special(self, make: Make) -> Iterator[Sample]:
        yield call(make.tensor([[[0.0, 1.0]]]))

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        yield TypeError, "image must be a torch.Tensor, got list", call([1.0])
        yield ValueError, r"image must have shape \(\*, 1, H, W\), got \(3, 2, 2\)", call(make.uniform(3, 2, 2))


@pytest.mark.parametrize(
    ("operation", "code"), [(rgb_to_grayscale, cv2.COLOR_RGB2GRAY), (bgr_to_grayscale, cv2.COLOR_BGR2GRAY)]
)
def test_equals_opencv(operation: object, code: int) -> None:
    for image in byte_images():
        check_bytes(operation, image, opencv(image, code), levels=0)
        floats = image / 255
        torch.testing.assert_close(operation(floats), opencv(floats, code), rtol=1e-6, atol=1e-6)


def test_bytes_with_weights_are_rounded_sums() -> None:
    image = byte_images()[0]
    weights = torch.tensor([0.2, 0.3, 0.5])
    expected = (image * weights.view(3, 1, 1)).sum(0, keepdim=True)
    assert (rgb_to_grayscale(image, weights) - expected).abs().max() <= 0.5001


def test_weights_have_a_gradient() -> None:
    weights = torch.tensor([0.2, 0.3, 0.5], requires_grad=True)
    image = torch.rand(2, 3, 4, 5)
    rgb_to_grayscale(image, weights).sum().backward()
    torch.testing.assert_close(weights.grad, image.sum((0, 2, 3)))


def test_weights_of_any_layout() -> None:
    image = torch.rand(2, 3, 4, 5)
    expected = rgb_to_grayscale(image, torch.tensor([0.2, 0.3, 0.5]))
    torch.testing.assert_close(rgb_to_grayscale(image, torch.tensor([0.2, 0.3, 0.5]).view(3, 1, 1)), expected)


def test_repeated_grey_has_memory_of_its_own() -> None:
    image = torch.rand(1, 2, 2)
    result = grayscale_to_rgb(image)
    result[0] = 7
    assert (result[1] != 7).all()
    assert (image != 7).all()
    bytes = torch.tensor([[[3, 250]]], dtype=torch.uint8)
    assert torch.equal(grayscale_to_rgb(bytes), bytes.expand(3, 1, 2))
