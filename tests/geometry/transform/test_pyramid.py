# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator
from typing import Any

import kornia.geometry.transform as kornia
import pytest
import torch
from torch import Tensor

from foveal import use_kernels
from foveal.geometry.transform import PyrDown, PyrUp, build_laplacian_pyramid, build_pyramid, pyrdown, pyrup
from tests.contract import Contract, Make, Sample, call

BORDERS = ("reflect", "replicate", "circular", "constant")
KERNELS = pytest.mark.parametrize("kernels", [True, False], ids=["kernel", "reference"])


class PyramidCase(Contract):
    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        image = make.uniform(1, 2, 8, 8)
        more = next(self.samples(make)).args[1:2] if "pyramid" in self.operation.__name__ else ()
        yield TypeError, "input must be a torch.Tensor, got ndarray", call(image.numpy(), *more)
        yield TypeError, "input must have a floating-point dtype", call(image.long(), *more)
        yield ValueError, r"input must have shape \(B, C, H, W\), got \(2, 8, 8\)", call(image[0], *more)
        yield ValueError, "border_type must be one of", call(image, *more, "mirror")


class TestPyrDown(PyramidCase):
    operation = staticmethod(pyrdown)
    module_form = PyrDown

    def samples(self, make: Make) -> Iterator[Sample]:
        image = make.uniform(2, 1, 8, 7)
        yield call(image)
        for border_type in BORDERS:
            yield call(image, border_type, True)
        yield call(image, factor=1.5)
        yield call(image, "replicate", True, 3.0)
        yield call(make.uniform(1, 1, 3, 2), "replicate")
        yield call(make.uniform(0, 2, 4, 4))

    def large(self, make: Make) -> Iterator[Sample]:
        for shape in ((2, 3, 64, 80), (1, 2, 67, 71), (1, 1, 35, 260)):
            for border_type in BORDERS:
                yield call(make.uniform(*shape), border_type)
        yield call(make.uniform(1, 2, 67, 71), align_corners=True)
        yield call(make.uniform(1, 2, 67, 71), factor=1.7)

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        yield from super().invalid(make)
        image = make.uniform(1, 2, 4, 4)
        yield ValueError, "factor must leave at least one pixel", call(image, factor=5.0)
        yield ValueError, "factor must be positive, got 0", call(image, factor=0)

    def oracle(self, *args: Any, **options: Any) -> Any:
        return kornia.pyrdown(*args, **options)


class TestPyrUp(PyramidCase):
    operation = staticmethod(pyrup)
    module_form = PyrUp

    def samples(self, make: Make) -> Iterator[Sample]:
        image = make.uniform(2, 1, 5, 4)
        yield call(image)
        for border_type in BORDERS:
            yield call(image, border_type, True)
        yield call(make.uniform(1, 1, 1, 2), "replicate")
        yield call(make.uniform(0, 2, 4, 4))

    def large(self, make: Make) -> Iterator[Sample]:
        for shape in ((2, 3, 40, 48), (1, 2, 31, 71)):
            for border_type in BORDERS:
                yield call(make.uniform(*shape), border_type)
        yield call(make.uniform(1, 2, 33, 39), align_corners=True)

    def oracle(self, *args: Any, **options: Any) -> Any:
        return kornia.pyrup(*args, **options)


class TestBuildPyramid(PyramidCase):
    operation = staticmethod(build_pyramid)

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(make.uniform(1, 2, 12, 11), 3)
        yield call(make.uniform(1, 1, 7, 8), 2, "replicate", True)
        yield call(make.uniform(1, 1, 7, 8), 1)

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        yield from super().invalid(make)
        image = make.uniform(1, 2, 4, 4)
        yield ValueError, "max_level must be at least 1, got 0", call(image, 0)
        yield TypeError, "max_level must be an integer, got float", call(image, 2.0)
        yield ValueError, "factor must leave at least one pixel", call(image, 4)

    def oracle(self, *args: Any, **options: Any) -> Any:
        return kornia.build_pyramid(*args, **options)


class TestBuildLaplacianPyramid(PyramidCase):
    operation = staticmethod(build_laplacian_pyramid)

    def samples(self, make: Make) -> Iterator[Sample]:
        for shape in ((12, 16), (5, 9), (4, 9)):
            yield call(make.uniform(1, 1, *shape), 2)
        yield call(make.uniform(1, 2, 9, 13), 2, "circular", True)
        yield call(make.uniform(1, 2, 5, 8), 1)

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        yield from super().invalid(make)
        image = make.uniform(1, 2, 4, 4)
        yield ValueError, "max_level must be at least 1, got 0", call(image, 0)
        yield TypeError, "input must have a floating-point dtype, got torch.uint8", call(image.byte(), 2)

    def oracle(self, *args: Any, **options: Any) -> Any:
        return kornia.build_laplacian_pyramid(*args, **options)

    def test_the_image_comes_back(self) -> None:
        image = torch.rand(1, 2, 32, 64)
        *bands, level = build_laplacian_pyramid(image, 4)
        for band in reversed(bands):
            level = band + pyrup(level)
        torch.testing.assert_close(level, image)


@KERNELS
def test_bytes(kernels: bool) -> None:
    image = torch.randint(0, 256, (2, 3, 40, 51), dtype=torch.uint8)
    with use_kernels(kernels):
        for operation in (pyrdown, pyrup):
            found = operation(image)
            assert found.dtype is torch.uint8
            assert (found.double() - operation.reference(image.double())).abs().max() < 0.5 + 1e-4


@KERNELS
def test_small_images(kernels: bool) -> None:
    """Borders are reflected as often as it takes."""
    one = torch.full((1, 1, 1, 1), 3.0, requires_grad=True)
    with use_kernels(kernels):
        large = pyrup(one)
        assert torch.equal(large, torch.full((1, 1, 2, 2), 3.0))
        assert torch.equal(pyrdown(large), one)
        (gradient,) = torch.autograd.grad(large.sum(), one)
    assert gradient.item() == 4


def test_levels_of_a_constant_image() -> None:
    image: Tensor = torch.full((1, 1, 33, 50), 0.7)
    for level in build_pyramid(image, 5):
        torch.testing.assert_close(level, torch.full_like(level, 0.7))
