# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator

import kornia.geometry.conversions as kornia
import torch

from foveal.geometry.conversions import (
    convert_affinematrix_to_homography,
    convert_affinematrix_to_homography3d,
    convert_points_from_homogeneous,
    convert_points_to_homogeneous,
)
from tests.contract import Make, Sample, call
from tests.geometry.conversions.case import Conversion


class TestConvertPointsFromHomogeneous(Conversion):
    operation = staticmethod(convert_points_from_homogeneous)
    oracle = staticmethod(kornia.convert_points_from_homogeneous)
    wanted = "(*, N, D)"

    def samples(self, make: Make) -> Iterator[Sample]:
        for dimensions in (3, 4):
            yield call(make.uniform(2, 5, dimensions, low=0.5, high=2.0))
        yield call(make.tensor([[2.0, 4.0, 1.0], [2.0, 4.0, -0.5], [2.0, 4.0, 0.1]]), eps=0.2)
        yield call(make.normal(0, 3))

    def large(self, make: Make) -> Iterator[Sample]:
        for dimensions in (3, 4):
            yield call(make.uniform(12345, dimensions, low=0.5, high=2.0))

    def special(self, make: Make) -> Iterator[Sample]:
        yield call(make.tensor([[0.0, 0.0, 0.0], [1.0, 2.0, 0.0]]))


class TestConvertPointsToHomogeneous(Conversion):
    operation = staticmethod(convert_points_to_homogeneous)
    oracle = staticmethod(kornia.convert_points_to_homogeneous)
    wanted = "(*, N, D)"

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(make.normal(2, 5, 3))
        yield call(make.normal(0, 3))


class TestConvertAffinematrixToHomography(Conversion):
    operation = staticmethod(convert_affinematrix_to_homography)
    oracle = staticmethod(kornia.convert_affinematrix_to_homography)
    wanted = "(B, 2, 3)"

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(make.normal(2, 2, 3))
        yield call(make.normal(0, 2, 3))


class TestConvertAffinematrixToHomography3d(Conversion):
    operation = staticmethod(convert_affinematrix_to_homography3d)
    oracle = staticmethod(kornia.convert_affinematrix_to_homography3d)
    wanted = "(B, 3, 4)"

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(make.normal(2, 3, 4))
        yield call(make.normal(0, 3, 4))


def test_a_weight_near_zero_divides_exactly() -> None:
    points = torch.tensor([[1.0, -2.0, 2e-8], [1.0, -2.0, 0.0]], dtype=torch.float64)
    expected = torch.tensor([[5e7, -1e8], [1.0, -2.0]], dtype=torch.float64)
    torch.testing.assert_close(convert_points_from_homogeneous(points), expected, rtol=1e-15, atol=0)
