# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator
from typing import Any

import kornia
from torch import Tensor

from foveal.geometry.camera import (
    dx_project_points_orthographic,
    project_points_orthographic,
    unproject_points_orthographic,
)
from tests.contract import Contract, Make, Sample, call


class TestProjectPointsOrthographic(Contract):
    operation = staticmethod(project_points_orthographic)

    def oracle(self, *args: Any, **options: Any) -> Any:
        return kornia.geometry.camera.project_points_orthographic(*args, **options)

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(make.normal(2, 5, 3))
        yield call(make.normal(3))
        yield call(make.normal(0, 3))

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        yield TypeError, "points_in_camera must be a torch.Tensor, got list", call([1.0, 2.0, 3.0])
        yield ValueError, r"points_in_camera must have shape \(\*, 3\)", call(make.normal(5, 2))


class TestDxProjectPointsOrthographic(TestProjectPointsOrthographic):
    operation = staticmethod(dx_project_points_orthographic)

    def oracle(self, *args: Any, **options: Any) -> Any:
        return kornia.geometry.camera.dx_project_points_orthographic(*args, **options)

    differentiable = False


class TestUnprojectPointsOrthographic(Contract):
    operation = staticmethod(unproject_points_orthographic)

    def oracle(self, points_in_camera: Tensor, extension: Tensor) -> Tensor:
        return kornia.geometry.camera.unproject_points_orthographic(points_in_camera, extension)

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(make.normal(4, 2), make.uniform(4, 1))
        yield call(make.normal(4, 2), make.uniform(4))
        yield call(make.normal(2), make.uniform(1))

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        yield ValueError, "points_in_camera must have shape", call(make.normal(4, 3), make.uniform(4))
        yield (
            ValueError,
            r"extension must have shape \(2, 1\) or \(2,\), got \(5,\)",
            call(make.normal(2, 2), make.uniform(5)),
        )
