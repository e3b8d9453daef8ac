# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator

import kornia.losses
import torch

from foveal.losses import TotalVariation, total_variation
from tests.contract import Contract, Make, Sample, call


class TestTotalVariation(Contract):
    operation = staticmethod(total_variation)
    module_form = TotalVariation
    oracle = staticmethod(kornia.losses.total_variation)

    def samples(self, make: Make) -> Iterator[Sample]:
        for reduction in ("sum", "mean"):
            yield call(make.uniform(2, 3, 4, 5), reduction=reduction)
        for shape in ((4, 5), (3, 1, 4), (3, 4, 1), (2, 1, 1), (0, 3, 4)):
            yield call(make.uniform(*shape), reduction="mean")

    def large(self, make: Make) -> Iterator[Sample]:
        # Whole numbers: some neighbours are equal.
        for reduction in ("sum", "mean"):
            yield call(make.integers(0, 4, 2, 3, 97, 131).to(make.dtype) / 1024, reduction=reduction)

    def special(self, make: Make) -> Iterator[Sample]:
        yield call(make.tensor(torch.ones(2, 3, 4)))

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        yield TypeError, "img must be a torch.Tensor, got list", call([1.0])
        yield ValueError, r"img must have shape \(\*, H, W\), got \(3,\)", call(make.uniform(3))
        yield ValueError, "reduction must be one of 'mean', 'sum', got 'none'", call(make.uniform(3, 4), "none")


def test_bytes_do_not_wrap() -> None:
    image = torch.tensor([[0, 255], [255, 0]], dtype=torch.uint8)
    assert total_variation(image) == 4 * 255
    assert total_variation(image, "mean") == 2 * 255
