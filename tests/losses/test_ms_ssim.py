# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator, Sequence

import kornia.losses
import numpy as np
import torch
from torch import Tensor

from foveal.losses import MS_SSIMLoss, ms_ssim_loss
from tests.contract import Contract, Make, Sample, call
from tests.metrics.windows import gaussian_means, terms


def oracle(
    img1: Tensor,
    img2: Tensor,
    sigmas: Sequence[float] = (0.5, 1.0, 2.0, 4.0, 8.0),
    data_range: float = 1.0,
    K: tuple[float, float] = (0.01, 0.03),
    alpha: float = 0.025,
    compensation: float = 200.0,
    reduction: str = "mean",
) -> Tensor:
    first, second = np.broadcast_arrays(img1.numpy(), img2.numpy())
    taps = 2 * int(2 * sigmas[-1]) + 1
    scales = [terms(first, second, taps, sigma, "constant", [(k * data_range) ** 2 for k in K]) for sigma in sigmas]
    luminance, _ = scales[-1]
    index = luminance[0] / luminance[1]
    for _, structure in scales:
        index = index * structure[0] / structure[1]
    difference = gaussian_means(np.abs(first - second), taps, sigmas[-1], "constant") / data_range
    loss = torch.from_numpy(compensation * (alpha * (1 - index) + (1 - alpha) * difference).mean(axis=1))
    return loss if reduction == "none" else getattr(loss, reduction)()


class TestMsSsimLoss(Contract):
    operation = staticmethod(ms_ssim_loss)
    module_form = MS_SSIMLoss
    oracle = staticmethod(oracle)

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(make.uniform(2, 2, 7, 6), make.uniform(2, 2, 7, 6), alpha=0.6, compensation=1.0)
        options = {"sigmas": (0.7, 1.6), "data_range": 2.0, "K": (0.02, 0.05), "compensation": 3.0}
        for reduction in ("none", "sum"):
            yield call(make.uniform(1, 2, 5, 8), make.uniform(1, 2, 5, 8), reduction=reduction, **options)
        yield call(make.uniform(2, 1, 4, 5), make.uniform(1, 1, 4, 5), sigmas=[1.0], alpha=0.84, compensation=1.0)
        yield call(make.uniform(1, 1, 1, 1), make.uniform(1, 1, 1, 1), reduction="none")
        yield call(make.uniform(0, 1, 3, 2), make.uniform(0, 1, 3, 2), reduction="sum")

    def large(self, make: Make) -> Iterator[Sample]:
        first, second = make.uniform(2, 2, 37, 301), make.uniform(2, 2, 37, 301)
        yield call(first, second, alpha=0.5, compensation=1.0, reduction="none")
        yield call(first, second, sigmas=(0.5, 2.0), alpha=0.5)

    def special(self, make: Make) -> Iterator[Sample]:
        for values in ((0.0, 0.0), (1.0, 1.0), (0.0, 1.0)):
            first, second = (make.tensor(value).expand(1, 2, 8, 7) for value in values)
            yield call(first, second)

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        image = make.uniform(3, 2, 8, 7)
        yield TypeError, "img1 must be a torch.Tensor, got list", call([1.0], image)
        yield ValueError, r"img1 must have shape \(B, C, H, W\), got \(2, 8, 7\)", call(image[0], image[0])
        yield ValueError, r"img2 must have shape \(B, 2, 8, 7\), got \(3, 1, 8, 7\)", call(image, image[:, :1])
        yield ValueError, "img2 must be 3 images or one, as img1, got 2", call(image, image[:2])
        yield TypeError, "sigmas must be a sequence of numbers, got float", call(image, image, 1.0)
        yield ValueError, "sigmas must hold at least one number", call(image, image, ())
        yield ValueError, "sigmas must be positive, got 0", call(image, image, (0.0, 1.0))
        yield ValueError, "data_range must be positive, got -1", call(image, image, data_range=-1.0)
        yield ValueError, "K must be two numbers, got 0.1", call(image, image, K=0.1)
        yield TypeError, "alpha must be a number, got str", call(image, image, alpha="1")
        yield ValueError, "reduction must be one of 'none', 'mean', 'sum'", call(image, image, reduction="max")


def test_value_is_kornias() -> None:
    first, second = torch.rand(2, 2, 3, 40, 50)
    for images in ((first, second), ((255 * first).byte(), (255 * second).byte())):
        for reduction in ("mean", "none"):
            expected = kornia.losses.MS_SSIMLoss(reduction=reduction)(*images)
            # Both are float32, by other sums of 33 x 33 products.
            torch.testing.assert_close(MS_SSIMLoss(reduction=reduction)(*images), expected, rtol=1e-5, atol=1e-5)
