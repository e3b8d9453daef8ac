# SPDX-License-Identifier: Apache-2.0
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import kornia.geometry.transform as kornia
import torch
from torch import Tensor

from foveal.geometry.transform import Hflip, Rot180, Vflip, hflip, rot180, vflip
from tests.contract import Contract, Make, Sample, call


class FlipCase(Contract):
    """A mirror image."""

    peer: ClassVar[Callable[..., Tensor]]

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(make.uniform(2, 3, 5, 6))
        yield call(make.uniform(4, 7))
        yield call(make.uniform(2, 1, 1, 1))
        yield call(make.uniform(0, 3, 4, 4))

    def large(self, make: Make) -> Iterator[Sample]:
        yield call(make.uniform(2, 1025, 1024))
        yield call(make.uniform(1, 2050, 1024)[:, ::2])

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        yield TypeError, "input must be a torch.Tensor, got list", call([[1.0]])
        yield ValueError, "input must have shape", call(make.tensor(1.0))

    def oracle(self, input: Tensor) -> Any:
        return self.peer(input)

    def test_bytes(self) -> None:
        for shape in ((2, 3, 7, 5), (3, 1000, 3008)):
            image = torch.randint(0, 256, shape, dtype=torch.uint8)
            assert torch.equal(self.operation(image), self.peer(image))

    def test_twice_is_the_image(self) -> None:
        image = torch.randn(2, 3, 7, 5)
        assert torch.equal(self.operation(self.operation(image)), image)


class TestHflip(FlipCase):
    operation = staticmethod(hflip)
    peer = staticmethod(kornia.hflip)
    module_form = Hflip


class TestVflip(FlipCase):
    operation = staticmethod(vflip)
    peer = staticmethod(kornia.vflip)
    module_form = Vflip


class TestRot180(FlipCase):
    operation = staticmethod(rot180)
    peer = staticmethod(kornia.rot180)
    module_form = Rot180
