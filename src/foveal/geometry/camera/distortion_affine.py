# SPDX-License-Identifier: Apache-2.0
"""The map from the plane z = 1 to pixels of a camera without distortion."""

import torch
from jaxtyping import Float
from torch import Tensor

from foveal._check import check_floating, check_shape
from foveal._op import op
from foveal.geometry.camera._points import widened


@op
def distort_points_affine(
    projected_points_in_camera_z1_plane: Float[Tensor, "... 2"], params: Float[Tensor, "... 4"]
) -> Float[Tensor, "... 2"]:
    """Map points of the plane z = 1 to pixels.

    Args:
        projected_points_in_camera_z1_plane: points (x, y), (*, 2).
        params: (fx, fy, cx, cy) in pixels, (*, 4); leading dimensions broadcast.

    Returns:
        Pixels (fx x + cx, fy y + cy), (*, 2).

    Raises:
        TypeError: an argument is not a floating-point tensor.
        ValueError: the points are not (*, 2), or the parameters not (*, 4).

    >>> distort_points_affine(torch.tensor([0.1, 0.2]), torch.tensor([100.0, 100.0, 50.0, 40.0]))
    tensor([60., 60.])
    """
    check_distortion(projected_points_in_camera_z1_plane, "projected_points_in_camera_z1_plane", params, 4)
    dtype, (points, parameters) = widened(projected_points_in_camera_z1_plane, params)
    return (parameters[..., :2] * points + parameters[..., 2:]).to(dtype)


@op
def undistort_points_affine(
    distorted_points_in_camera: Float[Tensor, "... 2"], params: Float[Tensor, "... 4"]
) -> Float[Tensor, "... 2"]:
    """Map pixels to the plane z = 1: `distort_points_affine` undone.

    Args:
        distorted_points_in_camera: pixels (u, v), (*, 2).
        params: (fx, fy, cx, cy) in pixels, (*, 4); leading dimensions broadcast.

    Returns:
        Points (x, y), (*, 2).

    Raises:
        TypeError: an argument is not a floating-point tensor.
        ValueError: the points are not (*, 2), or the parameters not (*, 4).

    >>> undistort_points_affine(torch.tensor([60.0, 60.0]), torch.tensor([100.0, 100.0, 50.0, 40.0]))
    tensor([0.1000, 0.2000])
    """
    check_distortion(distorted_points_in_camera, "distorted_points_in_camera", params, 4)
    dtype, (pixels, parameters) = widened(distorted_points_in_camera, params)
    return ((pixels - parameters[..., 2:]) / parameters[..., :2]).to(dtype)


@op
def dx_distort_points_affine(
    projected_points_in_camera_z1_plane: Float[Tensor, "... 2"], params: Float[Tensor, "... 4"]
) -> Float[Tensor, "... 2 2"]:
    """Return the Jacobian of `distort_points_affine` with respect to the points.

    Args:
        projected_points_in_camera_z1_plane: points (x, y), (*, 2).
        params: (fx, fy, cx, cy) in pixels, (*, 4); leading dimensions broadcast.

    Returns:
        diag(fx, fy), (*, 2, 2).

    Raises:
        TypeError: an argument is not a floating-point tensor.
        ValueError: the points are not (*, 2), or the parameters not (*, 4).

    >>> dx_distort_points_affine(torch.tensor([0.1, 0.2]), torch.tensor([100.0, 90.0, 50.0, 40.0]))
    tensor([[100.,   0.],
            [  0.,  90.]])
    """
    check_distortion(projected_points_in_camera_z1_plane, "projected_points_in_camera_z1_plane", params, 4)
    dtype, (points, parameters) = widened(projected_points_in_camera_z1_plane, params)
    leading = torch.broadcast_shapes(points.shape[:-1], parameters.shape[:-1])
    return torch.diag_embed(parameters[..., :2]).expand(*leading, 2, 2).to(dtype).clone()


def check_distortion(points: Tensor, name: str, params: Tensor, size: int) -> None:
    """Raise unless the points are (*, 2), and the parameters (*, size)."""
    check_floating(points, name)
    check_floating(params, "params")
    check_shape(points, name, "*", 2)
    check_shape(params, "params", "*", size)
