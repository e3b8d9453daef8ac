# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator
from typing import Any

import kornia.geometry.conversions as kornia
import pytest
import torch
from torch import Tensor

from foveal.geometry.conversions import (
    denormalize_homography,
    denormalize_homography3d,
    normal_transform_pixel,
    normal_transform_pixel3d,
    normalize_homography,
    normalize_homography3d,
)
from tests.contract import Make, Sample, call
from tests.geometry.conversions.case import Conversion


class TestNormalizeHomography(Conversion):
    operation = staticmethod(normalize_homography)
    oracle = staticmethod(kornia.normalize_homography)
    wanted = "(B, 3, 3)"
    options = ((3, 5), (4, 7))

    def samples(self, make: Make) -> Iterator[Sample]:
        matrix = make.tensor(torch.eye(3)) + make.uniform(2, 3, 3) / 4
        yield call(matrix, (3, 5), (4, 7))
        yield call(matrix[0], (3, 5), (4, 1), align_corners=False)
        yield call(matrix[:0], (1, 5), (4, 7))

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        yield from super().invalid(make)
        matrix, size = make.normal(2, 3, 3), self.options[0]
        yield ValueError, "dsize_src must be 2 integers of at least 1", call(matrix, (3, 0), size)
        yield ValueError, "dsize_dst must be 2 integers of at least 1", call(matrix, size, (3, 0))


class TestDenormalizeHomography(TestNormalizeHomography):
    operation = staticmethod(denormalize_homography)
    oracle = staticmethod(kornia.denormalize_homography)


class TestNormalizeHomography3d(Conversion):
    operation = staticmethod(normalize_homography3d)
    wanted = "(B, 4, 4)"
    options = ((2, 3, 5), (3, 4, 7))

    def oracle(self, matrix: Tensor, source: Any, destination: Any, align_corners: bool = True) -> Tensor:
        enter, leave = _by_definition(source, align_corners).inverse(), _by_definition(destination, align_corners)
        return leave @ matrix.reshape(-1, 4, 4) @ enter

    def samples(self, make: Make) -> Iterator[Sample]:
        matrix = make.tensor(torch.eye(4)) + make.uniform(2, 4, 4) / 4
        yield call(matrix, (2, 3, 5), (3, 4, 7))
        yield call(matrix[0], (2, 3, 5), (3, 4, 1), align_corners=False)
        yield call(matrix[:0], (1, 3, 5), (3, 4, 7))


class TestDenormalizeHomography3d(TestNormalizeHomography3d):
    operation = staticmethod(denormalize_homography3d)

    def oracle(self, matrix: Tensor, source: Any, destination: Any, align_corners: bool = True) -> Tensor:
        enter, leave = _by_definition(source, align_corners), _by_definition(destination, align_corners).inverse()
        return leave @ matrix.reshape(-1, 4, 4) @ enter


def _by_definition(size: tuple[int, ...], align_corners: bool) -> Tensor:
    """Return the matrix that sends the two ends of each axis, and so all of it, to -1 and 1."""
    matrix = torch.eye(len(size) + 1, dtype=torch.float64)
    for axis, side in enumerate(reversed(size)):
        first, last = (0.0, side - 1.0) if align_corners else (-0.5, side - 0.5)
        if last > first:
            matrix[axis, axis], matrix[axis, -1] = 2 / (last - first), -1 - first * 2 / (last - first)
    return matrix


@pytest.mark.parametrize("align_corners", [False, True])
@pytest.mark.parametrize("size", [(3, 5), (1, 5), (3, 1), (1, 1)])
def test_normal_transform_pixel(size: tuple[int, int], align_corners: bool) -> None:
    found = normal_transform_pixel(*size, dtype=torch.float64, align_corners=align_corners)
    torch.testing.assert_close(found[0], _by_definition(size, align_corners))
    expected = kornia.normal_transform_pixel(*size, dtype=torch.float64, align_corners=align_corners)
    torch.testing.assert_close(found, expected)


@pytest.mark.parametrize("size", [(2, 3, 5), (1, 3, 1)])
def test_normal_transform_pixel3d(size: tuple[int, int, int]) -> None:
    found = normal_transform_pixel3d(*size, dtype=torch.float64)
    torch.testing.assert_close(found[0], _by_definition(size, True))
    torch.testing.assert_close(found, kornia.normal_transform_pixel3d(*size, dtype=torch.float64))


def test_sizes_must_be_positive() -> None:
    with pytest.raises(ValueError, match=r"\(height, width\) must be 2 integers of at least 1, got \(0, 3\)"):
        normal_transform_pixel(0, 3)
    with pytest.raises(ValueError, match=r"\(depth, height, width\) must be 3 integers of at least 1"):
        normal_transform_pixel3d(1, 0, 3)


@pytest.mark.parametrize("align_corners", [False, True])
def test_denormalizing_undoes_normalizing(align_corners: bool) -> None:
    matrix = torch.eye(3, dtype=torch.float64) + torch.rand(2, 3, 3, dtype=torch.float64)
    for source, destination in (((3, 5), (1080, 1)), ((1, 1), (2, 2))):
        normalized = normalize_homography(matrix, source, destination, align_corners)
        found = denormalize_homography(normalized, source, destination, align_corners)
        torch.testing.assert_close(found, matrix, rtol=1e-12, atol=1e-12)
