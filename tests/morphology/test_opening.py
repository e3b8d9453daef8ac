# SPDX-License-Identifier: Apache-2.0
from collections.abc import Callable

import cv2
import kornia.morphology as kornia
import pytest
import torch

from foveal import use_kernels
from foveal.morphology import bottom_hat, closing, gradient, opening, top_hat
from tests.morphology.case import MorphologyCase, cross, disk, image_of, photograph, rows_of


class TestOpening(MorphologyCase):
    operation = staticmethod(opening)
    peer = staticmethod(kornia.opening)


class TestClosing(MorphologyCase):
    operation = staticmethod(closing)
    peer = staticmethod(kornia.closing)


class TestGradient(MorphologyCase):
    operation = staticmethod(gradient)
    peer = staticmethod(kornia.gradient)


class TestTopHat(MorphologyCase):
    operation = staticmethod(top_hat)
    peer = staticmethod(kornia.top_hat)


class TestBottomHat(MorphologyCase):
    operation = staticmethod(bottom_hat)
    peer = staticmethod(kornia.bottom_hat)


WAYS = pytest.mark.parametrize("enabled", [True, False], ids=["kernel", "reference"])
OPENCV: dict[Callable[..., torch.Tensor], int] = {
    opening: cv2.MORPH_OPEN,
    closing: cv2.MORPH_CLOSE,
    gradient: cv2.MORPH_GRADIENT,
    top_hat: cv2.MORPH_TOPHAT,
    bottom_hat: cv2.MORPH_BLACKHAT,
}


@WAYS
@pytest.mark.parametrize("operation", OPENCV, ids=lambda operation: operation.__name__)
def test_photographs_equal_opencvs(operation: Callable[..., torch.Tensor], enabled: bool) -> None:
    # OpenCV does not reflect the element of its dilation: the two agree on symmetric ones.
    for kernel in (torch.ones(5, 5), torch.ones(3, 9), torch.ones(15, 15), cross(5), disk(4)):
        if not enabled and kernel.numel() > 100:
            continue
        for image in (photograph(), photograph() / 255):
            with use_kernels(enabled):
                actual = operation(image, kernel)
            expected = cv2.morphologyEx(rows_of(image), OPENCV[operation], kernel.byte().numpy())
            assert torch.equal(actual, image_of(expected))


@WAYS
def test_opening_is_idempotent_and_below(enabled: bool) -> None:
    for image in (photograph(), photograph() / 255):
        for kernel in (torch.ones(2, 4), torch.tensor([[0, 1, 1], [0, 0, 1]]), disk(3)):
            for border_type in ("geodesic", "circular"):
                with use_kernels(enabled):
                    opened = opening(image, kernel, border_type=border_type)
                    again = opening(opened, kernel, border_type=border_type)
                    closed = closing(image, kernel, border_type=border_type)
                assert torch.equal(opened, again)
                assert (opened <= image).all()
                assert (closed >= image).all()


@WAYS
def test_a_difference_of_bytes_is_not_negative(enabled: bool) -> None:
    image = torch.tensor([[[[9, 5, 1]]]], dtype=torch.uint8)
    shift = torch.tensor([[0, 0, 1]])
    with use_kernels(enabled):
        assert gradient(image, shift, border_type="replicate").flatten().tolist() == [4, 8, 4]
        assert gradient(image.flip(-1), shift, border_type="replicate").flatten().tolist() == [0, 0, 0]
