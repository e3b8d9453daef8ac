# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator

import kornia.enhance
import numpy as np
import torch
from PIL import Image, ImageOps

from foveal.enhance import posterize
from tests.contract import Make, Sample, call
from tests.enhance.case import SHAPES, AdjustmentCase


class TestPosterize(AdjustmentCase):
    operation = staticmethod(posterize)
    peer = staticmethod(kornia.enhance.posterize)
    differentiable = False
    image_name = "input"
    unit_options = False

    def samples(self, make: Make) -> Iterator[Sample]:
        for bits in (3, 0, 8, make.integers(3, 4), make.integers(5, 6, 1), torch.tensor([2, 6], device=make.device)):
            yield call(self.images(make, *SHAPES[0]), bits)
        for shape in SHAPES[1:-1]:
            yield call(self.images(make, *shape), 4)
        yield call(self.images(make, 5, 7), 2)
        yield call(self.images(make, 2, 2, 3, 4, 5), make.integers(0, 9, 4))
        yield call(self.images(make, 2, 3, 4, 5), make.integers(0, 9, 2, 3))

    def numbers(self) -> dict[str, int]:
        return {"bits": 3}

    def large(self, make: Make) -> Iterator[Sample]:
        yield call(self.images(make, 2, 3, 97, 131), 3)
        yield call(self.images(make, 2, 3, 97, 131), make.integers(0, 9, 2))

    def special(self, make: Make) -> Iterator[Sample]:
        yield call(make.tensor([[-1.0, -0.0, 0.0, 1.0, 2.0]]), 3)
        yield call(make.tensor(torch.zeros(0, 3, 2, 2)), 3)

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        yield from super().invalid(make)
        image = make.uniform(2, 3, 4, 4)
        yield TypeError, "bits must be an integer or a tensor, got float", call(image, 3.0)
        yield ValueError, r"bits must be in \[0, 8\], got 9", call(image, 9)
        yield ValueError, r"bits must have one element or be .*got shape \(3,\)", call(image, make.integers(0, 8, 3))


def test_bytes_are_pillows() -> None:
    image = torch.arange(256, dtype=torch.uint8).expand(3, 16, 256).contiguous()
    picture = Image.fromarray(image.permute(1, 2, 0).numpy())
    for bits in range(1, 9):
        expected = torch.from_numpy(np.array(ImageOps.posterize(picture, bits))).permute(2, 0, 1)
        for function in (posterize, posterize.reference):
            assert function(image, bits).equal(expected)
            assert function(image, torch.tensor([bits])).equal(expected)
            # The levels of bytes survive the way through floats.
            assert (function(image / 255, bits) * 255).round().byte().equal(expected)


def test_eight_bits_leave_the_image_and_its_gradient() -> None:
    image = torch.rand(2, 3, 20, 30, requires_grad=True)
    for bits in (8, torch.tensor([8, 4])):
        found = posterize(image, bits)
        assert found[0].equal(image[0])
        (gradient,) = torch.autograd.grad(found.sum(), image)
        assert gradient[0].eq(1).all()


def test_values_outside_the_range_are_clipped() -> None:
    image = torch.tensor([[-3.0, -0.1, 1.1, 3.0]] * 5)
    for function in (posterize, posterize.reference):
        torch.testing.assert_close(function(image, 1)[0], torch.tensor([0.0, 0.0, 128 / 255, 128 / 255]))
