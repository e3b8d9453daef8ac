# SPDX-License-Identifier: Apache-2.0
"""Grids of the coordinates of pixel centres."""

import torch
from jaxtyping import Num
from torch import Tensor

from foveal._check import check_count

__all__ = ["create_meshgrid", "create_meshgrid3d"]


def create_meshgrid(
    height: int,
    width: int,
    normalized_coordinates: bool = True,
    device: torch.device | None = None,
    dtype: torch.dtype | None = None,
    align_corners: bool = True,
) -> Num[Tensor, "1 height width 2"]:
    """Return the coordinates (x, y) of the pixel centres of an image.

    Args:
        height: rows of the image.
        width: columns of the image.
        normalized_coordinates: return coordinates in [-1, 1], as `torch.nn.functional.grid_sample` takes them; else in
            pixels.
        device: of the grid.
        dtype: of the grid, by default torch's; an integer one holds for pixels only.
        align_corners: whether -1 and 1 are the centres of the outer pixels or their outer edges. Has no effect on pixel
            coordinates.

    Returns:
        Coordinates (x, y), (1, H, W, 2).

    Raises:
        TypeError: a size is not an integer.
        ValueError: a size is negative.

    Convention: pixel centres are on integers; an axis of one pixel has its centre at the normalized coordinate 0.

    >>> create_meshgrid(2, 3, normalized_coordinates=False)[0, 1]
    tensor([[0., 1.],
            [1., 1.],
            [2., 1.]])
    """
    check_count(height, "height")
    check_count(width, "width")
    y, x = (pixel_axis(n, normalized_coordinates, align_corners, device, dtype) for n in (height, width))
    return torch.stack([x.expand(height, width), y[:, None].expand(height, width)], dim=-1)[None]


def create_meshgrid3d(
    depth: int,
    height: int,
    width: int,
    normalized_coordinates: bool = True,
    device: torch.device | None = None,
    dtype: torch.dtype | None = None,
    *,
    align_corners: bool = True,
) -> Num[Tensor, "1 depth height width 3"]:
    """Return the coordinates (z, x, y) of the voxel centres of a volume.

    Args:
        depth: planes of the volume.
        height: rows of the volume.
        width: columns of the volume.
        normalized_coordinates: return coordinates in [-1, 1]; else in voxels.
        device: of the grid.
        dtype: of the grid, by default torch's; an integer one holds for voxels only.
        align_corners: as in `create_meshgrid`.

    Returns:
        Coordinates, (1, D, H, W, 3).

    Raises:
        TypeError: a size is not an integer.
        ValueError: a size is negative.

    Convention: the order (z, x, y) is Kornia's; `grid[..., [1, 2, 0]]` is what `torch.nn.functional.grid_sample` takes.

    >>> create_meshgrid3d(2, 3, 4, normalized_coordinates=False)[0, 1, 2, 3]
    tensor([1., 3., 2.])
    """
    check_count(depth, "depth")
    check_count(height, "height")
    check_count(width, "width")
    z, y, x = (pixel_axis(n, normalized_coordinates, align_corners, device, dtype) for n in (depth, height, width))
    shape = (depth, height, width)
    return torch.stack([z[:, None, None].expand(shape), x.expand(shape), y[:, None].expand(shape)], dim=-1)[None]


def pixel_axis(
    size: int,
    normalized: bool,
    align_corners: bool,
    device: torch.device | None = None,
    dtype: torch.dtype | None = None,
) -> Num[Tensor, " size"]:
    """Return the coordinates of the pixel centres along one axis, in pixels or in [-1, 1]."""
    dtype = torch.get_default_dtype() if dtype is None else dtype
    if not normalized:
        return torch.arange(size, device=device, dtype=dtype)
    if not dtype.is_floating_point:
        dtype = torch.get_default_dtype()
    # Half precision counts no further than 2048 (or 256): the pixels are counted in float32 at least.
    pixels = torch.arange(size, device=device, dtype=torch.promote_types(dtype, torch.float32))
    if align_corners and size > 1:
        return ((2 * pixels - (size - 1)) / (size - 1)).to(dtype)
    return ((2 * pixels - (size - 1)) / max(size, 1)).to(dtype)
