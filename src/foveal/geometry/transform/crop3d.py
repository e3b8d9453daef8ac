# SPDX-License-Identifier: Apache-2.0
"""Crops of volumes as Kornia calls them: boxes are eight corners, which are centres of voxels."""

import math

import torch
from jaxtyping import Float, Num
from torch import Tensor

from foveal._check import check_floating, check_shape, check_size, check_tensor
from foveal._op import op
from foveal.geometry.transform._sample import check_sampling, wide_dtype
from foveal.geometry.transform._sample3d import check_volume, warp3d
from foveal.geometry.transform.affine_matrix3d import get_perspective_transform3d, homogeneous3d
from foveal.geometry.transform.warp3d import warp_affine3d

# Coordinates of boxes are rounded: 0.1 + 3 - 0.1 is three voxels, not two.
ROUNDING = 1e-4


@op
def crop_and_resize3d(
    tensor: Float[Tensor, "batch channels depth height width"],
    boxes: Num[Tensor, "#batch 8 3"],
    size: tuple[int, int, int],
    interpolation: str = "bilinear",
    align_corners: bool = False,
) -> Float[Tensor, "batch channels slices rows columns"]:
    """Sample a box of each volume on a grid: its corners become the corner voxels of the crop.

    Args:
        tensor: volumes, (B, C, D, H, W).
        boxes: corners (x, y, z) in voxels, (B, 8, 3) or (1, 8, 3): front, then back, each top-left, top-right,
            bottom-right, bottom-left.
        size: slices, rows and columns of a crop.
        interpolation: `"bilinear"` or `"nearest"`.
        align_corners: has no effect: boxes are in voxels, and outside the volume there are zeros.

    Returns:
        Crops, (B, C, d, h, w).

    Raises:
        TypeError: `tensor` is not a floating-point tensor, or `boxes` not a tensor.
        ValueError: an argument has the wrong shape, or an option is unknown.

    Convention: corners are centres of voxels. A crop of one slice, row or column samples the middle of its box.

    >>> box = torch.tensor([[[1.0, 0, 0], [2, 0, 0], [2, 0, 0], [1, 0, 0]] * 2])
    >>> crop_and_resize3d(torch.tensor([[[[[1.0, 2.0, 3.0]]]]]), box, (1, 1, 2))
    tensor([[[[[2., 3.]]]]])
    """
    check_volume(tensor, "tensor")
    check_box(boxes, "boxes", tensor)
    check_size(size, "size", 3, smallest=0)
    check_sampling(interpolation, "zeros")
    source = boxes.to(wide_dtype(tensor, boxes)).expand(tensor.shape[0], 8, 3)
    target = _corners(
        torch.zeros_like(source[:, 0]), source.new_tensor([side - 1.0 for side in size[::-1]]).unsqueeze(0)
    )
    return warp3d(tensor, _box_to_box(target, source), size, interpolation, "zeros", align_corners)


@op
def crop_by_boxes3d(
    tensor: Float[Tensor, "batch channels depth height width"],
    src_box: Num[Tensor, "#batch 8 3"],
    dst_box: Num[Tensor, "#batch 8 3"],
    interpolation: str = "bilinear",
    align_corners: bool = False,
) -> Float[Tensor, "batch channels slices rows columns"]:
    """Warp each volume so that a box of it falls on another, and keep as many voxels as the latter spans.

    Args:
        tensor: volumes, (B, C, D, H, W).
        src_box: corners in the volume as for `crop_and_resize3d`, (B, 8, 3) or (1, 8, 3).
        dst_box: where they fall in the crop; all of one size, which is that of the crop.
        interpolation: `"bilinear"` or `"nearest"`.
        align_corners: has no effect, as for `crop_and_resize3d`.

    Returns:
        Crops, (B, C, d, h, w) with w = x1 - x0 + 1, and so on; (0, C, 0, 0, 0) for an empty batch.

    Raises:
        TypeError: `tensor` is not a floating-point tensor, or a box not a tensor.
        ValueError: an argument has the wrong shape, boxes differ in size, or an option is unknown.

    Convention: the size is read off values, which waits for the device; `crop_and_resize3d` does not.

    >>> box = torch.tensor([[[1.0, 0, 0], [2, 0, 0], [2, 0, 0], [1, 0, 0]] * 2])
    >>> crop_by_boxes3d(torch.tensor([[[[[1.0, 2.0, 3.0]]]]]), box, box - torch.tensor([1.0, 0, 0]))
    tensor([[[[[2., 3.]]]]])
    """
    check_volume(tensor, "tensor")
    check_box(src_box, "src_box", tensor)
    check_box(dst_box, "dst_box", tensor)
    check_sampling(interpolation, "zeros")
    if tensor.shape[0] == 0:
        return tensor[..., :0, :0, :0]
    extents = (dst_box[:, 6] - dst_box[:, 0]).detach().flip(-1).tolist()
    sizes = {tuple(math.floor(extent + 1 + ROUNDING) for extent in box) for box in extents}
    if len(sizes) > 1:
        raise ValueError(f"dst_box must hold boxes of one size, got {sorted(sizes)}")
    size = sizes.pop()
    dtype = wide_dtype(tensor, src_box, dst_box)
    source, target = (box.to(dtype).expand(tensor.shape[0], 8, 3) for box in (src_box, dst_box))
    return warp3d(tensor, _box_to_box(target, source), size, interpolation, "zeros", align_corners)


@op
def center_crop3d(
    tensor: Float[Tensor, "batch channels depth height width"],
    size: tuple[int, int, int],
    interpolation: str = "bilinear",
    align_corners: bool = True,
) -> Float[Tensor, "batch channels slices rows columns"]:
    """Cut the middle out of volumes, at their own scale.

    Args:
        tensor: volumes, (B, C, D, H, W).
        size: slices, rows and columns of a crop; more than the volume has adds zeros around it.
        interpolation: `"bilinear"` or `"nearest"`.
        align_corners: has no effect, as for `crop_and_resize3d`.

    Returns:
        Crops, (B, C, d, h, w).

    Raises:
        TypeError: `tensor` is not a floating-point tensor.
        ValueError: `tensor` is not (B, C, D, H, W), or an option is unknown.

    Convention: where a side of volume and crop differ by an odd number of voxels, the crop lies between voxels.

    >>> center_crop3d(torch.tensor([[[[[1.0, 2.0, 3.0]]]]]), (1, 1, 1))
    tensor([[[[[2.]]]]])
    """
    check_volume(tensor, "tensor")
    check_size(size, "size", 3, smallest=0)
    first = [(tensor.shape[4 - i] - size[2 - i]) / 2 for i in range(3)]
    shift = torch.eye(3, 4, device=tensor.device, dtype=wide_dtype(tensor))
    offset = torch.tensor(first, device=tensor.device, dtype=shift.dtype)
    matrix = torch.cat([shift[:, :3], -offset.unsqueeze(-1)], dim=-1).unsqueeze(0)
    return warp_affine3d(tensor, matrix, size, interpolation, "zeros", align_corners)


@op
def crop_by_transform_mat3d(
    tensor: Float[Tensor, "batch channels depth height width"],
    transform: Float[Tensor, "#batch 4 4"] | Float[Tensor, "#batch 3 4"],
    out_size: tuple[int, int, int],
    mode: str = "bilinear",
    padding_mode: str = "zeros",
    align_corners: bool = True,
) -> Float[Tensor, "batch channels slices rows columns"]:
    """Warp volumes by affine maps, and keep `out_size` voxels.

    Args:
        tensor: volumes, (B, C, D, H, W).
        transform: maps from voxels of the volume to voxels of the crop, (B, 3, 4), or (B, 4, 4), whose last row has no
            effect; one serves all volumes.
        out_size: slices, rows and columns of a crop.
        mode: `"bilinear"` or `"nearest"`.
        padding_mode: outside the volume, `"zeros"`, `"border"` or `"reflection"`.
        align_corners: as for `warp_affine3d`.

    Returns:
        Crops, (B, C, d, h, w).

    Raises:
        TypeError: an argument is not a floating-point tensor.
        ValueError: an argument has the wrong shape, or an option is unknown.

    >>> crop_by_transform_mat3d(torch.tensor([[[[[1.0, 2.0, 3.0]]]]]), torch.eye(4)[None], (1, 1, 2))
    tensor([[[[[1., 2.]]]]])
    """
    check_volume(tensor, "tensor")
    check_floating(transform, "transform")
    count = 1 if transform.shape[:1] == (1,) else tensor.shape[0]
    check_shape(transform, "transform", count, 3 if transform.shape[1:2] != (4,) else 4, 4)
    check_size(out_size, "out_size", 3, smallest=0)
    return warp_affine3d(tensor, transform[:, :3], out_size, mode, padding_mode, align_corners)


def check_box(box: Tensor, name: str, volume: Tensor) -> None:
    """Raise unless `box` is eight corners for each volume, or for all."""
    check_tensor(box, name)
    check_shape(box, name, 1 if box.shape[:1] == (1,) else volume.shape[0], 8, 3)


def _corners(first: Tensor, extents: Tensor) -> Float[Tensor, "batch 8 3"]:
    """Return the corners of upright boxes."""
    unit = [[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0], [0, 0, 1], [1, 0, 1], [1, 1, 1], [0, 1, 1]]
    return first.unsqueeze(1) + torch.tensor(unit, device=first.device, dtype=first.dtype) * extents.unsqueeze(1)


def _box_to_box(target: Float[Tensor, "batch 8 3"], source: Float[Tensor, "batch 8 3"]) -> Float[Tensor, "batch 4 4"]:
    """Return the homographies that send boxes to others, the middle where a box has no extent.

    Upright boxes are solved apart: exactly, and where they have no extent.
    """
    first, extents = target[:, 0], target[:, 6] - target[:, 0]
    sides = torch.stack([source[:, i] - source[:, 0] for i in (1, 3, 4)], dim=-1)
    flat = (extents == 0).unsqueeze(1)
    steps = torch.where(flat, 0, sides / torch.where(flat, 1, extents.unsqueeze(1)))
    origin = source[:, 0] + torch.where(flat, sides, 0).sum(-1) * 0.5 - (steps * first.unsqueeze(1)).sum(-1)
    affine = homogeneous3d(torch.cat([steps, origin.unsqueeze(-1)], dim=-1))
    unit = _corners(torch.zeros_like(first), torch.ones_like(first))
    skewed = source - (source[:, :1] + (unit.unsqueeze(2) * sides.unsqueeze(1)).sum(-1))
    upright = (target == _corners(first, extents)).flatten(1).all(-1) & (skewed == 0).flatten(1).all(-1)
    along, across, up = sides.unbind(-1)
    volume = (torch.linalg.cross(along, across) * up).sum(-1) * extents.prod(-1)
    simple, thin = (condition[:, None, None] for condition in (upright, upright & (volume == 0)))
    solved = get_perspective_transform3d.reference(torch.where(thin, unit, target), torch.where(thin, unit, source))
    # The exact value, with the slope of the general one: a corner alone that moves makes a homography.
    return torch.where(thin, affine, solved + torch.where(simple, affine - solved, 0).detach())
