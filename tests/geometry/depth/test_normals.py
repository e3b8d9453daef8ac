# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator
from typing import Any

import kornia
import torch

from foveal.geometry.depth import depth_from_plane_equation, depth_to_normals
from foveal.geometry.grid import create_meshgrid
from tests.contract import Contract, Make, Sample, call
from tests.geometry.camera.test_perspective import calibration


class TestDepthToNormals(Contract):
    operation = staticmethod(depth_to_normals)

    def oracle(self, *args: Any, **options: Any) -> Any:
        return kornia.geometry.depth.depth_to_normals(*args, **options)

    # Differences of depths that have eight or eleven bits.
    tolerance = {**Contract.tolerance, torch.float32: 3e-5, torch.float16: 2e-2, torch.bfloat16: 2e-1}

    def samples(self, make: Make) -> Iterator[Sample]:
        for normalize in (False, True):
            yield call(make.uniform(2, 1, 3, 4, low=1, high=3), calibration(make, 2), normalize)
        yield call(make.uniform(2, 1, 2, 2, low=1, high=3), calibration(make, 1))

    def special(self, make: Make) -> Iterator[Sample]:
        yield call(make.tensor(torch.zeros(1, 1, 3, 3)), calibration(make, 1))
        yield call(make.tensor(torch.ones(1, 1, 3, 3)), calibration(make, 1))

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        yield ValueError, "at least two rows and two columns", call(make.uniform(1, 1, 1, 5), calibration(make, 1))
        yield ValueError, r"depth must have shape \(B, 1, H, W\)", call(make.uniform(2, 3, 4), calibration(make, 2))

    def test_normal_of_a_plane(self) -> None:
        make = Make(torch.float64)
        normal, matrix = make.tensor([[0.2, -0.1, 1.0]]), calibration(make, 1)
        grid = create_meshgrid(5, 6, False, dtype=torch.float64).flatten(1, 2)
        depth = depth_from_plane_equation(normal, make.tensor([[4.0]]), grid, matrix).view(1, 1, 5, 6)
        found = depth_to_normals(depth, matrix)[:, :, 1:-1, 1:-1]
        expected = (normal / normal.norm()).view(1, 3, 1, 1).expand_as(found)
        # The gradient of points seen in perspective is taken at equal steps in pixels, not on the plane.
        torch.testing.assert_close(found, expected, rtol=0, atol=1e-2)
