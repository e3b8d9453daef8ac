# SPDX-License-Identifier: Apache-2.0
"""Normals of the surface that a depth map shows."""

import torch
from jaxtyping import Float
from torch import Tensor

from foveal._op import op
from foveal.filters import spatial_gradient
from foveal.geometry.camera._points import widened
from foveal.geometry.depth.points import check_depth, depth_to_3d


@op
def depth_to_normals(
    depth: Float[Tensor, "batch 1 height width"],
    camera_matrix: Float[Tensor, "#batch 3 3"],
    normalize_points: bool = False,
) -> Float[Tensor, "batch 3 height width"]:
    """Return the unit normal of the surface at each pixel.

    Args:
        depth: depth maps, (B, 1, H, W), of two rows and columns at least.
        camera_matrix: calibration matrices, (B, 3, 3) or (1, 3, 3).
        normalize_points: the depth is the distance from the camera's centre, else the coordinate z.

    Returns:
        Normals, (B, 3, H, W): the cross product of the Sobel gradients of the points along x and along y, 0 where that
        is 0.

    Raises:
        TypeError: an argument is not a floating-point tensor.
        ValueError: an argument has another shape, or the map fewer than two rows or columns.

    Convention: normals point away from the camera: a wall ahead has (0, 0, 1).

    >>> depth_to_normals(torch.ones(1, 1, 3, 3), torch.eye(3)[None])[0, :, 1, 1]
    tensor([0., 0., 1.])
    """
    check_depth(depth, camera_matrix)
    if min(depth.shape[2:]) < 2:
        raise ValueError(f"depth must have at least two rows and two columns, got {tuple(depth.shape)}")
    dtype, (depths, calibration) = widened(depth, camera_matrix)
    points = depth_to_3d.reference(depths, calibration, normalize_points)
    along_x, along_y = spatial_gradient.reference(points).unbind(2)
    normals = torch.linalg.cross(along_x, along_y, dim=1)
    square = normals.square().sum(dim=1, keepdim=True)
    # The length of a product of differences of rounded depths below this is noise.
    flat = square <= torch.finfo(square.dtype).tiny
    return (torch.where(flat, 0, normals) / torch.where(flat, 1, square).sqrt()).to(dtype)
