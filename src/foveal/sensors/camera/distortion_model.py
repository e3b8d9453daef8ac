# SPDX-License-Identifier: Apache-2.0
"""Maps from the plane z = 1 to pixels: none, Brown and Conrady's, Kannala and Brandt's.

Parameters are (N,), or (B, N) beside points (B, ..., 2): a set for each camera.
"""

from typing import Literal, overload

import torch
from torch import Tensor

from foveal.geometry.camera._points import widened
from foveal.geometry.camera.distortion_affine import check_distortion, distort_points_affine, undistort_points_affine
from foveal.geometry.camera.distortion_kannala_brandt import (
    distort_points_kannala_brandt,
    undistort_points_kannala_brandt,
)
from foveal.geometry.vector import Vector2
from foveal.sensors.camera.projection_model import bare

# Newton's method doubles the digits with each step, once it is near.
STEPS = 16


class AffineTransform:
    """No distortion: (fx x + cx, fy y + cy).

    >>> AffineTransform().distort(torch.tensor([100.0, 100.0, 50.0, 40.0]), Vector2(torch.tensor([0.5, 0.25])))
    Vector2([100.,  65.])
    """

    parameters = 4
    """fx, fy, cx, cy."""

    def distort(self, params: Tensor, points: Vector2 | Tensor) -> Vector2:
        """Map points (*, 2) of the plane z = 1 to pixels."""
        return Vector2(distort_points_affine(bare(points), per_camera(params, points)))

    def undistort(self, params: Tensor, points: Vector2 | Tensor) -> Vector2:
        """Map pixels (*, 2) to the plane z = 1."""
        return Vector2(undistort_points_affine(bare(points), per_camera(params, points)))

    def __repr__(self) -> str:
        return "AffineTransform()"


class KannalaBrandtK3Transform:
    """The distortion of a fisheye lens, as `foveal.geometry.camera.distort_points_kannala_brandt`."""

    parameters = 8
    """fx, fy, cx, cy, k0, k1, k2, k3."""

    def distort(self, params: Tensor, points: Vector2 | Tensor) -> Vector2:
        """Map points (*, 2) of the plane z = 1 to pixels."""
        return Vector2(distort_points_kannala_brandt(bare(points), per_camera(params, points)))

    @overload
    def undistort(
        self, params: Tensor, points: Vector2 | Tensor, *, return_mask: Literal[False] = False
    ) -> Vector2: ...
    @overload
    def undistort(
        self, params: Tensor, points: Vector2 | Tensor, *, return_mask: Literal[True]
    ) -> tuple[Vector2, Tensor]: ...

    def undistort(
        self, params: Tensor, points: Vector2 | Tensor, *, return_mask: bool = False
    ) -> Vector2 | tuple[Vector2, Tensor]:
        """Map pixels (*, 2) to the plane z = 1, and say where that converged if `return_mask` is set."""
        found = undistort_points_kannala_brandt(bare(points), per_camera(params, points), return_mask=True)
        assert isinstance(found, tuple)
        return (Vector2(found[0]), found[1]) if return_mask else Vector2(found[0])

    def __repr__(self) -> str:
        return "KannalaBrandtK3Transform()"


class BrownConradyTransform:
    """The rational and tangential distortion of Brown and Conrady, which is OpenCV's.

    Source: Brown 1966, "Decentering distortion of lenses"; OpenCV's documentation of `projectPoints`.
    """

    parameters = 12
    """fx, fy, cx, cy, k1, k2, p1, p2, k3, k4, k5, k6."""

    def distort(self, params: Tensor, points: Vector2 | Tensor) -> Vector2:
        """Map points (*, 2) of the plane z = 1 to pixels."""
        laid_out = per_camera(params, points)
        check_distortion(points, "points", laid_out, 12)
        dtype, (plane, parameters) = widened(bare(points), laid_out)
        moved, _ = _distorted(plane, parameters[..., 4:])
        return Vector2((parameters[..., :2] * moved + parameters[..., 2:4]).to(dtype))

    @overload
    def undistort(
        self, params: Tensor, points: Vector2 | Tensor, *, return_mask: Literal[False] = False
    ) -> Vector2: ...
    @overload
    def undistort(
        self, params: Tensor, points: Vector2 | Tensor, *, return_mask: Literal[True]
    ) -> tuple[Vector2, Tensor]: ...

    def undistort(
        self, params: Tensor, points: Vector2 | Tensor, *, return_mask: bool = False
    ) -> Vector2 | tuple[Vector2, Tensor]:
        """Map pixels (*, 2) to the plane z = 1 by Newton's method.

        With `return_mask` a boolean per point is returned too: false where sixteen steps did not reach the pixel, or
        reached it beyond the fold of the lens's map, where it turns the image over.
        """
        laid_out = per_camera(params, points)
        check_distortion(points, "points", laid_out, 12)
        dtype, (pixels, parameters) = widened(bare(points), laid_out)
        wanted = (pixels - parameters[..., 2:4]) / parameters[..., :2]
        plane, eps = wanted, torch.finfo(wanted.dtype).eps
        for _ in range(STEPS):
            moved, ((a, b), (c, d)) = _distorted(plane, parameters[..., 4:])
            x, y = (moved - wanted).split(1, dim=-1)
            determinant = a * d - b * c
            determinant = torch.where(determinant.abs() > eps, determinant, 1)
            plane = plane - torch.cat([d * x - b * y, a * y - c * x], dim=-1) / determinant
        found = Vector2(plane.to(dtype))
        if not return_mask:
            return found
        moved, ((a, b), (c, d)) = _distorted(plane, parameters[..., 4:])
        error = (moved - wanted).abs().amax(dim=-1)
        bound = 16 * eps * (1 + wanted.abs().amax(dim=-1))
        return found, (error <= bound) & (a * d - b * c > 0).squeeze(-1) & (a + d > 0).squeeze(-1)

    def __repr__(self) -> str:
        return "BrownConradyTransform()"


CameraDistortionType = AffineTransform | BrownConradyTransform | KannalaBrandtK3Transform


def per_camera(params: Tensor, points: Tensor) -> Tensor:
    """Lay parameters (B, N) out beside points (B, ..., D)."""
    if params.ndim < 2:
        return params
    return params.reshape(params.shape[0], *(1,) * max(points.ndim - 2, 0), params.shape[-1])


def _distorted(plane: Tensor, coefficients: Tensor) -> tuple[Tensor, tuple[tuple[Tensor, Tensor], ...]]:
    """Return distorted points of the plane z = 1, and the Jacobian."""
    x, y = plane.split(1, dim=-1)
    k1, k2, p1, p2, k3, k4, k5, k6 = coefficients.split(1, dim=-1)
    square = x * x + y * y
    above = 1 + square * (k1 + square * (k2 + square * k3))
    below = 1 + square * (k4 + square * (k5 + square * k6))
    radial = above / below
    above_slope = k1 + square * (2 * k2 + square * 3 * k3)
    below_slope = k4 + square * (2 * k5 + square * 3 * k6)
    slope = (above_slope - radial * below_slope) / below
    moved_x = x * radial + 2 * p1 * x * y + p2 * (square + 2 * x * x)
    moved_y = y * radial + p1 * (square + 2 * y * y) + 2 * p2 * x * y
    across = 2 * x * y * slope + 2 * p1 * x + 2 * p2 * y
    first = radial + 2 * x * x * slope + 2 * p1 * y + 6 * p2 * x
    last = radial + 2 * y * y * slope + 6 * p1 * y + 2 * p2 * x
    return torch.cat([moved_x, moved_y], dim=-1), ((first, across), (across, last))
