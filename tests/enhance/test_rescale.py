# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator

import kornia.enhance
import torch

from foveal.enhance import Rescale
from foveal.enhance.rescale import rescale
from tests.contract import Contract, Make, Sample, call


class TestRescale(Contract):
    operation = staticmethod(rescale)
    module_form = Rescale

    def oracle(self, input: torch.Tensor, factor: torch.Tensor | float) -> torch.Tensor:
        return kornia.enhance.Rescale(factor)(input)

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(make.uniform(2, 3, 4, 5), 2.5)
        yield call(make.uniform(2, 3, 4, 5), make.tensor(2.5))
        yield call(make.uniform(0, 3), 2.5)

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        yield TypeError, "input must be a torch.Tensor, got list", call([1.0], 2.0)
        yield TypeError, "factor must be a number or a tensor, got str", call(make.uniform(3), "2")
        yield (
            ValueError,
            r"factor must be a number or have shape \(\), got shape \(1,\)",
            call(make.uniform(3), make.uniform(1)),
        )


def test_integers_become_floats() -> None:
    found = Rescale(1 / 255)(torch.tensor([0, 255], dtype=torch.uint8))
    assert found.dtype is torch.float32
    assert found.tolist() == [0.0, 1.0]
