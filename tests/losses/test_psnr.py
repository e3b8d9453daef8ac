# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator

import kornia.losses
import skimage.metrics
import torch

from foveal.losses import PSNRLoss, psnr_loss
from tests.contract import Contract, Make, Sample, call


class TestPsnrLoss(Contract):
    operation = staticmethod(psnr_loss)
    module_form = PSNRLoss
    oracle = staticmethod(kornia.losses.psnr_loss)

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(make.uniform(2, 3, 4, 5), make.uniform(2, 3, 4, 5), max_val=1.0)
        yield call(make.uniform(7), make.uniform(7), max_val=2.5)

    def large(self, make: Make) -> Iterator[Sample]:
        yield call(make.uniform(2, 3, 97, 131), make.uniform(2, 3, 97, 131), max_val=1.0)

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        image = make.normal(2, 3)
        yield TypeError, "image must be a torch.Tensor, got list", call([1.0], image, 1.0)
        yield (
            TypeError,
            "target must hold real numbers, got torch.complex64",
            call(image, image.to(torch.complex64), 1.0),
        )
        yield ValueError, r"target must have shape \(2, 3\), got \(1, 3\)", call(image, image[:1], 1.0)
        yield ValueError, "max_val must be positive, got 0", call(image, image, 0.0)


def test_equal_images_have_no_gradient() -> None:
    image = torch.rand(3, 4, requires_grad=True)
    loss = psnr_loss(image, image.detach(), 1.0)
    assert loss == -torch.inf
    assert torch.autograd.grad(loss, image)[0].eq(0).all()


def test_no_image_is_no_loss() -> None:
    image = torch.zeros(0, 3, 4, 4, requires_grad=True)
    loss = psnr_loss(image, torch.zeros(0, 3, 4, 4), 1.0)
    assert loss.item() == 0
    (gradient,) = torch.autograd.grad(loss, image)
    assert gradient.shape == image.shape


def test_value_is_scikit_images() -> None:
    first, second = torch.rand(2, 20, 30, dtype=torch.float64)
    expected = skimage.metrics.peak_signal_noise_ratio(first.numpy(), second.numpy(), data_range=1.0)
    torch.testing.assert_close(psnr_loss(first, second, 1.0), torch.tensor(-expected, dtype=torch.float64))
