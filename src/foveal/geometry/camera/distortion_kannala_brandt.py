# SPDX-License-Identifier: Apache-2.0
"""The fisheye distortion of Kannala and Brandt, which is OpenCV's `cv2.fisheye`."""

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from foveal._op import op
from foveal.geometry.camera._points import widened
from foveal.geometry.camera.distortion_affine import check_distortion

# Below this square of the radius, series replace quotients that cancel.
NEAR = 1e-3
STEPS = 12


@op
def distort_points_kannala_brandt(
    projected_points_in_camera_z1_plane: Float[Tensor, "... 2"], params: Float[Tensor, "... 8"]
) -> Float[Tensor, "... 2"]:
    """Map points of the plane z = 1 to the pixels of a fisheye camera.

    Args:
        projected_points_in_camera_z1_plane: points (x, y), (*, 2).
        params: (fx, fy, cx, cy, k0, k1, k2, k3), (*, 8), the first four in pixels; leading dimensions broadcast.

    Returns:
        Pixels, (*, 2): the radius r becomes a (1 + k0 a^2 + k1 a^4 + k2 a^6 + k3 a^8) with the angle a = atan(r).

    Raises:
        TypeError: an argument is not a floating-point tensor.
        ValueError: the points are not (*, 2), or the parameters not (*, 8).

    >>> lens = torch.tensor([100.0, 100.0, 50.0, 40.0, 0.1, 0.01, 0.0, 0.0])
    >>> distort_points_kannala_brandt(torch.tensor([1.0, 0.0]), lens)
    tensor([133.6834,  40.0000])

    Source: Kannala and Brandt 2006, "A generic camera model and calibration method for conventional, wide-angle, and
    fish-eye lenses", equation 6 without its even powers.
    """
    check_distortion(projected_points_in_camera_z1_plane, "projected_points_in_camera_z1_plane", params, 8)
    dtype, (points, parameters) = widened(projected_points_in_camera_z1_plane, params)
    square = points.square().sum(dim=-1, keepdim=True)
    ratio, _ = _angle_over_radius(square)
    stretch, _ = _polynomial(ratio.square() * square, parameters[..., 4:])
    return (parameters[..., :2] * points * (ratio * stretch) + parameters[..., 2:4]).to(dtype)


@op
def undistort_points_kannala_brandt(
    distorted_points_in_camera: Float[Tensor, "... 2"], params: Float[Tensor, "... 8"], *, return_mask: bool = False
) -> Float[Tensor, "... 2"] | tuple[Float[Tensor, "... 2"], Bool[Tensor, "..."]]:
    """Map pixels of a fisheye camera to the plane z = 1: `distort_points_kannala_brandt` undone.

    Args:
        distorted_points_in_camera: pixels (u, v), (*, 2).
        params: (fx, fy, cx, cy, k0, k1, k2, k3), (*, 8); leading dimensions broadcast.
        return_mask: say for each point whether Newton's method found it.

    Returns:
        Points (x, y), (*, 2), and with `return_mask` booleans (*): false where no angle below 90 degrees is mapped to
        the pixel, or twelve steps did not reach it; the point is then that of the last step.

    Raises:
        TypeError: an argument is not a floating-point tensor.
        ValueError: the points are not (*, 2), or the parameters not (*, 8).

    >>> lens = torch.tensor([100.0, 100.0, 50.0, 40.0, 0.1, 0.01, 0.0, 0.0])
    >>> undistort_points_kannala_brandt(torch.tensor([133.6835, 40.0]), lens)
    tensor([1.0000, 0.0000])
    """
    check_distortion(distorted_points_in_camera, "distorted_points_in_camera", params, 8)
    dtype, (pixels, parameters) = widened(distorted_points_in_camera, params)
    distorted = (pixels - parameters[..., 2:4]) / parameters[..., :2]
    square = distorted.square().sum(dim=-1, keepdim=True)
    centre = square == 0
    radius = torch.where(centre, 1, square).sqrt() * ~centre
    coefficients = parameters[..., 4:]
    limit = torch.pi / 2 * (1 - 2 * torch.finfo(radius.dtype).eps)
    angle = radius.clamp(max=limit)
    for _ in range(STEPS):
        stretch, slope = _polynomial(angle.square(), coefficients)
        rise = stretch + 2 * angle.square() * slope
        rise = torch.where(rise.abs() > torch.finfo(rise.dtype).eps, rise, 1)
        angle = (angle - (angle * stretch - radius) / rise).clamp(0, limit)
    stretch, _ = _polynomial(angle.square(), coefficients)
    turned = angle.square()
    near = turned < NEAR
    series = 1 + turned * (1 / 3 + turned * (2 / 15 + turned * (17 / 315 + turned * (62 / 2835))))
    safe = torch.where(near, 1, angle)
    tangent = torch.where(near, series, safe.sin() / (safe * safe.cos()))
    points = (distorted * (tangent / stretch)).to(dtype)
    if not return_mask:
        return points
    error = (angle * stretch - radius).abs()
    found = (error <= 16 * torch.finfo(error.dtype).eps * (1 + radius)) & (angle < limit)
    return points, found.squeeze(-1)


@op
def dx_distort_points_kannala_brandt(
    projected_points_in_camera_z1_plane: Float[Tensor, "... 2"], params: Float[Tensor, "... 8"]
) -> Float[Tensor, "... 2 2"]:
    """Return the Jacobian of `distort_points_kannala_brandt` with respect to the points.

    Args:
        projected_points_in_camera_z1_plane: points (x, y), (*, 2).
        params: (fx, fy, cx, cy, k0, k1, k2, k3), (*, 8); leading dimensions broadcast.

    Returns:
        Jacobians, (*, 2, 2): row (u, v), column (x, y).

    Raises:
        TypeError: an argument is not a floating-point tensor.
        ValueError: the points are not (*, 2), or the parameters not (*, 8).

    >>> lens = torch.tensor([100.0, 100.0, 50.0, 40.0, 0.1, 0.01, 0.0, 0.0])
    >>> dx_distort_points_kannala_brandt(torch.tensor([0.0, 0.0]), lens)
    tensor([[100.,   0.],
            [  0., 100.]])
    """
    check_distortion(projected_points_in_camera_z1_plane, "projected_points_in_camera_z1_plane", params, 8)
    dtype, (points, parameters) = widened(projected_points_in_camera_z1_plane, params)
    square = points.square().sum(dim=-1, keepdim=True)
    ratio, ratio_slope = _angle_over_radius(square)
    stretch, stretch_slope = _polynomial(ratio.square() * square, parameters[..., 4:])
    scale = ratio * stretch
    # d(atan(r)^2) / d(r^2) = ratio / (1 + r^2)
    scale_slope = ratio_slope * stretch + ratio.square() * stretch_slope / (1 + square)
    identity = torch.eye(2, dtype=points.dtype, device=points.device)
    outer = points.unsqueeze(-1) * points.unsqueeze(-2)
    jacobian = scale.unsqueeze(-1) * identity + 2 * scale_slope.unsqueeze(-1) * outer
    return (parameters[..., :2].unsqueeze(-1) * jacobian).to(dtype)


def _angle_over_radius(square: Tensor) -> tuple[Tensor, Tensor]:
    """Return atan(r) / r and its derivative to r^2, at r^2."""
    near = square < NEAR
    series = 1 + square * (-1 / 3 + square * (1 / 5 + square * (-1 / 7 + square * (1 / 9 - square / 11))))
    slope_series = -1 / 3 + square * (2 / 5 + square * (-3 / 7 + square * (4 / 9 - square * 5 / 11)))
    safe = torch.where(near, 1, square)
    radius = safe.sqrt()
    ratio = radius.atan() / radius
    slope = (1 / (1 + safe) - ratio) / (2 * safe)
    return torch.where(near, series, ratio), torch.where(near, slope_series, slope)


def _polynomial(square: Tensor, coefficients: Tensor) -> tuple[Tensor, Tensor]:
    """Return 1 + k0 s + k1 s^2 + k2 s^3 + k3 s^4 and its derivative, at s."""
    first, second, third, fourth = coefficients.split(1, dim=-1)
    value = 1 + square * (first + square * (second + square * (third + square * fourth)))
    return value, first + square * (2 * second + square * (3 * third + square * 4 * fourth))
