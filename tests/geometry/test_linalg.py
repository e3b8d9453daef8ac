# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator

import kornia.geometry.linalg as kornia
import torch

from foveal.geometry.conversions import Rt_to_matrix4x4
from foveal.geometry.linalg import (
    batched_dot_product,
    batched_squared_norm,
    compose_transformations,
    euclidean_distance,
    inverse_transformation,
    point_line_distance,
    relative_transformation,
    transform_points,
)
from tests.contract import Contract, Make, Sample, call
from tests.geometry.conversions.test_quaternion import rotations


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

    def large(self, make: Make) -> Iterator[Sample]:
        for size in (3, 4):
            matrix = make.tensor(torch.eye(size)) + make.uniform(2, size, size) / 8
            # Of both signs: sums over so many points that do not cancel exceed the tolerance by their size alone.
            yield call(matrix, make.uniform(2, 5000, size - 1, low=-0.2, high=0.2))

    def special(self, make: Make) -> Iterator[Sample]:
        yield call(make.tensor([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [1.0, 0.0, 0.0]]), make.tensor([[0.0, 3.0]]))

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        matrix, points = make.normal(2, 3, 3), make.normal(2, 5, 2)
        yield TypeError, "trans_01 must be a torch.Tensor, got list", call([1.0], points)
        yield TypeError, "points_1 must be a torch.Tensor, got list", call(matrix, [1.0])
        yield ValueError, r"trans_01 must have shape \(\*, 4, 4\)", call(matrix, make.normal(2, 5, 3))
        yield (
            ValueError,
            r"the batch \(2,\) of trans_01 must be 1 or that of points_1, \(3,\)",
            call(matrix, make.normal(3, 5, 2)),
        )


def test_points_at_infinity_are_not_divided() -> None:
    matrix = torch.tensor([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [1.0, 0.0, 0.0]])
    assert transform_points(matrix, torch.tensor([[0.0, 3.0], [2.0, 3.0]])).tolist() == [[0.0, 3.0], [1.0, 1.5]]


def test_integer_points_become_floats() -> None:
    assert transform_points(torch.eye(3) / 2, torch.tensor([[1, 3]])).tolist() == [[1.0, 3.0]]
    assert transform_points(torch.diag(torch.tensor([1.0, 1.0, 2.0])), torch.tensor([[1, 3]])).tolist() == [[0.5, 1.5]]


class TestBatchedDotProduct(Contract):
    operation = staticmethod(batched_dot_product)
    oracle = staticmethod(kornia.batched_dot_product)

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(make.normal(2, 3), make.normal(2, 3))
        yield call(make.normal(2, 3), make.normal(2, 3), keepdim=True)

    def special(self, make: Make) -> Iterator[Sample]:
        yield call(*make.tensor([[[0.0, 0.0], [1.0, 2.0]], [[0.0, 0.0], [1.0, 2.0]]]))

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        yield TypeError, "x must be a torch.Tensor, got list", call([1.0], make.normal(2))
        yield TypeError, "y must have a floating-point dtype", call(make.normal(2), make.integers(0, 2, 2))


class TestEuclideanDistance(TestBatchedDotProduct):
    operation = staticmethod(euclidean_distance)
    oracle = staticmethod(kornia.euclidean_distance)


class TestBatchedSquaredNorm(Contract):
    operation = staticmethod(batched_squared_norm)
    oracle = staticmethod(kornia.batched_squared_norm)

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(make.normal(2, 3))
        yield call(make.normal(3), keepdim=True)

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        yield TypeError, "x must be a torch.Tensor, got list", call([1.0])


class TestPointLineDistance(Contract):
    operation = staticmethod(point_line_distance)
    oracle = staticmethod(kornia.point_line_distance)

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(make.normal(2, 3, 2), make.normal(2, 3, 3))
        yield call(make.uniform(2, 3, 3) + 1, make.normal(2, 3, 3))

    def special(self, make: Make) -> Iterator[Sample]:
        yield call(make.tensor([[2.0, 3.0]]), make.tensor([[1.0, 0.0, -2.0]]))

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        yield TypeError, "point must be a torch.Tensor, got list", call([1.0], make.normal(2, 3))
        yield ValueError, r"line must have shape \(\*, 3\)", call(make.normal(2, 2), make.normal(2, 2))
        yield ValueError, r"point must have shape \(\*, 2\)", call(make.normal(2, 4), make.normal(2, 3))


def test_no_line_is_infinitely_far() -> None:
    point, line = torch.tensor([[1.0, 2.0]], requires_grad=True), torch.tensor([[0.0, 0.0, 1.0]], requires_grad=True)
    distance = point_line_distance(point, line)
    assert distance.item() == torch.inf
    assert all(gradient.isfinite().all() for gradient in torch.autograd.grad(distance.sum(), (point, line)))


class TestComposeTransformations(Contract):
    operation = staticmethod(compose_transformations)
    oracle = staticmethod(kornia.compose_transformations)
    names = ("trans_01", "trans_12")

    def samples(self, make: Make) -> Iterator[Sample]:
        motions = [Rt_to_matrix4x4(rotations(make, 2), make.normal(2, 3, 1)) for _ in range(2)]
        yield call(*motions)
        yield call(motions[0][0], motions[1][1])
        yield call(motions[0], motions[1][:1])

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        first, second = self.names
        yield TypeError, f"{first} must be a torch.Tensor, got list", call([1.0], make.normal(4, 4))
        yield ValueError, rf"{second} must have shape \(N, 4, 4\)", call(make.normal(4, 4), make.normal(2, 4, 3))


class TestRelativeTransformation(TestComposeTransformations):
    operation = staticmethod(relative_transformation)
    oracle = staticmethod(kornia.relative_transformation)
    names = ("trans_01", "trans_02")


class TestInverseTransformation(Contract):
    operation = staticmethod(inverse_transformation)
    oracle = staticmethod(kornia.inverse_transformation)

    def samples(self, make: Make) -> Iterator[Sample]:
        motions = Rt_to_matrix4x4(rotations(make, 2), make.normal(2, 3, 1))
        yield call(motions)
        yield call(motions[0])

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        yield TypeError, "trans_12 must be a torch.Tensor, got list", call([1.0])
        yield ValueError, r"trans_12 must have shape \(4, 4\)", call(make.normal(3, 3))
