# SPDX-License-Identifier: Apache-2.0
"""Projections of the camera's frame onto the plane z = 1."""

import torch
from torch import Tensor

from foveal._check import check_number
from foveal.geometry.camera.projection_orthographic import project_points_orthographic, unproject_points_orthographic
from foveal.geometry.camera.projection_z1 import project_points_z1, unproject_points_z1
from foveal.geometry.vector import Vector2, Vector3


class Z1Projection:
    """Perspective: points are divided by their depth.

    >>> Z1Projection().project(Vector3(torch.tensor([1.0, 2.0, 4.0])))
    Vector2([0.2500, 0.5000])
    """

    def project(self, points: Vector3 | Tensor) -> Vector2:
        """Return (x / z, y / z) of points (*, 3)."""
        return Vector2(project_points_z1(bare(points)))

    def unproject(self, points: Vector2 | Tensor, depth: Tensor | float) -> Vector3:
        """Return (x z, y z, z) of points (*, 2) and depths z, (*,) or (*, 1)."""
        return Vector3(unproject_points_z1(bare(points), depths(points, depth)))

    def __repr__(self) -> str:
        return "Z1Projection()"


class OrthographicProjection:
    """Parallel rays: points keep x and y.

    >>> OrthographicProjection().project(Vector3(torch.tensor([1.0, 2.0, 4.0])))
    Vector2([1., 2.])
    """

    def project(self, points: Vector3 | Tensor) -> Vector2:
        """Return (x, y) of points (*, 3)."""
        return Vector2(project_points_orthographic(bare(points)))

    def unproject(self, points: Vector2 | Tensor, depth: Tensor | float) -> Vector3:
        """Return (x, y, z) of points (*, 2) and depths z, (*,) or (*, 1)."""
        return Vector3(unproject_points_orthographic(bare(points), depths(points, depth)))

    def __repr__(self) -> str:
        return "OrthographicProjection()"


def bare(points: Tensor) -> Tensor:
    """Return the tensor of points without its class."""
    return points.as_subclass(Tensor)


def depths(points: Tensor, depth: Tensor | float) -> Tensor:
    """Return depths as a tensor: a number serves all points."""
    check_number(depth, "depth")
    if isinstance(depth, Tensor):
        return bare(depth)
    return torch.full((1,) * points.ndim, float(depth), device=points.device, dtype=points.dtype)
