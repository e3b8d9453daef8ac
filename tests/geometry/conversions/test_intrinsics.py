# SPDX-License-Identifier: Apache-2.0
import re
from collections.abc import Iterator

import kornia.geometry.conversions as kornia
import pytest
import torch

from foveal.geometry.conversions import denormalize_points_with_intrinsics, normalize_points_with_intrinsics
from tests.contract import Make, Sample, call
from tests.geometry.conversions.case import Conversion


class TestNormalizePointsWithIntrinsics(Conversion):
    operation = staticmethod(normalize_points_with_intrinsics)
    oracle = staticmethod(kornia.normalize_points_with_intrinsics)
    wanted = "(*, 2)"
    options = (torch.eye(3),)

    def samples(self, make: Make) -> Iterator[Sample]:
        camera = make.tensor([[4.0, 0.5, 3.0], [0.0, 2.0, 1.0], [0.0, 0.0, 1.0]]) + make.uniform(2, 1, 1)
        yield call(make.normal(2, 5, 2), camera)
        yield call(make.normal(2, 2), camera)
        yield call(make.normal(2), camera[0])
        yield call(make.normal(2, 5, 2), camera[:1])

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        yield from super().invalid(make)
        pattern = re.escape("the batch (4,) of camera_matrix must be 1 or that of point_2d")
        yield ValueError, pattern, call(make.normal(3, 2), make.normal(4, 3, 3))


class TestDenormalizePointsWithIntrinsics(TestNormalizePointsWithIntrinsics):
    operation = staticmethod(denormalize_points_with_intrinsics)
    oracle = staticmethod(kornia.denormalize_points_with_intrinsics)


def test_one_camera_serves_many_sets() -> None:
    points, cameras = torch.rand(2, 4, 5, 2), torch.rand(2, 3, 3) + 1
    found = normalize_points_with_intrinsics(points, cameras)
    for point, camera, expected in zip(points, cameras, found, strict=True):
        torch.testing.assert_close(normalize_points_with_intrinsics(point, camera), expected)


def test_denormalizing_undoes_normalizing() -> None:
    points, camera = torch.rand(5, 2, dtype=torch.float64), torch.rand(3, 3, dtype=torch.float64) + 1
    found = denormalize_points_with_intrinsics(normalize_points_with_intrinsics(points, camera), camera)
    with pytest.raises(AssertionError):
        torch.testing.assert_close(normalize_points_with_intrinsics(points, camera), points)
    torch.testing.assert_close(found, points, rtol=1e-12, atol=1e-12)
