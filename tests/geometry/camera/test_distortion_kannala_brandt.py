# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator
from functools import partial
from typing import Any

import cv2
import kornia
import torch
from torch import Tensor

from foveal.geometry.camera import (
    distort_points_kannala_brandt,
    dx_distort_points_kannala_brandt,
    undistort_points_kannala_brandt,
)
from tests.contract import Contract, Make, Sample, call

LENS = [4.0, 5.0, 2.0, 3.0, 0.1, 0.02, -0.01, 0.002]


class TestDistortPointsKannalaBrandt(Contract):
    operation = staticmethod(distort_points_kannala_brandt)

    def oracle(self, points: Tensor, params: Tensor, **options: bool) -> Any:
        if options:
            return NotImplemented
        return getattr(kornia.geometry.camera, self.operation.__name__)(points, params)

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(make.normal(2, 5, 2), make.tensor(LENS))
        yield call(make.normal(3, 2), make.tensor([LENS, LENS, LENS]))
        yield call(make.normal(2), make.tensor([LENS]))
        yield call(make.normal(0, 2), make.tensor(LENS))

    def special(self, make: Make) -> Iterator[Sample]:
        yield call(make.tensor([[0.0, 0.0], [1e-6, 0.0], [100.0, 50.0]]), make.tensor(LENS))

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        yield TypeError, "must be a torch.Tensor, got list", call([1.0, 2.0], make.tensor(LENS))
        yield ValueError, r"must have shape \(\*, 2\)", call(make.normal(5, 3), make.tensor(LENS))
        yield ValueError, r"params must have shape \(\*, 8\)", call(make.normal(5, 2), make.uniform(4))

    def test_equals_opencv(self) -> None:
        points = 2 * torch.randn(50, 1, 2, dtype=torch.float64)
        lens = torch.tensor(LENS, dtype=torch.float64)
        matrix = torch.tensor([[4.0, 0.0, 2.0], [0.0, 5.0, 3.0], [0.0, 0.0, 1.0]], dtype=torch.float64)
        expected = cv2.fisheye.distortPoints(points.numpy(), matrix.numpy(), lens[4:].numpy())
        torch.testing.assert_close(distort_points_kannala_brandt(points, lens), torch.from_numpy(expected))


class TestDxDistortPointsKannalaBrandt(TestDistortPointsKannalaBrandt):
    operation = staticmethod(dx_distort_points_kannala_brandt)

    def test_is_the_derivative(self) -> None:
        lens = torch.tensor(LENS, dtype=torch.float64)
        # On both sides of the radius where series begin.
        for point in ([0.0, 0.0], [0.02, 0.02], [0.03, 0.02], [1.0, -2.0], [30.0, 40.0]):
            point = torch.tensor(point, dtype=torch.float64)
            expected = torch.autograd.functional.jacobian(partial(distort_points_kannala_brandt, params=lens), point)
            torch.testing.assert_close(dx_distort_points_kannala_brandt(point, lens), expected)


class TestUndistortPointsKannalaBrandt(TestDistortPointsKannalaBrandt):
    operation = staticmethod(undistort_points_kannala_brandt)

    def samples(self, make: Make) -> Iterator[Sample]:
        for options in ({}, {"return_mask": True}):
            yield call(make.uniform(2, 5, 2, low=2, high=5), make.tensor(LENS), **options)
        yield call(make.uniform(0, 2), make.tensor(LENS))

    def special(self, make: Make) -> Iterator[Sample]:
        yield call(make.tensor([[2.0, 3.0], [2.0001, 3.0]]), make.tensor(LENS))

    def test_is_the_inverse_up_to_the_horizon(self) -> None:
        lens = torch.tensor(LENS, dtype=torch.float64)
        angles = torch.linspace(0, 1.57, 200, dtype=torch.float64)
        points = angles.tan()[:, None] * torch.tensor([0.6, -0.8], dtype=torch.float64)
        found, mask = undistort_points_kannala_brandt(
            distort_points_kannala_brandt(points, lens), lens, return_mask=True
        )
        torch.testing.assert_close(found, points, rtol=1e-9, atol=1e-9)
        assert mask.all()

    def test_says_where_it_does_not_converge(self) -> None:
        # With k0 = -0.2 alone the radius grows no further than 0.8607, at 1.291 radians.
        lens = torch.tensor([1.0, 1.0, 0.0, 0.0, -0.2, 0.0, 0.0, 0.0])
        pixels = torch.tensor([[0.0, 0.0], [0.8, 0.0], [0.87, 0.0], [3.0, 0.0]])
        found, mask = undistort_points_kannala_brandt(pixels, lens, return_mask=True)
        assert mask.tolist() == [True, True, False, False]
        assert found.isfinite().all()
        torch.testing.assert_close(distort_points_kannala_brandt(found[:2], lens), pixels[:2])
