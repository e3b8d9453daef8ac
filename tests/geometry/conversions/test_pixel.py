# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator

import kornia.geometry.conversions as kornia
import torch

from foveal.geometry.conversions import (
    denormalize_pixel_coordinates,
    denormalize_pixel_coordinates3d,
    normalize_pixel_coordinates,
    normalize_pixel_coordinates3d,
)
from tests.contract import Make, Sample, call
from tests.geometry.conversions.case import Conversion


class TestNormalizePixelCoordinates(Conversion):
    operation = staticmethod(normalize_pixel_coordinates)
    oracle = staticmethod(kornia.normalize_pixel_coordinates)
    wanted = "(*, 2)"
    options = (3, 5)

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(make.normal(2, 3, 2), 3, 5)
        yield call(make.normal(2), 1, 5)
        yield call(make.normal(0, 2), 3, 1)

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        yield from super().invalid(make)
        sizes = (0, *self.options[1:])
        dimensions = len(sizes)
        yield ValueError, f"must be {dimensions} integers of at least 1", call(make.normal(2, dimensions), *sizes)


class TestDenormalizePixelCoordinates(TestNormalizePixelCoordinates):
    operation = staticmethod(denormalize_pixel_coordinates)
    oracle = staticmethod(kornia.denormalize_pixel_coordinates)


class TestNormalizePixelCoordinates3d(TestNormalizePixelCoordinates):
    operation = staticmethod(normalize_pixel_coordinates3d)
    oracle = staticmethod(kornia.normalize_pixel_coordinates3d)
    wanted = "(*, 3)"
    options = (2, 3, 5)

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(make.normal(2, 3, 3), 2, 3, 5)
        yield call(make.normal(3), 1, 3, 5)
        yield call(make.normal(0, 3), 2, 1, 1)


class TestDenormalizePixelCoordinates3d(TestNormalizePixelCoordinates3d):
    operation = staticmethod(denormalize_pixel_coordinates3d)
    oracle = staticmethod(kornia.denormalize_pixel_coordinates3d)


def test_an_axis_of_one_pixel_round_trips() -> None:
    points = torch.randn(5, 2, dtype=torch.float64)
    found = denormalize_pixel_coordinates(normalize_pixel_coordinates(points, 1, 1), 1, 1)
    torch.testing.assert_close(found, points, rtol=1e-12, atol=1e-12)
    assert normalize_pixel_coordinates(torch.zeros(2), 1, 1).tolist() == [0.0, 0.0]
