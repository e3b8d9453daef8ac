# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator
from typing import Any

import kornia.losses
import pytest
import torch
from torch import Tensor

from foveal.losses import SSIM3DLoss, SSIMLoss, ssim3d_loss, ssim_loss
from tests.contract import Contract, Make, Sample, call
from tests.metrics.windows import similarity


def dissimilarity(img1: Tensor, img2: Tensor, window_size: int, reduction: str = "mean", **options: Any) -> Tensor:
    loss = ((1 - similarity(img1, img2, window_size, **options)) / 2).clamp(0, 1)
    return loss if reduction == "none" else getattr(loss, reduction)()


class TestSsimLoss(Contract):
    operation = staticmethod(ssim_loss)
    module_form = SSIMLoss
    oracle = staticmethod(dissimilarity)

    def samples(self, make: Make) -> Iterator[Sample]:
        for reduction in ("mean", "sum", "none"):
            yield call(make.uniform(2, 1, 7, 9), make.uniform(2, 1, 7, 9), window_size=5, reduction=reduction)
        yield call(make.uniform(1, 2, 9, 7), make.uniform(1, 2, 9, 7), window_size=5, padding="valid", max_val=2.0)
        yield call(make.uniform(1, 1, 3, 4), make.uniform(1, 1, 3, 4), window_size=11, eps=1e-4)
        yield call(make.uniform(1, 1, 1, 1), make.uniform(1, 1, 1, 1), window_size=11)
        yield call(make.uniform(0, 2, 6, 5), make.uniform(0, 2, 6, 5), window_size=3, reduction="sum")

    def large(self, make: Make) -> Iterator[Sample]:
        for padding, reduction in (("same", "mean"), ("valid", "none")):
            first, noise = make.uniform(2, 3, 41, 301), make.uniform(2, 3, 41, 301, high=0.3)
            yield call(first, first + noise, window_size=11, reduction=reduction, padding=padding)

    def special(self, make: Make) -> Iterator[Sample]:
        for values in ((0.0, 0.0), (1.0, 1.0), (0.0, 1.0)):
            first, second = (make.tensor(value).expand(1, 2, 8, 7) for value in values)
            yield call(first, second, window_size=5)
        image = make.uniform(1, 1, 6, 7)
        yield call(image, image, window_size=3, eps=0.0)

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        image = make.uniform(1, 2, 8, 7)
        yield ValueError, r"img1 must have shape \(B, C, H, W\), got \(2, 8, 7\)", call(image[0], image[0], 3)
        yield ValueError, r"img2 must have shape \(1, 2, 8, 7\), got \(1, 1, 8, 7\)", call(image, image[:, :1], 3)
        yield ValueError, "window_size must be positive and odd, got 4", call(image, image, 4)
        yield ValueError, "reduction must be one of 'none', 'mean', 'sum'", call(image, image, 3, reduction="max")
        yield ValueError, "padding must be one of 'same', 'valid', got 'full'", call(image, image, 3, padding="full")


class TestSsim3dLoss(Contract):
    operation = staticmethod(ssim3d_loss)
    module_form = SSIM3DLoss
    oracle = staticmethod(dissimilarity)

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(make.uniform(1, 1, 3, 4, 5), make.uniform(1, 1, 3, 4, 5), window_size=3)
        yield call(make.uniform(1, 1, 4, 3, 5), make.uniform(1, 1, 4, 3, 5), 3, padding="valid", reduction="none")

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        volume = make.uniform(1, 1, 3, 4, 5)
        yield ValueError, r"img1 must have shape \(B, C, D, H, W\), got", call(volume[0], volume[0], 3)
        yield ValueError, "reduction must be one of 'none', 'mean', 'sum'", call(volume, volume, 3, reduction="max")


@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32])
def test_value_is_kornias(dtype: torch.dtype) -> None:
    first, second = ((255 * torch.rand(2, 3, 20, 30)).to(dtype) for _ in range(2))
    expected = kornia.losses.ssim_loss(first, second, 11, max_val=255.0)
    torch.testing.assert_close(ssim_loss(first, second, 11, max_val=255.0), expected)


@pytest.mark.parametrize("kernels", [True, False])
def test_the_loss_is_halved_before_it_is_clamped(kernels: bool) -> None:
    """Opposite images have an index near -1, whose loss is near 1 and still has a gradient."""
    function = ssim_loss if kernels else ssim_loss.reference
    image = (torch.rand(1, 1, 16, 16) - 0.5).requires_grad_()
    loss = function(image, -image.detach(), 11, reduction="none")
    assert 0.9 < loss.max() <= 1
    assert torch.autograd.grad(loss.sum(), image)[0].abs().min() > 0
