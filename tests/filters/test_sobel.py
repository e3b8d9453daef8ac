# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator
from typing import Any

import cv2
import kornia.filters as kornia
import pytest
import torch

from foveal.filters import Sobel, sobel
from tests.contract import Contract, Make, Sample, call
from tests.filters.photographs import photograph


class TestSobel(Contract):
    operation = staticmethod(sobel)
    module_form = Sobel

    def oracle(self, *args: Any, **kwargs: Any) -> Any:
        return kornia.sobel(*args, **kwargs)

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(make.uniform(1, 2, 6, 7))
        yield call(make.uniform(1, 2, 6, 7), normalized=False)
        yield call(make.uniform(2, 1, 3, 5), True, 0.1)
        for height, width in ((1, 1), (1, 5), (4, 1), (2, 2), (3, 2)):
            yield call(make.uniform(2, 1, height, width), eps=0.01)
        yield call(make.uniform(0, 2, 3, 3))

    def large(self, make: Make) -> Iterator[Sample]:
        # At a flat pixel the gradient divides rounding by a small magnitude: not here.
        yield call(make.uniform(2, 3, 53, 71), eps=0.01)
        yield call(make.uniform(1, 1, 131, 257), False, 0.1)

    def special(self, make: Make) -> Iterator[Sample]:
        for value in (0.0, 1.0):
            yield call(make.tensor(torch.full((1, 1, 4, 4), value)))

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        image = make.uniform(1, 1, 4, 4)
        yield TypeError, "input must be a torch.Tensor, got list", call([1.0])
        yield TypeError, "input must hold real numbers, got torch.complex64", call(image.to(torch.complex64))
        yield ValueError, r"input must have shape \(B, C, H, W\), got \(1, 4, 4\)", call(image[0])


@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32])
def test_photograph_equals_opencvs(dtype: torch.dtype) -> None:
    image = photograph().to(dtype)
    found = sobel(image, normalized=False, eps=0.0)
    assert found.dtype is torch.float32
    rows = image[0].permute(1, 2, 0).contiguous().numpy()
    x, y = (cv2.Sobel(rows, cv2.CV_32F, i, 1 - i, ksize=3, borderType=cv2.BORDER_REPLICATE) for i in (1, 0))
    torch.testing.assert_close(found[0].permute(1, 2, 0), torch.from_numpy(cv2.magnitude(x, y)))


def test_gradient_of_a_sum_is_that_of_ones() -> None:
    for height, width in ((37, 41), (2, 2), (1, 3)):
        image = torch.randn(2, 3, height, width, requires_grad=True)
        result = sobel(image)
        (of_sum,) = torch.autograd.grad(result.sum(), image, retain_graph=True)
        (of_ones,) = torch.autograd.grad(result, image, torch.ones_like(result))
        torch.testing.assert_close(of_sum, of_ones)


def test_gradient_at_a_flat_pixel_without_eps_is_left_to_the_reference() -> None:
    """Zero over zero has no derivative: kernel and reference must say so alike."""
    flat = torch.ones(1, 1, 6, 6, requires_grad=True)
    for function in (sobel, sobel.reference):
        (gradient,) = torch.autograd.grad(function(flat, eps=0.0).sum(), flat)
        assert gradient.isnan().all()
