# SPDX-License-Identifier: Apache-2.0
"""Vertices of boxes from their corner and size."""

import torch
from jaxtyping import Num
from torch import Tensor

from foveal._check import check_tensor
from foveal._op import op


@op
def bbox_generator(
    x_start: Num[Tensor, "*batch"],
    y_start: Num[Tensor, "*batch"],
    width: Num[Tensor, "*batch"],
    height: Num[Tensor, "*batch"],
) -> Num[Tensor, "boxes 4 2"]:
    """Return the vertices of boxes from their top-left corner and size.

    Args:
        x_start: left pixels, (B,) or one number as a tensor.
        y_start: top pixels, of the same shape and dtype.
        width: columns that each box covers, of the same shape and dtype.
        height: rows that each box covers, of the same shape and dtype.

    Returns:
        Vertices (x, y) top-left, top-right, bottom-right, bottom-left, (B, 4, 2).

    Raises:
        TypeError: an argument is not a tensor, or their dtypes differ.
        ValueError: an argument is not (B,) or a single number, or their shapes differ.

    Convention: the far corner is inside of the box, at start + size - 1.

    >>> one = torch.tensor
    >>> bbox_generator(one([1]), one([0]), one([3]), one([4]))
    tensor([[[1, 0],
             [3, 0],
             [3, 3],
             [1, 3]]])
    """
    left, top, width, height = _columns(x_start=x_start, y_start=y_start, width=width, height=height)
    return rectangle(left, top, left + width - 1, top + height - 1)


@op
def bbox_generator3d(
    x_start: Num[Tensor, "*batch"],
    y_start: Num[Tensor, "*batch"],
    z_start: Num[Tensor, "*batch"],
    width: Num[Tensor, "*batch"],
    height: Num[Tensor, "*batch"],
    depth: Num[Tensor, "*batch"],
) -> Num[Tensor, "boxes 8 3"]:
    """Return the vertices of boxes of a volume from their first corner and size.

    Args:
        x_start: left voxels, (B,) or one number as a tensor.
        y_start: top voxels, of the same shape and dtype.
        z_start: front voxels, of the same shape and dtype.
        width: columns that each box covers, of the same shape and dtype.
        height: rows that each box covers, of the same shape and dtype.
        depth: planes that each box covers, of the same shape and dtype.

    Returns:
        Vertices (x, y, z), the four of the front face in the order of `bbox_generator`, then those of the back face,
        (B, 8, 3).

    Raises:
        TypeError: an argument is not a tensor, or their dtypes differ.
        ValueError: an argument is not (B,) or a single number, or their shapes differ.

    Convention: the far corner is inside of the box, at start + size - 1.

    >>> one = torch.tensor
    >>> bbox_generator3d(one(0), one(0), one(0), one(2), one(3), one(4))[0, [0, 6]]
    tensor([[0, 0, 0],
            [1, 2, 3]])
    """
    left, top, front, width, height, depth = _columns(
        x_start=x_start, y_start=y_start, z_start=z_start, width=width, height=height, depth=depth
    )
    return cuboid(left, top, front, left + width - 1, top + height - 1, front + depth - 1)


def rectangle(left: Tensor, top: Tensor, right: Tensor, bottom: Tensor) -> Tensor:
    """Return vertices (*, 4, 2), clockwise from the top left."""
    x = torch.stack([left, right, right, left], dim=-1)
    y = torch.stack([top, top, bottom, bottom], dim=-1)
    return torch.stack([x, y], dim=-1)


def cuboid(left: Tensor, top: Tensor, front: Tensor, right: Tensor, bottom: Tensor, back: Tensor) -> Tensor:
    """Return vertices (*, 8, 3), the front face clockwise from the top left, then the back face."""
    face = rectangle(left, top, right, bottom)
    z = torch.stack([front, back], dim=-1).repeat_interleave(4, dim=-1)
    return torch.cat([torch.cat([face, face], dim=-2), z[..., None]], dim=-1)


def _columns(**arguments: Tensor) -> list[Tensor]:
    first, lead = next(iter(arguments.items()))
    for name, value in arguments.items():
        check_tensor(value, name)
        if value.ndim > 1 or value.shape != lead.shape:
            raise ValueError(f"{name} must have shape (B,) or (), as {first}, got {tuple(value.shape)}")
        if value.dtype != lead.dtype:
            raise TypeError(f"{name} must have the dtype of {first}, {lead.dtype}, got {value.dtype}")
    return [value.reshape(-1) for value in arguments.values()]
