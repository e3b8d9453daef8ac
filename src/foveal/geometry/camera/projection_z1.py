# SPDX-License-Identifier: Apache-2.0
"""Projection onto the plane z = 1, and back by the depth."""

import torch
from jaxtyping import Float
from torch import Tensor

from foveal._check import check_floating, check_shape
from foveal._op import op
from foveal.geometry._small import widen
from foveal.geometry.camera._points import INFINITY, to_plane, widened


@op
def project_points_z1(points_in_camera: Float[Tensor, "*batch 3"]) -> Float[Tensor, "*batch 2"]:
    """Project points of the camera's frame onto the plane z = 1.

    Args:
        points_in_camera: points (x, y, z), (*, 3).

    Returns:
        (x / z, y / z), (*, 2).

    Raises:
        TypeError: `points_in_camera` is not a floating-point tensor.
        ValueError: it is not (*, 3).

    Convention: a point with |z| <= 1e-8 is not divided, one behind the camera is (`foveal.geometry.camera`).

    >>> project_points_z1(torch.tensor([1.0, 2.0, 4.0]))
    tensor([0.2500, 0.5000])
    """
    check_floating(points_in_camera, "points_in_camera")
    check_shape(points_in_camera, "points_in_camera", "*", 3)
    return to_plane(widen(points_in_camera)).to(points_in_camera.dtype)


@op
def unproject_points_z1(
    points_in_cam_canonical: Float[Tensor, "... 2"], extension: Float[Tensor, "..."] | None = None
) -> Float[Tensor, "... 3"]:
    """Return the points of the camera's frame with given places on the plane z = 1 and depths.

    Args:
        points_in_cam_canonical: points (x, y) of the plane z = 1, (*, 2).
        extension: depths z, (*, 1) or without the last dimension; leading dimensions broadcast. `None` is 1.

    Returns:
        (x z, y z, z), (*, 3).

    Raises:
        TypeError: an argument is not a floating-point tensor.
        ValueError: the points are not (*, 2), or the depths fit neither shape.

    >>> unproject_points_z1(torch.tensor([0.25, 0.5]), torch.tensor([4.0]))
    tensor([1., 2., 4.])
    """
    check_floating(points_in_cam_canonical, "points_in_cam_canonical")
    check_shape(points_in_cam_canonical, "points_in_cam_canonical", "*", 2)
    if extension is None:
        return torch.nn.functional.pad(points_in_cam_canonical, (0, 1), value=1.0)
    dtype, (points, depths) = widened(points_in_cam_canonical, depth_column(points_in_cam_canonical, extension))
    return torch.cat([points * depths, depths.expand(*(points[..., :1] * depths).shape)], dim=-1).to(dtype)


@op
def dx_project_points_z1(points_in_camera: Float[Tensor, "*batch 3"]) -> Float[Tensor, "*batch 2 3"]:
    """Return the Jacobian of `project_points_z1` with respect to the points.

    Args:
        points_in_camera: points (x, y, z), (*, 3).

    Returns:
        Rows (1/z, 0, -x/z^2) and (0, 1/z, -y/z^2), (*, 2, 3).

    Raises:
        TypeError: `points_in_camera` is not a floating-point tensor.
        ValueError: it is not (*, 3).

    Convention: at |z| <= 1e-8, where nothing is divided, the rows are (1, 0, 0) and (0, 1, 0).

    >>> dx_project_points_z1(torch.tensor([1.0, 2.0, 2.0]))
    tensor([[ 0.5000,  0.0000, -0.2500],
            [ 0.0000,  0.5000, -0.5000]])
    """
    check_floating(points_in_camera, "points_in_camera")
    check_shape(points_in_camera, "points_in_camera", "*", 3)
    x, y, z = widen(points_in_camera).unbind(-1)
    finite = z.abs() > INFINITY
    inverse = 1 / torch.where(finite, z, 1)
    slope = torch.where(finite, -inverse * inverse, 0)
    zero = torch.zeros_like(x)
    rows = [torch.stack([inverse, zero, x * slope], dim=-1), torch.stack([zero, inverse, y * slope], dim=-1)]
    return torch.stack(rows, dim=-2).to(points_in_camera.dtype)


def depth_column(points: Tensor, extension: Tensor) -> Tensor:
    """Return depths as (*, 1): they may come without the last dimension."""
    check_floating(extension, "extension")
    leading, given = points.shape[:-1], tuple(extension.shape)
    if extension.ndim == len(leading) and (extension.shape == leading or extension.shape[-1:] != (1,)):
        extension = extension.unsqueeze(-1)
    try:
        torch.broadcast_shapes(extension.shape[:-1], leading)
    except RuntimeError:
        fits = False
    else:
        fits = extension.shape[-1:] == (1,)
    if not fits:
        raise ValueError(f"extension must have shape {(*leading, 1)} or {tuple(leading)}, got {given}")
    return extension
