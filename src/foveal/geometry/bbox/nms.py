# SPDX-License-Identifier: Apache-2.0
"""Non-maxima suppression of boxes."""

import torch
from jaxtyping import Int64, Num
from torch import Tensor

from foveal._check import check_number, check_shape
from foveal._op import op


@op
def nms(boxes: Num[Tensor, "boxes 4"], scores: Num[Tensor, " boxes"], iou_threshold: float) -> Int64[Tensor, " kept"]:
    """Return the boxes that overlap no better one, best first.

    A box is dropped when its intersection with a kept box of a higher score (of equal ones, that of the lower index) is
    more than `iou_threshold` of their union.

    Args:
        boxes: corners x1, y1, x2, y2, (N, 4). Half precision is computed in float32, integers in float64.
        scores: one per box, (N,).
        iou_threshold: largest intersection over union that two kept boxes may have.

    Returns:
        Indices of the kept boxes, (K,).

    Raises:
        TypeError: `iou_threshold` is not a number.
        ValueError: `boxes` is not (N, 4), or `scores` not (N,).

    Convention: corners are `xyxy`: the area of a box is (x2 - x1) * (y2 - y1).

    >>> boxes = torch.tensor([[0.0, 0.0, 10.0, 10.0], [1.0, 0.0, 11.0, 10.0], [20.0, 0.0, 30.0, 10.0]])
    >>> nms(boxes, torch.tensor([0.8, 0.9, 0.7]), 0.5)
    tensor([1, 2])
    """
    check_shape(boxes, "boxes", "N", 4)
    check_shape(scores, "scores", boxes.shape[0])
    check_number(iou_threshold, "iou_threshold")
    exact = torch.promote_types(boxes.dtype, torch.float32) if boxes.is_floating_point() else torch.float64
    boxes = boxes.detach().to(exact)
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    remaining, kept = scores.detach().argsort(descending=True, stable=True), []
    while remaining.numel():
        best, remaining = remaining[0], remaining[1:]
        kept.append(best)
        corner = torch.maximum(boxes[best, :2], boxes[remaining, :2])
        sides = (torch.minimum(boxes[best, 2:], boxes[remaining, 2:]) - corner).clamp(min=0)
        shared = sides[:, 0] * sides[:, 1]
        # A product, not a quotient: boxes without area overlap nothing.
        remaining = remaining[~(shared > iou_threshold * (areas[best] + areas[remaining] - shared))]
    return torch.stack(kept) if kept else remaining
