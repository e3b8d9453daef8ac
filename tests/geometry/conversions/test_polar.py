# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator

import kornia.geometry.conversions as kornia
import torch

from foveal.geometry.conversions import cart2pol, pol2cart
from tests.contract import Contract, Make, Sample, call


class TestCart2pol(Contract):
    operation = staticmethod(cart2pol)
    oracle = staticmethod(kornia.cart2pol)

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(make.normal(2, 3), make.normal(2, 3))
        yield call(make.tensor(-1.0), make.tensor(2.0))

    def special(self, make: Make) -> Iterator[Sample]:
        yield call(make.tensor([0.0, 1.0, 0.0]), make.tensor([0.0, 0.0, -1.0]))

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        first, last = [*self.operation.reference.__annotations__][:2]
        yield TypeError, f"{first} must be a torch.Tensor, got float", call(1.0, make.normal(2))
        yield ValueError, rf"{last} must have shape \(2\), got \(3,\)", call(make.normal(2), make.normal(3))


def test_distances_near_the_origin_have_their_gradient() -> None:
    x = torch.tensor([1e-5, -1e-20], requires_grad=True)
    assert torch.autograd.grad(cart2pol(x, torch.zeros(2))[0].sum(), x)[0].tolist() == [1.0, -1.0]


class TestPol2cart(TestCart2pol):
    operation = staticmethod(pol2cart)
    oracle = staticmethod(kornia.pol2cart)
