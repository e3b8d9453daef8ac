# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator

import kornia.geometry.linalg as kornia
import torch

from foveal.geometry.linalg import transform_points
from tests.contract import Contract, Make, Sample, call


class TestTransformPoints(Contract):
    operation = staticmethod(transform_points)
    oracle = staticmethod(kornia.transform_points)

    def samples(self, make: Make) -> Iterator[Sample]:
        for size in (3, 4):
            matrix = make.tensor(torch.eye(size)) + make.uniform(2, size, size) / 8
            yield call(matrix, make.uniform(2, 3, size - 1))
            yield call(matrix[:1], make.uniform(3, 4, size - 1))
        yield call(matrix[0], make.uniform(3, 3))
        yield call(matrix, make.uniform(2, 2, 3, 3))
        yield call(matrix[:, None], make.uniform(2, 2, 3, 3))
        yield call(matrix, make.uniform(2, 0, 3))

    def special(self, make: Make) -> Iterator[Sample]:
        yield call(make.tensor([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [1.0, 0.0, 0.0]]), make.tensor([[0.0, 3.0]]))

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        matrix, points = make.normal(2, 3, 3), make.normal(2, 5, 2)
        yield TypeError, "trans_01 must be a torch.Tensor, got list", call([1.0], points)
        yield TypeError, "points_1 must have a floating-point dtype", call(matrix, points.long())
        yield ValueError, r"trans_01 must have shape \(\*, 4, 4\)", call(matrix, make.normal(2, 5, 3))
        yield (
            ValueError,
            r"the batch \(2,\) of trans_01 must be 1 or that of points_1, \(3,\)",
            call(matrix, make.normal(3, 5, 2)),
        )


def test_points_at_infinity_are_not_divided() -> None:
    matrix = torch.tensor([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [1.0, 0.0, 0.0]])
    assert transform_points(matrix, torch.tensor([[0.0, 3.0], [2.0, 3.0]])).tolist() == [[0.0, 3.0], [1.0, 1.5]]
