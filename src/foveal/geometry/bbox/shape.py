# SPDX-License-Identifier: Apache-2.0
"""Sizes of boxes, and whether vertices are those of a box."""

import torch
from jaxtyping import Num
from torch import Tensor

from foveal._check import check_shape, check_tensor
from foveal._op import op

# Largest difference between the lengths of opposite edges, in pixels.
_TOLERANCE = 1e-4


def validate_bbox(boxes: Num[Tensor, "*batch 4 2"]) -> bool:
    """Say whether vertices are those of boxes: the top edge equals the bottom edge.

    Args:
        boxes: vertices (x, y) top-left, top-right, bottom-right, bottom-left, (B, 4, 2) or (B, N, 4, 2).

    Returns:
        `False` for another shape, for edges that differ by more than 1e-4 pixels, and for coordinates that are not
        finite. Angles and directions are not looked at: any parallelogram passes.

    Raises:
        TypeError: `boxes` is not a tensor.

    >>> validate_bbox(torch.tensor([[[0.0, 0.0], [2.0, 0.0], [2.0, 1.0], [0.0, 1.0]]]))
    True
    """
    check_tensor(boxes, "boxes")
    if boxes.ndim not in (3, 4) or boxes.shape[-2:] != (4, 2):
        return False
    return _equal(boxes[..., 1, :] - boxes[..., 0, :], boxes[..., 2, :] - boxes[..., 3, :])


def validate_bbox3d(boxes: Num[Tensor, "*batch 8 3"]) -> bool:
    """Say whether vertices are those of boxes of a volume: the four edges along each axis are equally long.

    Args:
        boxes: vertices (x, y, z), the front face as in `validate_bbox`, then the back face, (B, 8, 3) or (B, N, 8, 3).

    Returns:
        `False` for another shape, for edges along an axis whose lengths differ by more than 1e-4 voxels, and for
        coordinates that are not finite.

    Raises:
        TypeError: `boxes` is not a tensor.

    >>> validate_bbox3d(torch.zeros(1, 8, 3))
    True
    """
    check_tensor(boxes, "boxes")
    if boxes.ndim not in (3, 4) or boxes.shape[-2:] != (8, 3):
        return False
    edges = (((0, 1), (3, 2), (4, 5), (7, 6)), ((0, 3), (1, 2), (4, 7), (5, 6)), ((0, 4), (1, 5), (2, 6), (3, 7)))
    lengths = [[boxes[..., b, axis] - boxes[..., a, axis] for a, b in edges[axis]] for axis in range(3)]
    return all(_equal(first, other) for first, *others in lengths for other in others)


@op
def infer_bbox_shape(boxes: Num[Tensor, "boxes 4 2"]) -> tuple[Num[Tensor, " boxes"], Num[Tensor, " boxes"]]:
    """Return the rows and columns that boxes cover.

    Args:
        boxes: vertices (x, y) top-left, top-right, bottom-right, bottom-left, (N, 4, 2).

    Returns:
        Heights and widths, (N,) each, read from the first three vertices: negative ones tell of another order.

    Raises:
        ValueError: `boxes` is not (N, 4, 2).

    Convention: the far corner is inside of the box, so that a side is one more than the difference of its ends.

    >>> infer_bbox_shape(torch.tensor([[[1, 1], [3, 1], [3, 2], [1, 2]]]))
    (tensor([2]), tensor([3]))
    """
    check_shape(boxes, "boxes", "N", 4, 2)
    return boxes[:, 2, 1] - boxes[:, 0, 1] + 1, boxes[:, 1, 0] - boxes[:, 0, 0] + 1


@op
def infer_bbox_shape3d(
    boxes: Num[Tensor, "boxes 8 3"],
) -> tuple[Num[Tensor, " boxes"], Num[Tensor, " boxes"], Num[Tensor, " boxes"]]:
    """Return the planes, rows and columns that boxes of a volume cover.

    Args:
        boxes: vertices (x, y, z), the front face as in `infer_bbox_shape`, then the back face, (N, 8, 3).

    Returns:
        Depths, heights and widths, (N,) each, read from one edge along each axis.

    Raises:
        ValueError: `boxes` is not (N, 8, 3).

    Convention: the far corner is inside of the box, so that a side is one more than the difference of its ends.

    >>> infer_bbox_shape3d(torch.zeros(1, 8, 3))
    (tensor([1.]), tensor([1.]), tensor([1.]))
    """
    check_shape(boxes, "boxes", "N", 8, 3)
    depths = boxes[:, 4, 2] - boxes[:, 0, 2] + 1
    return depths, boxes[:, 2, 1] - boxes[:, 0, 1] + 1, boxes[:, 1, 0] - boxes[:, 0, 0] + 1


def _equal(a: Tensor, b: Tensor) -> bool:
    # Infinite coordinates give differences that are NaN, or infinite: no comparison holds but of finite ones.
    return bool(((a - b).abs() <= _TOLERANCE).all()) and bool(torch.isfinite(a).all())
