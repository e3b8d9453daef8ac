# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator
from typing import Any

import kornia
import torch

from foveal.geometry.camera import unproject_points
from foveal.geometry.depth import depth_from_plane_equation
from tests.contract import Contract, Make, Sample, call
from tests.geometry.camera.test_perspective import calibration


class TestDepthFromPlaneEquation(Contract):
    operation = staticmethod(depth_from_plane_equation)

    def oracle(self, *args: Any, **options: Any) -> Any:
        return kornia.geometry.depth.depth_from_plane_equation(*args, **options)

    def samples(self, make: Make) -> Iterator[Sample]:
        normals = make.tensor([[0.1, 0.2, 1.0], [-0.2, 0.1, 0.9]])
        pixels = make.uniform(2, 5, 2, high=4)
        yield call(normals, make.uniform(2, 1, low=1, high=3), pixels, calibration(make, 2))
        yield call(normals, make.uniform(2, 1), pixels[:, :0], calibration(make, 2), 1e-4)

    def special(self, make: Make) -> Iterator[Sample]:
        matrix = make.tensor([[[2.0, 0.0, 1.0], [0.0, 2.0, 1.0], [0.0, 0.0, 1.0]]])
        along = make.tensor([[[1.0, 1.0], [1.0, 3.0], [0.0, 1.0]]])
        yield call(make.tensor([[1.0, 0.0, 0.0]]), make.tensor([[2.0]]), along, matrix, 1e-3)

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        normals, offsets, pixels = make.normal(2, 3), make.normal(2, 1), make.normal(2, 5, 2)
        yield (
            ValueError,
            r"plane_offsets must have shape \(2, 1\)",
            call(normals, offsets[0], pixels, calibration(make, 2)),
        )
        yield (
            ValueError,
            r"points_uv must have shape \(2, N, 2\)",
            call(normals, offsets, pixels[0], calibration(make, 2)),
        )
        yield TypeError, "plane_normals must be", call([1.0], offsets, pixels, calibration(make, 2))

    def test_points_lie_on_the_plane(self) -> None:
        make = Make(torch.float64)
        normals, offsets, pixels = make.tensor([[0.3, -0.2, 1.0]]), make.tensor([[2.0]]), make.uniform(1, 6, 2, high=4)
        matrix = calibration(make, 1, skew=0.5)
        depth = depth_from_plane_equation(normals, offsets, pixels, matrix)
        points = unproject_points(pixels, depth[..., None], matrix)
        torch.testing.assert_close((points * normals).sum(-1), torch.full((1, 6), 2.0, dtype=torch.float64))
