# SPDX-License-Identifier: Apache-2.0
"""Projection along the axis of the camera."""

import torch
from jaxtyping import Float
from torch import Tensor

from foveal._check import check_floating, check_shape
from foveal._op import op
from foveal.geometry.camera._points import common
from foveal.geometry.camera.projection_z1 import depth_column


@op
def project_points_orthographic(points_in_camera: Float[Tensor, "*batch 3"]) -> Float[Tensor, "*batch 2"]:
    """Drop the coordinate z.

    Args:
        points_in_camera: points (x, y, z), (*, 3).

    Returns:
        (x, y), (*, 2).

    Raises:
        TypeError: `points_in_camera` is not a floating-point tensor.
        ValueError: it is not (*, 3).

    >>> project_points_orthographic(torch.tensor([1.0, 2.0, 4.0]))
    tensor([1., 2.])
    """
    check_floating(points_in_camera, "points_in_camera")
    check_shape(points_in_camera, "points_in_camera", "*", 3)
    return points_in_camera[..., :2].clone()


@op
def unproject_points_orthographic(
    points_in_camera: Float[Tensor, "... 2"], extension: Float[Tensor, "..."]
) -> Float[Tensor, "... 3"]:
    """Append a coordinate z.

    Args:
        points_in_camera: points (x, y), (*, 2).
        extension: z, (*, 1) or without the last dimension; leading dimensions broadcast.

    Returns:
        (x, y, z), (*, 3).

    Raises:
        TypeError: an argument is not a floating-point tensor.
        ValueError: the points are not (*, 2), or z fits neither shape.

    >>> unproject_points_orthographic(torch.tensor([1.0, 2.0]), torch.tensor([4.0]))
    tensor([1., 2., 4.])
    """
    check_floating(points_in_camera, "points_in_camera")
    check_shape(points_in_camera, "points_in_camera", "*", 2)
    column = depth_column(points_in_camera, extension)
    dtype = common(points_in_camera, column)
    leading = torch.broadcast_shapes(points_in_camera.shape[:-1], column.shape[:-1])
    return torch.cat([points_in_camera.to(dtype).expand(*leading, 2), column.to(dtype).expand(*leading, 1)], dim=-1)


@op
def dx_project_points_orthographic(points_in_camera: Float[Tensor, "*batch 3"]) -> Float[Tensor, "*batch 1"]:
    """Return the derivative of the projected x with respect to x, which is 1.

    Args:
        points_in_camera: points (x, y, z), (*, 3).

    Returns:
        Ones, (*, 1).

    Raises:
        TypeError: `points_in_camera` is not a floating-point tensor.
        ValueError: it is not (*, 3).

    >>> dx_project_points_orthographic(torch.tensor([1.0, 2.0, 4.0]))
    tensor([1.])
    """
    check_floating(points_in_camera, "points_in_camera")
    check_shape(points_in_camera, "points_in_camera", "*", 3)
    return torch.ones_like(points_in_camera[..., :1])
