# SPDX-License-Identifier: Apache-2.0
"""Boxes moved by a matrix."""

import torch
from jaxtyping import Num
from torch import Tensor

from foveal._check import check_floating, check_option, check_shape, check_tensor
from foveal._op import op
from foveal.geometry.linalg import transform_points


@op
def transform_bbox(
    trans_mat: Num[Tensor, "matrices 3 3"],
    boxes: Num[Tensor, "*shape"],
    mode: str = "xyxy",
    restore_coordinates: bool | None = None,
) -> Num[Tensor, "*shape"]:
    """Move boxes by matrices, through their two corners.

    Args:
        trans_mat: matrices that act on (x, y, 1), (B, 3, 3) with B one or the number of batch items, which are the
            boxes themselves where those are (N, 4).
        boxes: (N, 4) or (B, N, 4) in the form of `mode`, or polygons (B, N, 4, 2), all four vertices of which move.
        mode: "xyxy" (left, top, right, bottom) or "xywh" (left, top, width, height).
        restore_coordinates: sort the two corners after a flip; else sides may be negative. `None` is `True`. Polygons
            keep their order.

    Returns:
        Boxes of the same shape.

    Raises:
        TypeError: `trans_mat` is not a floating-point tensor.
        ValueError: an unknown `mode`, shapes other than those above, or a number of matrices that does not fit.

    Convention: only two corners move, so that a turn by other than multiples of 90 degrees gives the box around them.

    >>> flip = torch.tensor([[[-1.0, 0.0, 9.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]])
    >>> transform_bbox(flip, torch.tensor([[1.0, 2.0, 3.0, 4.0]]), "xywh")
    tensor([[5., 2., 3., 4.]])
    """
    check_option(mode, "mode", ("xyxy", "xywh"))
    check_floating(trans_mat, "trans_mat")
    check_shape(trans_mat, "trans_mat", "B", 3, 3)
    check_tensor(boxes, "boxes")
    polygons = boxes.ndim == 4
    if polygons:
        check_shape(boxes, "boxes", "B", "N", 4, 2)
    else:
        check_shape(boxes, "boxes", *(("N", 4) if boxes.ndim < 3 else ("B", "N", 4)))
    if trans_mat.shape[0] not in (1, boxes.shape[0]):
        raise ValueError(f"trans_mat must hold 1 or {boxes.shape[0]} matrices, got {trans_mat.shape[0]}")
    boxes = boxes.to(trans_mat.dtype)
    if polygons:
        return transform_points(trans_mat, boxes.flatten(1, 2)).view(boxes.shape)
    start, end = boxes[..., :2], boxes[..., 2:]
    if mode == "xywh":
        end = start + end
    corners = torch.stack([start, end], dim=-2)
    points = corners.reshape(boxes.shape[0], corners.shape[1:-1].numel(), 2)
    moved = transform_points(trans_mat, points).view(corners.shape)
    start, end = moved.unbind(dim=-2)
    if restore_coordinates is not False:
        start, end = torch.minimum(start, end), torch.maximum(start, end)
    return torch.cat([start, end - start if mode == "xywh" else end], dim=-1)
