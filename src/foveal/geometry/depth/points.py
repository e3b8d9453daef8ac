# SPDX-License-Identifier: Apache-2.0
"""The points that a depth map shows."""

import torch
from jaxtyping import Float
from torch import Tensor

from foveal._check import check_floating, check_shape
from foveal._op import op
from foveal.geometry.camera._points import to_rays, unit, widened
from foveal.geometry.grid import create_meshgrid


@op
def depth_to_3d(
    depth: Float[Tensor, "batch 1 height width"],
    camera_matrix: Float[Tensor, "#batch 3 3"],
    normalize_points: bool = False,
) -> Float[Tensor, "batch 3 height width"]:
    """Return the point of the camera's frame that each pixel shows, channels first.

    Args:
        depth: depth maps, (B, 1, H, W).
        camera_matrix: calibration matrices, (B, 3, 3) or (1, 3, 3).
        normalize_points: the depth is the distance from the camera's centre, else the coordinate z.

    Returns:
        Points (x, y, z), (B, 3, H, W).

    Raises:
        TypeError: an argument is not a floating-point tensor.
        ValueError: an argument has another shape.

    Convention: pixel centres are on integers.

    >>> depth_to_3d(torch.full((1, 1, 1, 3), 2.0), torch.eye(3)[None]).flatten(1)
    tensor([[0., 2., 4., 0., 0., 0., 2., 2., 2.]])
    """
    check_depth(depth, camera_matrix)
    dtype, (depths, calibration) = widened(depth, camera_matrix)
    rays = pixel_rays(depth.shape[2], depth.shape[3], calibration, normalize_points)
    return (rays.permute(0, 3, 1, 2) * depths).to(dtype)


@op
def depth_to_3d_v2(
    depth: Float[Tensor, "*batch height width"],
    camera_matrix: Float[Tensor, "cameras 3 3"],
    normalize_points: bool = False,
    xyz_grid: Float[Tensor, "... height width 3"] | None = None,
) -> Float[Tensor, "... height width 3"]:
    """Return the point of the camera's frame that each pixel shows, channels last.

    Args:
        depth: depth maps, (*, H, W).
        camera_matrix: calibration matrices, (B, 3, 3); not read if there is an `xyz_grid`.
        normalize_points: the depth is the distance from the camera's centre, else the coordinate z.
        xyz_grid: rays of the pixels as `unproject_meshgrid` returns them, to make them once for many maps.

    Returns:
        Points (x, y, z), (*, H, W, 3): the dimensions of depth and cameras broadcast.

    Raises:
        TypeError: an argument is not a floating-point tensor.
        ValueError: an argument has another shape.

    >>> depth_to_3d_v2(torch.full((1, 3), 2.0), torch.eye(3)[None])[0, 0]
    tensor([[0., 0., 2.],
            [2., 0., 2.],
            [4., 0., 2.]])
    """
    check_floating(depth, "depth")
    check_shape(depth, "depth", "*", "H", "W")
    height, width = depth.shape[-2:]
    if xyz_grid is None:
        check_floating(camera_matrix, "camera_matrix")
        check_shape(camera_matrix, "camera_matrix", "B", 3, 3)
        dtype, (depths, calibration) = widened(depth, camera_matrix)
        rays = pixel_rays(height, width, calibration, normalize_points)
    else:
        check_floating(xyz_grid, "xyz_grid")
        check_shape(xyz_grid, "xyz_grid", "*", height, width, 3)
        dtype, (depths, rays) = widened(depth, xyz_grid)
    return (rays * depths.unsqueeze(-1)).to(dtype)


@op
def unproject_meshgrid(
    height: int,
    width: int,
    camera_matrix: Float[Tensor, "batch 3 3"],
    normalize_points: bool = False,
    device: torch.device | None = None,
    dtype: torch.dtype | None = None,
) -> Float[Tensor, "batch height width 3"]:
    """Return the ray of each pixel in the camera's frame.

    Args:
        height: rows of the image.
        width: columns of the image.
        camera_matrix: calibration matrices, (B, 3, 3).
        normalize_points: rays have length one, else z = 1.
        device: of the result, by default that of the matrices.
        dtype: of the result, by default that of the matrices.

    Returns:
        Rays (x, y, z), (B, H, W, 3).

    Raises:
        TypeError: `camera_matrix` is not a floating-point tensor.
        ValueError: it is not (B, 3, 3).

    >>> unproject_meshgrid(1, 2, torch.eye(3)[None])
    tensor([[[[0., 0., 1.],
              [1., 0., 1.]]]])
    """
    check_floating(camera_matrix, "camera_matrix")
    check_shape(camera_matrix, "camera_matrix", "B", 3, 3)
    chosen, (calibration,) = widened(camera_matrix)
    rays = pixel_rays(height, width, calibration, normalize_points)
    return rays.to(device=camera_matrix.device if device is None else device, dtype=chosen if dtype is None else dtype)


def check_depth(depth: Tensor, camera_matrix: Tensor, name: str = "depth") -> None:
    """Raise unless these are depth maps (B, 1, H, W) and calibration matrices (B, 3, 3) or (1, 3, 3)."""
    check_floating(depth, name)
    check_shape(depth, name, "B", 1, "H", "W")
    check_floating(camera_matrix, "camera_matrix")
    check_shape(camera_matrix, "camera_matrix", 1 if camera_matrix.shape[:1] == (1,) else depth.shape[0], 3, 3)


def pixel_rays(height: int, width: int, calibration: Tensor, normalize: bool) -> Float[Tensor, "batch height width 3"]:
    """Return the ray of each pixel: on the plane z = 1, or of length one."""
    grid = create_meshgrid(height, width, False, device=calibration.device, dtype=calibration.dtype)
    rays = to_rays(grid, calibration[:, None, None])
    return unit(rays) if normalize else rays
