# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator
from typing import Any

import cv2
import kornia
import numpy as np
import pytest
import torch
from torch import Tensor

from foveal.geometry.camera import project_points, unproject_points
from tests.contract import Contract, Make, Sample, call


def calibration(make: Make, *batch: int, skew: float = 0.0) -> Tensor:
    """Draw calibration matrices."""
    matrix = torch.eye(3, dtype=torch.float64).repeat(*batch, 1, 1)
    matrix[..., 0, 0] = make.uniform(*batch, low=3, high=6).cpu()
    matrix[..., 1, 1] = make.uniform(*batch, low=3, high=6).cpu()
    matrix[..., :2, 2] = make.uniform(*batch, 2, low=1, high=3).cpu()
    matrix[..., 0, 1] = skew
    return make.tensor(matrix)


def points(make: Make, *shape: int) -> Tensor:
    """Draw points in front of a camera."""
    return torch.cat([make.uniform(*shape, 2, low=-1), make.uniform(*shape, 1, low=1, high=3)], dim=-1)


class TestProjectPoints(Contract):
    operation = staticmethod(project_points)

    def oracle(self, point_3d: Tensor, camera_matrix: Tensor) -> Any:
        if (camera_matrix[..., 0, 1] != 0).any():
            return NotImplemented
        return kornia.geometry.camera.project_points(point_3d, camera_matrix)

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(points(make, 2, 5), calibration(make, 2))
        yield call(points(make, 4), calibration(make))
        yield call(points(make, 4), calibration(make, 1, skew=0.5))
        yield call(points(make, 2, 3), calibration(make, 2, 3))
        yield call(points(make, 0, 3), calibration(make, 1))

    def special(self, make: Make) -> Iterator[Sample]:
        yield call(make.tensor([[0.0, 0.0, 0.0], [1.0, 2.0, 0.0], [1.0, 2.0, -1.0]]), calibration(make))

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        yield TypeError, "point_3d must be a torch.Tensor, got list", call([[0, 0, 1]], calibration(make))
        yield ValueError, r"point_3d must have shape \(\*, N, 3\)", call(points(make)[0], calibration(make))
        yield ValueError, r"camera_matrix must have shape \(\*, 3, 3\)", call(points(make, 2), make.normal(4, 4))
        yield ValueError, "the batch .* of camera_matrix", call(points(make, 3, 2), calibration(make, 2))

    def test_equals_opencv(self) -> None:
        make = Make(torch.float64)
        matrix, seen = calibration(make), points(make, 20)
        expected, _ = cv2.projectPoints(seen.numpy(), np.zeros(3), np.zeros(3), matrix.numpy(), None)
        torch.testing.assert_close(project_points(seen, matrix), torch.from_numpy(expected[:, 0]))

    def test_at_the_camera_plane_nothing_is_divided_and_behind_it_the_line_meets_the_image(self) -> None:
        seen = torch.tensor([[1.0, 2.0, 0.0], [1.0, 2.0, -2.0]])
        assert project_points(seen, torch.eye(3)).tolist() == [[1.0, 2.0], [-0.5, -1.0]]

    def test_a_skew_counts(self) -> None:
        matrix = torch.tensor([[2.0, 0.5, 1.0], [0.0, 3.0, 1.0], [0.0, 0.0, 1.0]])
        homogeneous = matrix @ torch.tensor([1.0, 2.0, 2.0])
        found = project_points(torch.tensor([[1.0, 2.0, 2.0]]), matrix)
        assert found[0].tolist() == (homogeneous[:2] / 2).tolist() == [2.5, 4.0]


class TestUnprojectPoints(Contract):
    operation = staticmethod(unproject_points)

    def oracle(self, point_2d: Tensor, depth: Tensor, camera_matrix: Tensor, normalize: bool = False) -> Any:
        if (camera_matrix[..., 0, 1] != 0).any():
            return NotImplemented
        return kornia.geometry.camera.unproject_points(point_2d, depth, camera_matrix, normalize)

    def samples(self, make: Make) -> Iterator[Sample]:
        depth = make.uniform(2, 5, 1, low=1, high=3)
        yield call(make.uniform(2, 5, 2, high=4), depth, calibration(make, 2))
        yield call(make.uniform(2, 5, 2, high=4), depth, calibration(make, 1), normalize=True)
        yield call(make.uniform(3, 2, high=4), make.uniform(1, 1), calibration(make, skew=0.5), True)
        yield call(make.uniform(0, 2), make.uniform(0, 1), calibration(make))

    def special(self, make: Make) -> Iterator[Sample]:
        for normalize in (False, True):
            yield call(make.tensor([[0.0, 0.0], [2.0, 2.0]]), make.tensor([[0.0], [1.0]]), calibration(make), normalize)

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        yield ValueError, "point_2d must have shape", call(make.uniform(2), make.uniform(1), calibration(make))
        yield (
            ValueError,
            r"depth must have shape \(\*, 1\)",
            call(make.uniform(3, 2), make.uniform(3), calibration(make)),
        )

    @pytest.mark.parametrize("skew", [0.0, 0.7])
    def test_undoes_the_projection(self, skew: float) -> None:
        make = Make(torch.float64)
        seen, matrix = points(make, 2, 6), calibration(make, 2, skew=skew)
        pixels = project_points(seen, matrix)
        torch.testing.assert_close(unproject_points(pixels, seen[..., 2:], matrix), seen)
        ranges = seen.norm(dim=-1, keepdim=True)
        torch.testing.assert_close(unproject_points(pixels, ranges, matrix, normalize=True), seen)
