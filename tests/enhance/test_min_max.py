# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator

import kornia.enhance
import torch

from foveal.enhance import normalize_min_max
from tests.contract import Contract, Make, Sample, call


class TestNormalizeMinMax(Contract):
    operation = staticmethod(normalize_min_max)
    oracle = staticmethod(kornia.enhance.normalize_min_max)

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(make.uniform(2, 3, 4, 5))
        yield call(make.normal(2, 3, 4, 5), min_val=-1.0, max_val=2.5)
        for shape in ((3, 7, 5), (4, 5), (1, 3, 1, 1), (2, 2, 3, 2, 3), (0, 3, 2, 2)):
            yield call(make.uniform(*shape), -1.0)

    def large(self, make: Make) -> Iterator[Sample]:
        yield call(make.normal(2, 3, 97, 131), -1.0, 2.5)

    def special(self, make: Make) -> Iterator[Sample]:
        if make.dtype.itemsize > 2:
            # The slope of such planes, 1 / eps, does not fit into half precision.
            yield call(make.tensor(torch.full((2, 3, 4), 0.5)))
            yield call(make.tensor(torch.zeros(2, 3, 4)))
        yield call(make.tensor([[0.0, 0.0, 1.0, 1.0]]))

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        yield TypeError, "input must be a torch.Tensor, got list", call([1.0])
        yield ValueError, r"input must have shape \(\*, H, W\), got \(3,\)", call(make.uniform(3))
        yield ValueError, r"input must have pixels, got shape \(3, 0, 4\)", call(make.uniform(3, 0, 4))
        yield TypeError, "min_val must be a number or a tensor, got str", call(make.uniform(3, 4), "0")


def test_bytes_become_floats() -> None:
    image = torch.randint(0, 256, (2, 3, 40, 50), dtype=torch.uint8)
    for function in (normalize_min_max, normalize_min_max.reference):
        assert function(image).dtype is torch.float32
        torch.testing.assert_close(function(image), normalize_min_max(image.float()))


def test_equal_extremes_share_their_gradient() -> None:
    image = torch.tensor([[[0.0, 0.0, 0.5, 1.0, 1.0]]], requires_grad=True)
    gradients = []
    for function in (normalize_min_max, normalize_min_max.reference):
        gradients += torch.autograd.grad(function(image)[0, 0, 2], image)
    torch.testing.assert_close(gradients[0], torch.tensor([[[-0.25, -0.25, 1.0, -0.25, -0.25]]]), rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(*gradients)
