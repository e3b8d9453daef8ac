# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator

import cv2
import kornia.enhance
import torch

from foveal.enhance import AddWeighted, add_weighted
from tests.contract import Contract, Make, Sample, call


class TestAddWeighted(Contract):
    operation = staticmethod(add_weighted)
    module_form = AddWeighted
    oracle = staticmethod(kornia.enhance.add_weighted)

    def pair(self, make: Make, *shape: int) -> tuple[torch.Tensor, torch.Tensor]:
        return make.uniform(*shape), make.uniform(*shape)

    def weighted(self, pair: tuple[torch.Tensor, torch.Tensor], alpha: object, beta: object, gamma: object) -> Sample:
        return call(src1=pair[0], alpha=alpha, src2=pair[1], beta=beta, gamma=gamma)

    def samples(self, make: Make) -> Iterator[Sample]:
        for shape in ((2, 3, 4, 5), (1, 1, 1, 1), (7,), (0, 3, 2, 2)):
            yield self.weighted(self.pair(make, *shape), 0.5, 1.5, -0.25)
        yield self.weighted(self.pair(make, 2, 3, 4, 5), make.tensor(0.5), make.tensor(1.5), make.tensor(-0.25))
        per_image = [make.uniform(2, 1, 1, 1) for _ in range(3)]
        yield self.weighted(self.pair(make, 2, 3, 4, 5), *per_image)
        yield self.weighted(self.pair(make, 2, 3, 4, 5), 1.0, make.uniform(3, 1, 1), make.uniform(4, 5))

    def large(self, make: Make) -> Iterator[Sample]:
        yield self.weighted(self.pair(make, 2, 3, 97, 131), 0.5, 1.5, -0.25)
        yield self.weighted(self.pair(make, 2, 3, 97, 131), make.uniform(2, 1, 1, 1), 0.5, make.uniform(3, 1, 1))

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        first, second = self.pair(make, 2, 3, 4, 5)
        yield TypeError, "src1 must be a torch.Tensor, got list", call([1.0], 0.5, second, 0.5, 0.5)
        yield ValueError, r"src2 must have shape \(2, 3, 4, 5\)", call(first, 0.5, second[:1], 0.5, 0.5)
        yield TypeError, "beta must be a number or a tensor, got str", call(first, 0.5, second, "1", 0.5)
        yield ValueError, r"alpha must broadcast to .*got shape \(2,\)", call(first, make.uniform(2), second, 0.5, 0.5)


def test_bytes_give_floats_that_round_to_opencvs() -> None:
    first, second = torch.randint(0, 256, (2, 20, 30), dtype=torch.uint8)
    expected = cv2.addWeighted(first.numpy(), 0.5, second.numpy(), 0.75, 3.0)
    found = add_weighted(first, 0.5, second, 0.75, 3.0)
    assert found.dtype is torch.float32
    torch.testing.assert_close(found.clamp(0, 255).round(), torch.from_numpy(expected).float(), rtol=0, atol=0)
    assert add_weighted(first, 2, second, 1, 3).equal(2 * first.float() + second.float() + 3)


def test_precisions_are_promoted() -> None:
    first, second = torch.rand(2, 4, 5)
    assert add_weighted(first, 0.5, second.double(), 0.5, 0.0).dtype is torch.float64
    assert add_weighted(first.half(), 0.5, second.half(), 0.5, 0.0).dtype is torch.float16
