# SPDX-License-Identifier: Apache-2.0
"""Pixels and the normalized coordinates of a pinhole camera without skew."""

import torch
from jaxtyping import Float
from torch import Tensor

from foveal._check import check_floating, check_shape
from foveal._op import op


@op
def normalize_points_with_intrinsics(
    point_2d: Float[Tensor, "*batch 2"], camera_matrix: Float[Tensor, "*cameras 3 3"]
) -> Float[Tensor, "*batch 2"]:
    """Convert pixels to normalized camera coordinates.

    Args:
        point_2d: pixels (u, v), (*, 2).
        camera_matrix: intrinsics, (*, 3, 3); the dimensions of a batch are those of the points, from the left, and
            may end early. The skew is not read.

    Returns:
        ((u - cx) / fx, (v - cy) / fy), (*, 2).

    Raises:
        TypeError: an argument is not a floating-point tensor.
        ValueError: an argument has the wrong shape, or the batches do not fit.

    >>> camera = torch.tensor([[100.0, 0.0, 320.0], [0.0, 200.0, 240.0], [0.0, 0.0, 1.0]])
    >>> normalize_points_with_intrinsics(torch.tensor([420.0, 440.0]), camera)
    tensor([1., 1.])
    """
    focal, centre = _focal_and_centre(point_2d, "point_2d", camera_matrix)
    return (point_2d - centre) / focal


@op
def denormalize_points_with_intrinsics(
    point_2d_norm: Float[Tensor, "*batch 2"], camera_matrix: Float[Tensor, "*cameras 3 3"]
) -> Float[Tensor, "*batch 2"]:
    """Convert normalized camera coordinates to pixels: `normalize_points_with_intrinsics` undone.

    Args:
        point_2d_norm: normalized coordinates (x, y), (*, 2).
        camera_matrix: intrinsics, (*, 3, 3), as in `normalize_points_with_intrinsics`.

    Returns:
        Pixels (fx x + cx, fy y + cy), (*, 2).

    Raises:
        TypeError: an argument is not a floating-point tensor.
        ValueError: an argument has the wrong shape, or the batches do not fit.

    >>> camera = torch.tensor([[100.0, 0.0, 320.0], [0.0, 200.0, 240.0], [0.0, 0.0, 1.0]])
    >>> denormalize_points_with_intrinsics(torch.tensor([1.0, 1.0]), camera)
    tensor([420., 440.])
    """
    focal, centre = _focal_and_centre(point_2d_norm, "point_2d_norm", camera_matrix)
    return point_2d_norm * focal + centre


def _focal_and_centre(points: Tensor, name: str, camera: Tensor) -> tuple[Tensor, Tensor]:
    """Check the arguments, and return (fx, fy) and (cx, cy) so that they broadcast to the points."""
    check_floating(points, name)
    check_floating(camera, "camera_matrix")
    check_shape(points, name, "*", 2)
    check_shape(camera, "camera_matrix", "*", 3, 3)
    batch, cameras = points.shape[:-1], camera.shape[:-2]
    if len(cameras) > len(batch) or any(c not in (1, b) for c, b in zip(cameras, batch, strict=False)):
        raise ValueError(f"the batch {tuple(cameras)} of camera_matrix must be 1 or that of {name}, {tuple(batch)}")
    fitted = camera.reshape(*cameras, *(1,) * (len(batch) - len(cameras)), 3, 3)
    return torch.stack([fitted[..., 0, 0], fitted[..., 1, 1]], dim=-1), fitted[..., :2, 2]
