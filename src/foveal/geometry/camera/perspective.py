# SPDX-License-Identifier: Apache-2.0
"""Projection of points by a calibration matrix, and back by their depth."""

from jaxtyping import Float
from torch import Tensor

from foveal._check import check_floating, check_shape
from foveal._op import op
from foveal.geometry.camera._points import (
    beside,
    check_matrix,
    check_points,
    to_pixels,
    to_plane,
    to_rays,
    unit,
    widened,
)


@op
def project_points(point_3d: Float[Tensor, "... 3"], camera_matrix: Float[Tensor, "... 3 3"]) -> Float[Tensor, "... 2"]:
    """Project points of the camera's frame to pixels.

    Args:
        point_3d: points (x, y, z), (*, 3), of two dimensions at least.
        camera_matrix: calibration matrices, (3, 3) or (*, 3, 3): a batch counts from the left and may end early.

    Returns:
        Pixels (u, v), (*, 2).

    Raises:
        TypeError: an argument is not a floating-point tensor.
        ValueError: an argument has another shape, or the batches differ.

    Convention: pixel centres are on integers; the camera looks along +z. A point with |z| <= 1e-8 is not divided by z,
    one behind the camera is (`foveal.geometry.camera`). A skew (row 0, column 1) counts.

    >>> import torch
    >>> calibration = torch.tensor([[100.0, 0.0, 50.0], [0.0, 100.0, 40.0], [0.0, 0.0, 1.0]])
    >>> project_points(torch.tensor([[1.0, 2.0, 10.0]]), calibration)
    tensor([[60., 60.]])
    """
    check_points(point_3d, "point_3d", 3)
    check_matrix(camera_matrix, "camera_matrix", 3)
    dtype, (points, calibration) = widened(point_3d, camera_matrix)
    return to_pixels(to_plane(points), beside(calibration, "camera_matrix", points)).to(dtype)


@op
def unproject_points(
    point_2d: Float[Tensor, "... 2"],
    depth: Float[Tensor, "... 1"],
    camera_matrix: Float[Tensor, "... 3 3"],
    normalize: bool = False,
) -> Float[Tensor, "... 3"]:
    """Return the points of the camera's frame that pixels show at a depth: `project_points` undone.

    Args:
        point_2d: pixels (u, v), (*, 2), of two dimensions at least.
        depth: depth of each, (*, 1), or one that broadcasts.
        camera_matrix: calibration matrices, (3, 3) or (*, 3, 3), as in `project_points`.
        normalize: the depth is the distance from the camera's centre, else the coordinate z.

    Returns:
        Points (x, y, z), (*, 3).

    Raises:
        TypeError: an argument is not a floating-point tensor.
        ValueError: an argument has another shape, or the batches differ.

    >>> import torch
    >>> calibration = torch.tensor([[100.0, 0.0, 50.0], [0.0, 100.0, 40.0], [0.0, 0.0, 1.0]])
    >>> unproject_points(torch.tensor([[60.0, 60.0]]), torch.tensor([[10.0]]), calibration)
    tensor([[ 1.,  2., 10.]])
    """
    check_points(point_2d, "point_2d", 2)
    check_floating(depth, "depth")
    check_shape(depth, "depth", "*", 1)
    check_matrix(camera_matrix, "camera_matrix", 3)
    dtype, (pixels, depths, calibration) = widened(point_2d, depth, camera_matrix)
    rays = to_rays(pixels, beside(calibration, "camera_matrix", pixels))
    return ((unit(rays) if normalize else rays) * depths).to(dtype)
