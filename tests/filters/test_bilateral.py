# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator
from typing import Any

import cv2
import kornia.filters as kornia
import numpy as np
import pytest
import skimage.data
import torch

from foveal import use_kernels
from foveal.filters import BilateralBlur, JointBilateralBlur, bilateral_blur, joint_bilateral_blur
from tests.contract import Contract, Make, Sample, call

BORDERS = ("constant", "reflect", "replicate", "circular")


class TestBilateralBlur(Contract):
    operation = staticmethod(bilateral_blur)
    module_form = BilateralBlur

    def oracle(self, *args: Any, **kwargs: Any) -> Any:
        return kornia.bilateral_blur(*args, **kwargs)

    def images(self, *images: Any) -> tuple[Any, ...]:
        return images[:1]

    def samples(self, make: Make) -> Iterator[Sample]:
        # Values far from each other: |difference| has no second derivative where two are equal.
        image, guide = make.uniform(2, 3, 5, 7), make.uniform(2, 2, 5, 7)
        both = self.images(image, guide)
        yield call(*both, 3, 0.5, (1.0, 1.5))
        yield call(*both, (3, 5), 0.5, (2.0, 1.0), "replicate", "l2")
        for border_type in BORDERS:
            yield call(*both, (5, 3), 0.3, (1.0, 1.0), border_type)
        for kind in ("l1", "l2"):
            yield call(
                *both,
                3,
                sigma_color=make.tensor([0.5]),
                sigma_space=make.tensor([[1.0, 2.0]]),
                color_distance_type=kind,
            )
            yield call(
                *both, 3, make.tensor([0.4, 0.9]), make.tensor([[1.0, 2.0], [0.5, 1.5]]), color_distance_type=kind
            )
        yield call(*self.images(make.uniform(1, 1, 6, 5), make.uniform(1, 3, 6, 5)), 3, 0.4, (1.0, 1.0))
        yield call(*self.images(make.uniform(1, 2, 4, 5), make.uniform(1, 1, 4, 5)), (1, 5), 0.4, (1.0, 2.0))
        yield call(*both, 1, 0.5, (1.0, 1.0))
        yield call(*self.images(make.uniform(1, 1, 1, 1), make.uniform(1, 1, 1, 1)), 3, 0.5, (1.0, 1.0), "replicate")
        yield call(*self.images(image[:0], guide[:0]), 3, 0.5, (1.0, 1.0))

    def large(self, make: Make) -> Iterator[Sample]:
        both = self.images(make.uniform(2, 3, 43, 71), make.uniform(2, 1, 43, 71))
        for kind, border_type in (("l1", "reflect"), ("l2", "circular")):
            yield call(*both, 5, 0.3, (1.5, 1.0), border_type, kind)
        yield call(*self.images(make.uniform(1, 1, 53, 91), make.uniform(1, 3, 53, 91)), (7, 5), 0.2, (2.0, 1.0))
        yield call(*both, 3, make.tensor([0.4, 0.9]), make.tensor([[1.0, 2.0], [0.5, 1.5]]))

    def special(self, make: Make) -> Iterator[Sample]:
        flat = self.images(make.tensor(torch.ones(1, 3, 4, 5)), make.tensor(torch.zeros(1, 1, 4, 5)))
        yield call(*flat, 3, 0.1, (1.0, 1.0))
        step = make.tensor(torch.tensor([0.0, 0.0, 1.0, 1.0]).expand(1, 3, 3, 4).contiguous())
        for kind in ("l1", "l2"):
            # Weights of distant colours and places vanish.
            yield call(*self.images(step, step), 3, make.tensor([0.01]), make.tensor([[0.02, 0.02]]), "reflect", kind)

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        one = make.uniform(2, 1, 4, 4)
        both = self.images(one, one)
        rest = (3, 0.5, (1.0, 1.0))
        yield TypeError, "input must be a torch.Tensor, got list", call(*self.images([1.0], one), *rest)
        yield TypeError, "must hold real numbers, got torch.complex", call(*self.images(one + 1j, one), *rest)
        yield ValueError, r"input must have shape \(B, C, H, W\), got", call(*self.images(one[0], one), *rest)
        yield ValueError, "kernel_size must be odd, got 4", call(*both, 4, 0.5, (1.0, 1.0))
        yield ValueError, "sigma_color must be positive, got 0", call(*both, 3, 0, (1.0, 1.0))
        yield ValueError, r"sigma_color must have shape \(1,\) or \(2,\)", call(*both, 3, make.uniform(3), (1.0, 1.0))
        yield TypeError, "sigma_space must be two numbers or a tensor, got float", call(*both, 3, 0.5, 1.0)
        yield ValueError, "sigma_space must be positive, got -1.0", call(*both, 3, 0.5, (1.0, -1.0))
        yield ValueError, r"sigma_space must be two numbers, got \(1.0,\)", call(*both, 3, 0.5, (1.0,))
        yield ValueError, r"sigma_space must have shape \(1, 2\) or \(2, 2\)", call(*both, 3, 0.5, make.uniform(3, 2))
        yield ValueError, "border_type must be one of .*, got 'zero'", call(*both, *rest, "zero")
        yield ValueError, "color_distance_type must be one of 'l1', 'l2', got 'l3'", call(*both, *rest, "reflect", "l3")


class TestJointBilateralBlur(TestBilateralBlur):
    operation = staticmethod(joint_bilateral_blur)
    module_form = JointBilateralBlur

    def oracle(self, *args: Any, **kwargs: Any) -> Any:
        return kornia.joint_bilateral_blur(*args, **kwargs)

    def images(self, *images: Any) -> tuple[Any, ...]:
        return images

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        yield from super().invalid(make)
        one = make.uniform(2, 1, 4, 4)
        for other in (one[:1], one[..., :3]):
            yield (
                ValueError,
                r"guidance must have shape \(2, C, 4, 4\), got",
                call(one, other, 3, 0.5, (1.0, 1.0)),
            )


WAYS = pytest.mark.parametrize("enabled", [True, False], ids=["kernel", "reference"])


@WAYS
def test_a_photograph_equals_opencvs(enabled: bool) -> None:
    """OpenCV's window is a disk: of diameter 3 a cross, which a guidance that bars the corners makes."""
    image = torch.from_numpy(skimage.data.chelsea()).permute(2, 0, 1).unsqueeze(0).contiguous() / 255
    rows = np.ascontiguousarray(image[0].permute(1, 2, 0).numpy())
    with use_kernels(enabled):
        row = bilateral_blur(image[..., :1, :].contiguous(), (1, 3), 0.1, (1.0, 2.0))
    # One row, extended by itself: the neighbours above and below are the pixel itself.
    found = cv2.bilateralFilter(rows[:1], 3, 0.1, 2.0, borderType=cv2.BORDER_REFLECT_101)
    beside = float(np.exp(-1 / 8))
    # OpenCV's window then holds the pixel three times; take out the two that lie above and below it.
    padded = np.pad(rows[:1], ((0, 0), (1, 1), (0, 0)), mode="reflect")
    weights = [
        beside * np.exp(-((np.abs(padded[:, k : k + 451] - rows[:1]).sum(-1, keepdims=True) / 0.1) ** 2) / 2)
        for k in (0, 2)
    ]
    total = 1 + weights[0] + weights[1]
    without = (found * (total + 2 * beside) - 2 * beside * rows[:1]) / total
    torch.testing.assert_close(row[0].permute(1, 2, 0), torch.from_numpy(without).float(), rtol=0, atol=2e-4)


@WAYS
def test_bytes_are_rounded_floats(enabled: bool) -> None:
    image = torch.randint(0, 256, (1, 3, 30, 41), dtype=torch.uint8)
    with use_kernels(enabled):
        found = bilateral_blur(image, 5, 40.0, (2.0, 2.0))
        joint = joint_bilateral_blur(image, image[:, :1] / 255, 5, 0.2, (2.0, 2.0))
        floats = bilateral_blur(image.double(), 5, 40.0, (2.0, 2.0))
    assert found.dtype is joint.dtype is torch.uint8
    assert (found - floats).abs().max() < 0.501


@WAYS
def test_a_wide_colour_sigma_is_a_gaussian(enabled: bool) -> None:
    image = torch.rand(1, 2, 20, 30)
    with use_kernels(enabled):
        found = bilateral_blur(image, (5, 7), 1e4, (1.0, 2.0))
    expected = kornia.gaussian_blur2d(image, (5, 7), (1.0, 2.0))
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-6)


@WAYS
def test_a_narrow_colour_sigma_changes_nothing(enabled: bool) -> None:
    image = torch.rand(1, 2, 20, 30)
    with use_kernels(enabled):
        torch.testing.assert_close(bilateral_blur(image, 5, 1e-5, (1.0, 2.0)), image)


@WAYS
def test_a_scaled_image_has_a_scaled_sigma(enabled: bool) -> None:
    image = torch.rand(1, 3, 20, 30)
    with use_kernels(enabled):
        found = bilateral_blur(image * 200, 5, 20.0, (1.0, 2.0)) / 200
        torch.testing.assert_close(found, bilateral_blur(image, 5, 0.1, (1.0, 2.0)))


@WAYS
def test_the_blur_is_its_own_adjoint_but_for_the_totals(enabled: bool) -> None:
    """With a guidance held fixed the blur A is linear in its input: <A x, y> = <x, A' y>."""
    x, y = torch.rand(2, 1, 3, 24, 37, generator=torch.Generator().manual_seed(0))
    guidance = torch.rand(1, 2, 24, 37, generator=torch.Generator().manual_seed(1))
    for border_type in BORDERS:
        leaf = x.clone().requires_grad_()
        with use_kernels(enabled):
            blurred = joint_bilateral_blur(leaf, guidance, (5, 7), 0.3, (2.0, 2.0), border_type)
            (pulled,) = torch.autograd.grad(blurred, leaf, y)
        torch.testing.assert_close((blurred.detach() * y).sum(), (x * pulled).sum())
