# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator
from typing import Any

import kornia
import torch

from foveal.geometry.camera import distort_points_affine, dx_distort_points_affine, undistort_points_affine
from tests.contract import Contract, Make, Sample, call


class TestDistortPointsAffine(Contract):
    operation = staticmethod(distort_points_affine)

    def oracle(self, *args: Any) -> Any:
        return getattr(kornia.geometry.camera, self.operation.__name__)(*args)

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(make.normal(2, 5, 2), make.uniform(4, low=1, high=4))
        yield call(make.normal(5, 2), make.uniform(5, 4, low=1, high=4))
        yield call(make.normal(2), make.uniform(3, 4, low=1, high=4))
        yield call(make.normal(0, 2), make.uniform(4, low=1, high=4))

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        yield TypeError, "must be a torch.Tensor, got list", call([1.0, 2.0], make.uniform(4))
        yield ValueError, r"must have shape \(\*, 2\)", call(make.normal(5, 3), make.uniform(4))
        yield ValueError, r"params must have shape \(\*, 4\)", call(make.normal(5, 2), make.uniform(5))


class TestUndistortPointsAffine(TestDistortPointsAffine):
    operation = staticmethod(undistort_points_affine)

    def test_is_the_inverse(self) -> None:
        make = Make(torch.float64)
        points, params = make.normal(2, 5, 2), make.uniform(4, low=1, high=4)
        torch.testing.assert_close(undistort_points_affine(distort_points_affine(points, params), params), points)


class TestDxDistortPointsAffine(TestDistortPointsAffine):
    operation = staticmethod(dx_distort_points_affine)
