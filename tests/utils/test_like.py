# SPDX-License-Identifier: Apache-2.0
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import numpy as np
import torch

from foveal.utils import eye_like, vec_like
from tests.contract import Contract, Make, Sample, call


class TestEyeLike(Contract):
    operation: ClassVar[Callable[..., Any]] = staticmethod(eye_like)
    name: ClassVar[str] = "input"
    differentiable = False

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(3, make.uniform(2, 4))
        yield call(3, make.uniform(2, 4), True)
        yield call(1, make.uniform(0))

    def oracle(self, *args: Any, **kwargs: Any) -> Any:
        return np.tile(np.eye(args[0]), (len(args[1]), 1, 1))

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        yield TypeError, "n must be an integer, got float", call(3.0, make.uniform(2))
        yield ValueError, "n must be at least 1, got 0", call(0, make.uniform(2))
        yield ValueError, rf"{self.name} must have shape \(B, \*\), got \(\)", call(2, make.uniform())
        yield TypeError, f"{self.name} must be a torch.Tensor, got list", call(2, [1.0])

    def test_only_shared_memory_is_shared(self) -> None:
        batch = torch.zeros(2, 3, dtype=torch.int32)
        for shared in (False, True):
            result = self.operation(2, batch, shared)
            assert result.dtype is torch.int32
            result[0, 0, 0] = 7
            assert bool(result[1, 0, 0] == 7) is shared


class TestVecLike(TestEyeLike):
    operation = staticmethod(vec_like)
    name = "tensor"

    def oracle(self, *args: Any, **kwargs: Any) -> Any:
        return np.zeros((len(args[1]), args[0], 1))
