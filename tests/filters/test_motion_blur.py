# SPDX-License-Identifier: Apache-2.0
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import kornia.filters as kornia
import pytest
import torch
from torch import Tensor

from foveal.filters import (
    MotionBlur,
    MotionBlur3D,
    filter2d,
    get_motion_kernel2d,
    motion_blur,
    motion_blur3d,
)
from tests.contract import Contract, Make, Sample, call
from tests.filters.case import BORDERS, inner_product_error


class MotionCase(Contract):
    peer: ClassVar[Callable[..., Any]]

    def shape(self, height: int, width: int) -> tuple[int, ...]:
        raise NotImplementedError

    def oracle(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return self.peer(*args, **kwargs)
        except RuntimeError:
            return NotImplemented  # a border wider than the image

    def special(self, make: Make) -> Iterator[Sample]:
        for sample in self.samples(make):
            yield sample.map(lambda tensor: torch.ones_like(tensor) if tensor.ndim > 3 else tensor)


class TestMotionBlur(MotionCase):
    operation = staticmethod(motion_blur)
    module_form = MotionBlur
    peer: ClassVar[Callable[..., Any]] = staticmethod(kornia.motion_blur)

    def samples(self, make: Make) -> Iterator[Sample]:
        image = make.uniform(2, 2, 7, 8)
        yield call(image, 5, 35.0, 0.5)
        yield call(image, 3, 90.0, -0.5, "constant", "bilinear")
        for border_type in BORDERS:
            yield call(image, 5, make.tensor([33.0, 200.0]), make.tensor([0.75, -0.5]), border_type, "bilinear")
        yield call(make.uniform(1, 1, 1, 1), 5, 35.0, 0.5)
        yield call(make.uniform(0, 2, 3, 3), 3, 35.0, 0.5)

    def large(self, make: Make) -> Iterator[Sample]:
        yield call(make.uniform(2, 3, 53, 71), 9, make.tensor([33.0, 200.0]), make.tensor([0.75, -0.5]))
        yield call(make.uniform(1, 3, 53, 71), 15, -75.0, 0.25, "circular", "bilinear")

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        image = make.uniform(2, 1, 4, 4)
        yield TypeError, "input must be a torch.Tensor, got list", call([1.0], 3, 0.0, 0.0)
        yield ValueError, r"input must have shape \(B, C, H, W\), got \(1, 4, 4\)", call(image[0], 3, 0.0, 0.0)
        yield ValueError, "kernel_size must be odd and at least 3, got 4", call(image, 4, 0.0, 0.0)
        yield ValueError, "border_type must be one of", call(image, 3, 0.0, 0.0, "zeros")
        yield ValueError, "mode must be one of", call(image, 3, 0.0, 0.0, mode="cubic")
        yield (
            ValueError,
            "kernel must hold 1 or 2 kernels, as many as images, got 3",
            call(image, 3, make.tensor([1.0, 2.0, 3.0]), 0.0),
        )


class TestMotionBlur3d(MotionCase):
    operation = staticmethod(motion_blur3d)
    module_form = MotionBlur3D
    peer: ClassVar[Callable[..., Any]] = staticmethod(kornia.motion_blur3d)

    def samples(self, make: Make) -> Iterator[Sample]:
        volume = make.uniform(2, 1, 4, 5, 6)
        yield call(volume, 3, (35.0, 10.0, -60.0), 0.5)
        for border_type in BORDERS:
            angles = make.tensor([[30.0, 5.0, 100.0], [10.0, 70.0, 5.0]])
            yield call(volume, 5, angles, make.tensor([0.75, -0.5]), border_type, "bilinear")
        yield call(make.uniform(1, 1, 1, 1, 1), 3, (35.0, 0.0, 0.0), 0.5)
        yield call(make.uniform(0, 2, 3, 3, 3), 3, (35.0, 0.0, 0.0), 0.5)

    def large(self, make: Make) -> Iterator[Sample]:
        yield call(make.uniform(1, 2, 9, 31, 37), 5, (35.0, 10.0, -60.0), 0.5)

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        volume = make.uniform(2, 1, 4, 4, 4)
        angle = (0.0, 0.0, 0.0)
        yield TypeError, "input must be a torch.Tensor, got list", call([1.0], 3, angle, 0.0)
        yield ValueError, r"input must have shape \(B, C, D, H, W\)", call(volume[0], 3, angle, 0.0)
        yield ValueError, r"angle must have shape \(B, 3\), got \(1, 2\)", call(volume, 3, angle[:2], 0.0)
        yield ValueError, "border_type must be one of", call(volume, 3, angle, 0.0, "zeros")


@pytest.mark.parametrize("mode", ["nearest", "bilinear"])
def test_adjoint_has_the_same_inner_product(mode: str) -> None:
    def blur(image: Tensor) -> Tensor:
        return motion_blur(image, 7, 25.0, 0.3, mode=mode)

    assert inner_product_error(blur, torch.randn(2, 3, 31, 45)) < 1e-6


def test_a_motion_is_a_filter_by_its_kernel() -> None:
    image = torch.rand(2, 3, 12, 13)
    expected = filter2d(image, get_motion_kernel2d(5, 25.0, 0.3), "circular")
    torch.testing.assert_close(motion_blur(image, 5, 25.0, 0.3, "circular"), expected)


def test_one_number_turns_a_volume_about_all_axes() -> None:
    volume = torch.rand(1, 1, 5, 6, 7)
    expected = MotionBlur3D(3, (35.0, 35.0, 35.0), 0.5)(volume)
    for angle in (35.0, [35.0, 35.0, 35.0]):
        assert torch.equal(MotionBlur3D(3, angle, 0.5)(volume), expected)
    torch.testing.assert_close(kornia.MotionBlur3D(3, 35.0, 0.5)(volume), expected)
