# SPDX-License-Identifier: Apache-2.0
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import kornia.core.utils as kornia
import pytest
import torch
from torch import Tensor

from foveal.utils import safe_inverse_with_mask, safe_solve_with_mask
from tests.contract import Contract, Make, Sample, call

SINGULAR = [[1.0, 2.0, 3.0], [2.0, 4.0, 6.0], [0.0, 1.0, 1.0]]


def matrices(make: Make, *batch: int, size: int = 3) -> Tensor:
    return make.uniform(*batch, size, size, low=-0.3, high=0.3) + make.tensor(torch.eye(size).tolist())


class TestSafeInverseWithMask(Contract):
    operation: ClassVar[Callable[..., Any]] = staticmethod(safe_inverse_with_mask)

    def samples(self, make: Make) -> Iterator[Sample]:
        for value in (matrices(make, 2), matrices(make, size=2), matrices(make, 1, 2, size=6), matrices(make, 0)):
            yield call(value)

    def special(self, make: Make) -> Iterator[Sample]:
        yield call(make.tensor([SINGULAR, torch.zeros(3, 3).tolist(), torch.eye(3).tolist()]))
        yield call(make.tensor([[torch.finfo(make.dtype).tiny / 4]]))

    def oracle(self, *args: Any, **kwargs: Any) -> Any:
        return getattr(kornia, self.operation.__name__)(*args) if args[-1].numel() else NotImplemented

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        yield ValueError, r"A must have shape \(\*, 3, 3\), got \(2, 3\)", call(make.uniform(2, 3))
        yield TypeError, r"A must be a torch\.Tensor, got list", call([1.0])


class TestSafeSolveWithMask(TestSafeInverseWithMask):
    operation = staticmethod(safe_solve_with_mask)

    def samples(self, make: Make) -> Iterator[Sample]:
        for (value,) in (sample.args for sample in super().samples(make)):
            yield call(make.uniform(*value.shape[:-1], 2), value)
        yield call(make.uniform(2, 3), matrices(make, 2))

    def special(self, make: Make) -> Iterator[Sample]:
        for (value,) in (sample.args for sample in super().special(make)):
            yield call(torch.ones_like(value[..., :1]), value)

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        yield ValueError, r"A must have shape", call(make.uniform(2, 1), make.uniform(2, 3))
        yield ValueError, r"B must have shape \(\*, N, K\) or \(\*, N\)", call(make.uniform(4), matrices(make))
        yield TypeError, r"B must be a torch\.Tensor, got list", call([1.0], matrices(make))


def test_singular_matrices_give_the_identity() -> None:
    A = torch.stack([torch.tensor(SINGULAR), torch.zeros(3, 3), 3 * torch.eye(3)]).requires_grad_()
    B = torch.rand(3, 3, 2)
    for mine, theirs in (
        (safe_inverse_with_mask(A), kornia.safe_inverse_with_mask(A)),
        (safe_solve_with_mask(B, A), kornia.safe_solve_with_mask(B, A)),
    ):
        torch.testing.assert_close(mine, theirs)
        (gradient,) = torch.autograd.grad(mine[0].sum(), A)
        assert not gradient[:2].any()
        assert gradient[2].any()


@pytest.mark.parametrize("scale", [1e-30, 1e-3, 1e30])
@pytest.mark.parametrize("size", [1, 2, 3, 4, 8])
def test_scale_makes_no_matrix_singular(scale: float, size: int) -> None:
    matrix = (torch.eye(size) * 2 - torch.ones(size, size) / size) * scale
    inverse, valid = safe_inverse_with_mask(matrix)
    assert valid
    torch.testing.assert_close(inverse @ matrix, torch.eye(size), rtol=1e-5, atol=1e-5)


def test_numbers_that_are_not_finite_have_no_inverse() -> None:
    for value in (torch.nan, torch.inf):
        inverse, valid = safe_inverse_with_mask(torch.full((1, 2, 2), value))
        assert not valid.any()
        assert torch.equal(inverse[0], torch.eye(2))
