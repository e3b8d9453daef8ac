# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator
from typing import Any

import kornia
import torch
from torch import Tensor

from foveal.geometry.camera import dx_project_points_z1, project_points_z1, unproject_points_z1
from tests.contract import Contract, Make, Sample, call
from tests.geometry.camera.test_perspective import points


class TestProjectPointsZ1(Contract):
    operation = staticmethod(project_points_z1)

    def oracle(self, *args: Any, **options: Any) -> Any:
        return kornia.geometry.camera.project_points_z1(*args, **options)

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(points(make, 2, 5))
        yield call(points(make))
        yield call(points(make, 0))

    def special(self, make: Make) -> Iterator[Sample]:
        yield call(make.tensor([[0.0, 0.0, 0.0], [1.0, 2.0, 0.0], [1.0, 2.0, -1.0]]))

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        yield TypeError, "points_in_camera must be a torch.Tensor, got list", call([1.0, 2.0, 3.0])
        yield ValueError, r"points_in_camera must have shape \(\*, 3\)", call(make.normal(5, 2))

    def test_nothing_is_divided_at_the_camera_plane(self) -> None:
        assert project_points_z1(torch.tensor([1.0, 2.0, 0.0])).tolist() == [1.0, 2.0]


class TestDxProjectPointsZ1(TestProjectPointsZ1):
    operation = staticmethod(dx_project_points_z1)

    def oracle(self, *args: Any, **options: Any) -> Any:
        return kornia.geometry.camera.dx_project_points_z1(*args, **options)

    def test_is_the_derivative(self) -> None:
        for point in (torch.tensor([1.0, 2.0, 3.0]), torch.tensor([1.0, 2.0, 0.0]), torch.tensor([1.0, 2.0, -3.0])):
            expected = torch.autograd.functional.jacobian(project_points_z1, point)
            torch.testing.assert_close(dx_project_points_z1(point), expected)


class TestUnprojectPointsZ1(Contract):
    operation = staticmethod(unproject_points_z1)

    def oracle(self, points_in_cam_canonical: Tensor, extension: Tensor | None = None) -> Any:
        return kornia.geometry.camera.unproject_points_z1(points_in_cam_canonical, extension)

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(make.normal(4, 2), make.uniform(4, 1))
        yield call(make.normal(4, 2), make.uniform(4))
        yield call(make.normal(4, 2))
        yield call(make.normal(1, 2), make.uniform(4, 1))
        yield call(make.normal(2), make.uniform(1))

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        yield ValueError, "points_in_cam_canonical must have shape", call(make.normal(4, 3), make.uniform(4))
        yield (
            ValueError,
            r"extension must have shape \(2, 1\) or \(2,\), got \(5,\)",
            call(make.normal(2, 2), make.uniform(5)),
        )
        yield TypeError, "extension must be a torch.Tensor", call(make.normal(2, 2), 2.0)
