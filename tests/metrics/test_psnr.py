# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator

import kornia.metrics
import torch

from foveal.metrics import psnr
from tests.contract import Contract, Make, Sample, call


class TestPsnr(Contract):
    operation = staticmethod(psnr)
    oracle = staticmethod(kornia.metrics.psnr)

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(make.uniform(2, 3, 4, 5), make.uniform(2, 3, 4, 5), max_val=1.0)
        yield call(make.uniform(7), make.uniform(7), max_val=2.5)

    def large(self, make: Make) -> Iterator[Sample]:
        yield call(make.uniform(2, 3, 97, 131), make.uniform(2, 3, 97, 131), max_val=1.0)

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        image = make.normal(2, 3)
        yield TypeError, "image must be a torch.Tensor, got list", call([1.0], image, 1.0)
        yield ValueError, r"target must have shape \(2, 3\), got \(1, 3\)", call(image, image[:1], 1.0)
        yield ValueError, "max_val must be positive, got 0", call(image, image, 0.0)


def test_equal_images_have_no_gradient() -> None:
    image = torch.rand(3, 4, requires_grad=True)
    ratio = psnr(image, image.detach(), 1.0)
    assert ratio == torch.inf
    assert torch.autograd.grad(ratio, image)[0].eq(0).all()


def test_no_pixel_has_no_ratio() -> None:
    assert psnr(torch.zeros(0, 3), torch.zeros(0, 3), 1.0).isnan()


def test_integers_are_kornias() -> None:
    first, second = torch.randint(0, 256, (2, 3, 8, 8), dtype=torch.uint8)
    torch.testing.assert_close(psnr(first, second, 255.0), kornia.metrics.psnr(first, second, 255.0))
