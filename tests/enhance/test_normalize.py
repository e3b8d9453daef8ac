# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator
from typing import Any

import kornia.enhance
import torch

from foveal.enhance import Denormalize, Normalize, denormalize, normalize
from tests.contract import Contract, Make, Sample, call
from tests.enhance.case import check_sums


class TestNormalize(Contract):
    operation = staticmethod(normalize)
    module_form = Normalize
    # Gradients to statistics are sums of terms of up to 1 / std^2 that cancel.
    tolerance = {**Contract.tolerance, torch.float32: 5e-5, torch.bfloat16: 8e-2}
    peer = staticmethod(kornia.enhance.normalize)

    def oracle(self, data: torch.Tensor, mean: Any, std: Any) -> torch.Tensor:
        mean, std = (torch.tensor(v).double() if isinstance(v, list | tuple) else v for v in (mean, std))
        return self.peer(data, mean, std)

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(make.uniform(2, 3, 4, 5), make.uniform(3), make.uniform(3, low=0.5))
        yield call(make.uniform(2, 3, 4, 5), 0.5, 0.25)
        yield call(make.uniform(2, 3, 4, 5), make.tensor(0.5), make.tensor([0.25]))
        yield call(make.uniform(2, 3, 4, 5), make.uniform(1, 3), make.uniform(2, 3, low=0.5))
        yield call(make.uniform(2, 3, 4, 5), [0.5, 0.25, 0.75], (0.5, 0.25, 0.75))
        for shape in ((3, 5), (2, 3, 4), (2, 3, 4, 5, 2), (1, 3, 1, 1), (0, 3, 4, 5)):
            yield call(make.uniform(*shape), make.uniform(shape[1]), make.uniform(shape[1], low=0.5))

    def large(self, make: Make) -> Iterator[Sample]:
        yield call(make.uniform(2, 3, 97, 131), 0.5, 0.25)
        yield call(make.uniform(2, 3, 97, 131), [0.5, 0.25, 0.75], [0.5, 0.25, 0.75])

    def test_gradients_of_statistics_add_up_all_pixels(self) -> None:
        image = Make(torch.float64).uniform(2, 3, 97, 131)
        for mean, std in (([0.5, 0.25, 0.75], [0.5, 0.25, 0.75]), ([[0.1, 0.2, 0.3]], [[0.5, 0.6, 0.7]] * 2)):
            check_sums(self.operation, image, {"mean": mean, "std": std})

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        data = make.uniform(2, 3, 4, 5)
        yield TypeError, "data must be a torch.Tensor, got list", call([1.0], 0.5, 0.5)
        yield ValueError, r"data must have shape \(B, C, \*\), got \(3,\)", call(make.uniform(3), 0.5, 0.5)
        yield TypeError, "mean must be a number, a sequence of numbers or a tensor, got str", call(data, "1", 0.5)
        yield ValueError, r"std must be one number, or .*got \(2,\)", call(data, 0.5, make.uniform(2))
        yield ValueError, r"std must be one number, or .*got \(1, 3, 4, 5\)", call(data, 0.5, make.uniform(1, 3, 4, 5))


class TestDenormalize(TestNormalize):
    operation = staticmethod(denormalize)
    module_form = Denormalize
    peer = staticmethod(kornia.enhance.denormalize)


def test_one_undoes_the_other() -> None:
    data, mean, std = torch.rand(2, 3, 40, 50), torch.rand(3), torch.rand(3) + 0.1
    torch.testing.assert_close(denormalize(normalize(data, mean, std), mean, std), data)


def test_bytes_become_floats() -> None:
    data = torch.randint(0, 256, (2, 3, 40, 50), dtype=torch.uint8)
    mean, std = [127.5, 100.0, 90.0], [127.5, 60.0, 50.0]
    for operation in (normalize, denormalize):
        for function in (operation, operation.reference):
            assert function(data, mean, std).dtype is torch.float32
            torch.testing.assert_close(function(data, mean, std), operation(data.float(), mean, std))
