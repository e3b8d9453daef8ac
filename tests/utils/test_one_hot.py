# SPDX-License-Identifier: Apache-2.0
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import kornia
import pytest
import torch

from foveal.utils import one_hot
from tests.contract import Contract, Make, Sample, call


class TestOneHot(Contract):
    operation: ClassVar[Callable[..., Any]] = staticmethod(one_hot)
    differentiable = False

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(make.integers(0, 4, 2, 3, 5), 4, make.device, make.dtype)
        yield call(make.integers(0, 2, 3), 2, make.device, make.dtype, 0.25)
        yield call(make.integers(0, 1, 2, 3), 1, make.device, torch.int32)
        yield call(make.integers(0, 3, 0, 2), 3, make.device, make.dtype)

    def oracle(self, *args: Any, **kwargs: Any) -> Any:
        return kornia.losses.one_hot(*args, **kwargs)

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        options = (make.device, make.dtype)
        yield TypeError, "labels must have dtype torch.int64, got", call(make.uniform(2), 3, *options)
        yield ValueError, r"labels must have shape \(B, \*\), got \(\)", call(torch.tensor(0), 3, *options)
        yield ValueError, "num_classes must be at least 1, got 0", call(make.integers(0, 3, 2), 0, *options)
        yield (
            ValueError,
            "eps must be 0 for dtype torch.int64, got 0.5",
            call(make.integers(0, 3, 2), 3, make.device, torch.int64, 0.5),
        )

    @pytest.mark.parametrize("label", [-1, 3])
    def test_labels_outside_of_the_classes_raise(self, label: int) -> None:
        with pytest.raises(RuntimeError):
            one_hot(torch.tensor([label]), 3, torch.device("cpu"), torch.float32)
