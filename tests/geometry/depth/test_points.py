# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator
from typing import Any

import kornia
import torch
from torch import Tensor

from foveal.geometry.depth import depth_to_3d, depth_to_3d_v2, unproject_meshgrid
from tests.contract import Contract, Make, Sample, call
from tests.geometry.camera.test_perspective import calibration


class TestDepthTo3d(Contract):
    operation = staticmethod(depth_to_3d)

    def oracle(self, depth: Tensor, camera_matrix: Tensor, *args: Any) -> Any:
        if depth.numel() == 0:
            return NotImplemented
        return getattr(kornia.geometry.depth, self.operation.__name__)(depth, camera_matrix, *args)

    def samples(self, make: Make) -> Iterator[Sample]:
        for normalize in (False, True):
            yield call(make.uniform(2, 1, 3, 4, low=1, high=3), calibration(make, 2), normalize)
        yield call(make.uniform(2, 1, 2, 3), calibration(make, 1))
        yield call(make.uniform(0, 1, 3, 4), calibration(make, 1))

    def special(self, make: Make) -> Iterator[Sample]:
        yield call(make.tensor(torch.zeros(1, 1, 2, 2)), calibration(make, 1), True)

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        yield ValueError, r"depth must have shape \(B, 1, H, W\)", call(make.uniform(2, 3, 4), calibration(make, 2))
        yield ValueError, "camera_matrix must have shape", call(make.uniform(2, 1, 3, 4), calibration(make, 3))
        yield (
            TypeError,
            "depth must have a floating-point dtype",
            call(make.integers(1, 3, 1, 1, 2, 2), calibration(make, 1)),
        )

    def test_equals_the_other_layout(self) -> None:
        make = Make(torch.float64)
        depth, matrix = make.uniform(2, 1, 3, 4), calibration(make, 2, skew=0.3)
        other = depth_to_3d_v2(depth[:, 0], matrix)
        torch.testing.assert_close(depth_to_3d(depth, matrix), other.permute(0, 3, 1, 2))
        torch.testing.assert_close(unproject_meshgrid(3, 4, matrix) * depth[:, 0, ..., None], other)


class TestDepthTo3dV2(Contract):
    operation = staticmethod(depth_to_3d_v2)

    def oracle(self, *args: Any, **options: Any) -> Any:
        return kornia.geometry.depth.depth_to_3d_v2(*args, **options)

    def samples(self, make: Make) -> Iterator[Sample]:
        for normalize in (False, True):
            yield call(make.uniform(2, 3, 4, low=1, high=3), calibration(make, 2), normalize)
        yield call(make.uniform(3, 4), calibration(make, 2))
        yield call(make.uniform(2, 3, 3, 4), calibration(make, 1), xyz_grid=make.normal(2, 1, 3, 4, 3))
        yield call(make.uniform(0, 3, 4), calibration(make, 1))

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        depth = make.uniform(2, 3, 4)
        yield ValueError, r"camera_matrix must have shape \(B, 3, 3\)", call(depth, calibration(make))
        yield ValueError, r"depth must have shape \(\*, H, W\)", call(depth[0, 0], calibration(make, 1))
        yield ValueError, "xyz_grid must have shape", call(depth, calibration(make, 1), xyz_grid=make.normal(3, 4, 2))


class TestUnprojectMeshgrid(Contract):
    operation = staticmethod(unproject_meshgrid)

    def oracle(self, height: int, width: int, camera_matrix: Tensor, *args: Any, **options: Any) -> Tensor:
        return kornia.geometry.depth.unproject_meshgrid(height, width, camera_matrix, *args, **options)

    def samples(self, make: Make) -> Iterator[Sample]:
        for normalize in (False, True):
            yield call(3, 4, calibration(make, 2), normalize)
        yield call(1, 1, calibration(make, 1))

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        yield ValueError, r"camera_matrix must have shape \(B, 3, 3\)", call(3, 4, calibration(make))
        yield TypeError, "height must be an integer", call(3.5, 4, calibration(make, 1))

    def test_dtype(self) -> None:
        assert unproject_meshgrid(2, 3, torch.eye(3)[None].double()).dtype == torch.float64
        assert unproject_meshgrid(2, 3, torch.eye(3)[None], dtype=torch.float64).dtype == torch.float64
