# SPDX-License-Identifier: Apache-2.0
"""What the cameras share: matrices beside points, the division by depth and the calibration matrix."""

import torch
from torch import Tensor

from foveal._check import check_floating, check_shape
from foveal.geometry._small import widen
from foveal.geometry.conversions.homogeneous import divide

# A point no farther from the plane of the camera's centre is at infinity: it is not divided by its depth.
INFINITY = 1e-8


def check_points(points: Tensor, name: str, size: int) -> None:
    """Raise unless `points` is a floating-point tensor (*, size) of two dimensions at least."""
    check_floating(points, name)
    check_shape(points, name, "*", "N", size)


def check_matrix(matrix: Tensor, name: str, size: int) -> None:
    """Raise unless `matrix` is a floating-point tensor (*, size, size)."""
    check_floating(matrix, name)
    check_shape(matrix, name, "*", size, size)


def beside(matrix: Tensor, name: str, points: Tensor) -> Tensor:
    """Lay matrices (*batch, D, D) out beside points (*batch, ..., D): a batch counts from the left, may end early."""
    batch, leading = matrix.shape[:-2], points.shape[:-1]
    if len(batch) > len(leading) or any(m != p and 1 not in (m, p) for m, p in zip(batch, leading, strict=False)):
        raise ValueError(f"the batch {tuple(batch)} of {name} must be 1 or that of the points, {tuple(leading)}")
    return matrix.reshape(*batch, *(1,) * (len(leading) - len(batch)), *matrix.shape[-2:])


def common(*tensors: Tensor) -> torch.dtype:
    """Return the dtype that holds all of these tensors."""
    dtype = tensors[0].dtype
    for tensor in tensors[1:]:
        dtype = torch.promote_types(dtype, tensor.dtype)
    return dtype


def to_plane(points: Tensor, eps: float = INFINITY) -> Tensor:
    """Divide (x, y, z) by z, but for points at infinity."""
    return divide(points[..., :2], points[..., 2:], eps)


def to_pixels(plane: Tensor, calibration: Tensor) -> Tensor:
    """Map points of the plane z = 1 to pixels."""
    x, y = plane.unbind(-1)
    u = calibration[..., 0, 0] * x + calibration[..., 0, 1] * y + calibration[..., 0, 2]
    return torch.stack([u, calibration[..., 1, 1] * y + calibration[..., 1, 2]], dim=-1)


def to_rays(pixels: Tensor, calibration: Tensor) -> Tensor:
    """Map pixels to the points (x, y, 1) of the plane z = 1."""
    u, v = pixels.unbind(-1)
    y = (v - calibration[..., 1, 2]) / calibration[..., 1, 1]
    x = (u - calibration[..., 0, 2] - calibration[..., 0, 1] * y) / calibration[..., 0, 0]
    return torch.stack([x, y, torch.ones_like(x)], dim=-1)


def unit(rays: Tensor) -> Tensor:
    """Return rays (x, y, 1) of length one."""
    return rays / rays.square().sum(dim=-1, keepdim=True).sqrt()


def move(transform: Tensor, points: Tensor) -> Tensor:
    """Apply rigid motions (..., 4, 4), laid out beside them, to points (..., 3)."""
    # No operator `@`: it would be rounded to half precision under autocast.
    return (transform[..., :3, :3] * points.unsqueeze(-2)).sum(dim=-1) + transform[..., :3, 3]


def widened(*tensors: Tensor) -> tuple[torch.dtype, list[Tensor]]:
    """Return the dtype of a result, and the tensors in the one precision that it is computed in."""
    dtype = common(*tensors)
    return dtype, [widen(tensor.to(dtype)) for tensor in tensors]
