# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator
from typing import Any

import kornia.losses
import numpy as np
import pytest
import skimage.metrics
import sklearn.metrics
import torch
from torch import Tensor

from foveal.losses import (
    MIKernel,
    MILossFromRef,
    MILossFromRef2D,
    MILossFromRef3D,
    mutual_information_loss,
    mutual_information_loss_2d,
    mutual_information_loss_3d,
    normalized_mutual_information_loss,
)
from tests.contract import Contract, Make, Sample, call


class TestMutualInformationLoss(Contract):
    operation = staticmethod(mutual_information_loss)
    module_form = MILossFromRef
    shape: tuple[int, ...] = (9,)
    large_shape: tuple[int, ...] = (2_001,)

    def oracle(self, input: Tensor, target: Tensor, *masks: Tensor | None, **options: Any) -> Tensor:
        if input.numel() == 0:
            return NotImplemented
        if "kernel_function" in options:
            options["kernel_function"] = kornia.losses.MIKernel[options["kernel_function"].name]
        return getattr(kornia.losses, self.operation.__name__)(input, target, *masks, **options)

    def samples(self, make: Make) -> Iterator[Sample]:
        pair = make.uniform(2, *self.shape), make.uniform(2, *self.shape, low=-40, high=90)
        yield call(*pair, num_bins=5)
        yield call(pair[0][0], pair[1][0], num_bins=4, window_radius=2.6)
        yield call(*pair, num_bins=6, window_radius=1.3, kernel_function=MIKernel.truncated_gaussian)
        yield call(*pair, num_bins=5, window_radius=0.7, kernel_function=MIKernel.rectangular)
        inside, inside_too = make.integers(0, 5, 2, *self.shape) > 0
        yield call(*pair, inside, inside_too, num_bins=7)
        yield call(pair[0][:0], pair[1][:0], num_bins=5)

    def large(self, make: Make) -> Iterator[Sample]:
        image = make.uniform(2, *self.large_shape)
        mixed = (image + make.uniform(2, *self.large_shape)).square()
        yield call(image, mixed)
        if len(self.shape) == 1:  # several tables for a signal
            long = make.uniform(70_001)
            yield call(long, long.square() + long.flip(0) / 8, num_bins=6)

    def special(self, make: Make) -> Iterator[Sample]:
        flat, image = make.tensor(np.full(self.shape, 0.3)), make.uniform(*self.shape)
        two = make.tensor(np.arange(image.numel()).reshape(self.shape) % 2)
        for pair in ((flat, flat), (flat, image), (image, flat), (image, image), (two, two), (two, 1 - two)):
            yield call(*pair)
        yield call(image, two, make.integers(0, 1, *self.shape) > 0)
        yield call(image, two, num_bins=9, window_radius=0.01)
        single = make.tensor(np.full((1,) * len(self.shape), 0.3))
        yield call(single, single)

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        image, mask = make.uniform(*self.shape), make.integers(0, 2, *self.shape) > 0
        yield TypeError, "input must be a torch.Tensor, got list", call([1.0], image)
        yield TypeError, "target must have a floating-point dtype", call(image, mask.long())
        yield ValueError, r"target must have shape \(", call(image, image[:-1])
        yield ValueError, "input must have samples", call(image[:0], image[:0])
        yield TypeError, "input_mask must be a boolean tensor", call(image, image, mask.long())
        yield ValueError, r"target_mask must have shape \(", call(image, image, None, mask[:-1])
        yield ValueError, "kernel_function must be one of", call(image, image, kernel_function="xu")
        yield ValueError, "num_bins must be at least 2, got 1", call(image, image, num_bins=1)
        yield ValueError, "window_radius must be positive, got 0", call(image, image, window_radius=0)


class TestMutualInformationLoss2d(TestMutualInformationLoss):
    operation = staticmethod(mutual_information_loss_2d)
    module_form = MILossFromRef2D
    shape = (3, 4)
    large_shape = (31, 27)


class TestMutualInformationLoss3d(TestMutualInformationLoss):
    operation = staticmethod(mutual_information_loss_3d)
    module_form = MILossFromRef3D
    shape = (2, 3, 2)
    large_shape = (5, 11, 13)


def levels() -> tuple[Tensor, Tensor]:
    """Return images of 8 levels that share information: a narrow kernel counts them in a plain histogram."""
    generator = torch.Generator().manual_seed(3)
    first = torch.randint(0, 8, (500,), generator=generator)
    second = torch.where(torch.rand(500, generator=generator) < 0.6, 7 - first, first // 2)
    return first.double(), second.double()


@pytest.mark.parametrize("kernel", MIKernel)
def test_narrow_kernels_count_a_plain_histogram(kernel: MIKernel) -> None:
    first, second = levels()
    counts = np.histogram2d(first, second, bins=8)[0]
    p = counts / counts.sum()
    independent = p.sum(1, keepdims=True) * p.sum(0, keepdims=True)
    expected = (p[p > 0] * np.log(p[p > 0] / independent[p > 0])).sum()
    loss = mutual_information_loss(first, second, kernel_function=kernel, num_bins=8, window_radius=0.3)
    assert loss.item() == pytest.approx(-expected, abs=1e-12)
    found = normalized_mutual_information_loss(
        first, second, kernel_function=kernel, num_bins=8, window_radius=0.3
    ).item()
    assert found == pytest.approx(-skimage.metrics.normalized_mutual_information(first, second, bins=8), abs=1e-12)


@pytest.mark.parametrize("kernel", MIKernel)
def test_of_labels_it_is_scikit_learns(kernel: MIKernel) -> None:
    """Labels lie in the middle of bins, so that each counts in its own alone, whatever the kernel."""
    first, second = np.random.default_rng(0).integers(0, 6, (2, 500))
    first[:2], second[:2] = (0, 5), (5, 0)
    pair = torch.from_numpy(first).double(), torch.from_numpy(second).double()
    found = mutual_information_loss(*pair, kernel_function=kernel, num_bins=6, window_radius=0.3)
    assert found.item() == pytest.approx(-sklearn.metrics.mutual_info_score(first, second), abs=1e-12)


@pytest.mark.parametrize("kernel", MIKernel)
def test_values_of_the_kernels_are_kornias(kernel: MIKernel) -> None:
    distance = torch.linspace(-3, 3, 49, dtype=torch.float64)
    for radius in (1.0, 2.5):
        expected = kornia.losses.MIKernel[kernel.name].value(distance, radius)
        torch.testing.assert_close(kernel.value(distance, radius), expected)


@pytest.mark.parametrize("dtype", [torch.float16, torch.float32, torch.float64])
def test_a_constant_leaves_no_gradient(dtype: torch.dtype) -> None:
    image, flat = torch.rand(6, 5).to(dtype).requires_grad_(), torch.ones(6, 5, dtype=dtype, requires_grad=True)
    for loss in (mutual_information_loss_2d(image, flat), mutual_information_loss_2d(flat, image)):
        assert loss == 0
        assert all(g.eq(0).all() for g in torch.autograd.grad(loss, (image, flat)))


def test_samples_outside_the_masks_do_not_count() -> None:
    image, other = torch.rand(2, 20, dtype=torch.float64)
    spoilt = torch.cat([image, torch.tensor([torch.nan, torch.inf])]).requires_grad_()
    mask = torch.arange(22) < 20
    loss = mutual_information_loss(spoilt, torch.cat([other, torch.zeros(2)]), mask, mask)
    torch.testing.assert_close(loss, mutual_information_loss(image, other))
    (gradient,) = torch.autograd.grad(loss, spoilt)
    assert gradient.isfinite().all()
    assert gradient[20:].eq(0).all()


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_masks_without_a_common_sample_leave_no_information(dtype: torch.dtype) -> None:
    image, other = torch.rand(2, 20, dtype=dtype)
    mask = torch.arange(20) < 10
    assert mutual_information_loss(image, other, mask, ~mask) == 0
    assert normalized_mutual_information_loss(image, other, mask, ~mask) == -1


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_nan_and_infinite_samples_give_nan(dtype: torch.dtype) -> None:
    for value in (torch.nan, torch.inf, -torch.inf):
        image = torch.tensor([0.0, 1.0, value, 2.0], dtype=dtype)
        assert mutual_information_loss(image, image.new_tensor([0.0, 1.0, 2.0, 3.0])).isnan()


def test_module_takes_masks_of_both_signals() -> None:
    image, other, seen = torch.rand(4, 5), torch.rand(4, 5), torch.rand(2, 4, 5) > 0.2
    found = MILossFromRef2D(other, seen[0], num_bins=8)(image, other_mask=seen[1])
    torch.testing.assert_close(found, mutual_information_loss_2d(image, other, seen[1], seen[0], num_bins=8))
