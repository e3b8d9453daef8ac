# SPDX-License-Identifier: Apache-2.0
"""The one policy of `foveal.geometry.camera` for points that no camera sees, and round trips between its parts."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from foveal.geometry.camera import PinholeCamera, cam2pixel, project_points, project_points_z1
from foveal.geometry.depth import depth_to_3d_v2
from foveal.image import ImageSize
from foveal.sensors.camera import PinholeModel

LENS = torch.tensor([60.0, 50.0, 31.5, 23.5], dtype=torch.float64)
FX, FY, CX, CY = LENS.tolist()
MATRIX = torch.tensor([[FX, 0, CX], [0, FY, CY], [0, 0, 1]], dtype=torch.float64)
SIZE = torch.tensor([48.0]), torch.tensor([64.0])


def wide(matrix: Tensor) -> Tensor:
    result = torch.eye(4, dtype=torch.float64)[None].clone()
    result[0, :3, :3] = matrix
    return result


def by_z1(points: Tensor) -> Tensor:
    return project_points_z1(points) * LENS[:2] + LENS[2:]


def by_camera(points: Tensor) -> Tensor:
    return PinholeCamera(wide(MATRIX), wide(torch.eye(3)), *SIZE).project(points[None])[0]


def by_matrix(points: Tensor) -> Tensor:
    return cam2pixel(points[None, None], wide(MATRIX))[0, 0]


def by_model(points: Tensor) -> Tensor:
    return PinholeModel(ImageSize(48, 64), LENS).project(points).unwrap()


@pytest.mark.parametrize(
    "project", [lambda points: project_points(points, MATRIX), by_z1, by_camera, by_matrix, by_model]
)
def test_points_that_no_camera_sees(project: Callable[[Tensor], Tensor]) -> None:
    ahead, behind, plane, centre = (1.0, 2.0, 4.0), (1.0, 2.0, -4.0), (1.0, 2.0, 0.0), (0.0, 0.0, 0.0)
    points = torch.tensor([ahead, behind, plane, centre], dtype=torch.float64, requires_grad=True)
    found = project(points)
    # Behind the camera the line through its centre meets the image; in its plane nothing is divided.
    places = torch.tensor([[0.25, 0.5], [-0.25, -0.5], [1, 2], [0, 0]], dtype=torch.float64)
    expected = places * LENS[:2] + LENS[2:]
    # `cam2pixel` has one matrix for all, and sends what it does not divide by that: the principal point times z = 0.
    expected[2:] -= LENS[2:] * (project is by_matrix)
    torch.testing.assert_close(found, expected)
    found.sum().backward()
    assert points.grad is not None
    assert points.grad.isfinite().all()


def test_a_map_of_depth_is_projected_onto_its_own_pixels() -> None:
    depth = 1 + 4 * torch.rand(6, 8, dtype=torch.float64)
    points = depth_to_3d_v2(depth, MATRIX[None])[0]
    rows, columns = torch.meshgrid(torch.arange(6.0), torch.arange(8.0), indexing="ij")
    torch.testing.assert_close(project_points(points, MATRIX), torch.stack([columns, rows], -1).double())


def test_a_camera_in_the_world_takes_points_there_and_back() -> None:
    angle = torch.tensor(0.3, dtype=torch.float64)
    turn = torch.tensor([[angle.cos(), 0, angle.sin()], [0, 1, 0], [-angle.sin(), 0, angle.cos()]])
    pose = wide(turn)
    pose[0, :3, 3] = torch.tensor([0.1, -0.2, 0.3])
    camera = PinholeCamera(wide(MATRIX), pose, *SIZE)
    points = torch.rand(1, 9, 3, dtype=torch.float64) + torch.tensor([0.0, 0.0, 3.0])
    depth = (points @ turn.T + pose[0, :3, 3])[..., 2:]
    torch.testing.assert_close(camera.unproject(camera.project(points), depth), points)
