# SPDX-License-Identifier: Apache-2.0
"""Intersection over union, of label maps and of boxes."""

import torch
from jaxtyping import Float, Real
from torch import Tensor

from foveal._check import check_device, check_option, check_real, check_scalar, check_shape
from foveal._op import op
from foveal.metrics.confusion_matrix import Labels, confusion_matrix


@op
def mean_iou(
    pred: Labels, target: Labels, num_classes: int, eps: float = 1e-6, *, ignore_index: int | None = None
) -> Float[Tensor, "batch {num_classes}"]:
    """Return the intersection over union of every class in each sample: in spite of its name it takes no mean.

    Args:
        pred: predicted labels, (B, *), integers in [0, K) or booleans.
        target: right labels of the same shape.
        num_classes: number of classes K, at least 2.
        eps: added to intersections and unions, so that a class which is nowhere has 1 (NaN for 0).
        ignore_index: a target whose pixels are left out.

    Returns:
        Fractions in [0, 1], (B, K) in float32. A pair with a label outside [0, K) counts nowhere.

    Raises:
        TypeError: labels are not integers or booleans, `num_classes` or `ignore_index` no integer, or `eps` no number.
        ValueError: shapes or devices differ, the shape has no dimension, `num_classes` is less than 2, or `eps`
            negative.

    >>> mean_iou(torch.tensor([[0, 1, 1]]), torch.tensor([[0, 1, 0]]), 2)
    tensor([[0.5000, 0.5000]])

    Source: Everingham et al. 2010, "The PASCAL visual object classes (VOC) challenge", section 4.4.
    """
    check_scalar(eps, "eps", least=0)
    return iou_of_counts(confusion_matrix.reference(pred, target, num_classes, ignore_index=ignore_index), eps)


def iou_of_counts(counts: Tensor, eps: float) -> Tensor:
    """Return the intersection over union of each class from confusion matrices."""
    both = counts.diagonal(dim1=-2, dim2=-1)
    either = counts.sum(dim=-1) + counts.sum(dim=-2) - both
    return (both + eps) / (either + eps)


@op
def mean_iou_bbox(
    boxes_1: Real[Tensor, "first 4"], boxes_2: Real[Tensor, "second 4"], box_format: str = "xyxy"
) -> Float[Tensor, "first second"]:
    """Return the intersection over union of every pair of boxes: in spite of its name it takes no mean.

    Args:
        boxes_1: boxes, (N, 4).
        boxes_2: boxes, (M, 4).
        box_format: "xyxy" (corners), "xywh" (top left corner and size) or "cxcywh" (centre and size).

    Returns:
        Fractions in [0, 1], (N, M); of integers in float32, of half precision computed in it. A box without area
        overlaps with nothing.

    Raises:
        TypeError: an argument is no tensor of real numbers.
        ValueError: boxes are not (N, 4), devices differ, or the format is unknown.

    Convention: a box ends at its right and lower coordinate: its width is x2 - x1.

    >>> mean_iou_bbox(torch.tensor([[0.0, 0.0, 2.0, 2.0]]), torch.tensor([[1.0, 0.0, 3.0, 2.0]]))
    tensor([[0.3333]])

    Source: Everingham et al. 2010, section 4.2.
    """
    check_real(boxes_1, "boxes_1")
    check_real(boxes_2, "boxes_2")
    check_shape(boxes_1, "boxes_1", "N", 4)
    check_shape(boxes_2, "boxes_2", "M", 4)
    check_device(boxes_2, "boxes_2", boxes_1)
    check_option(box_format, "box_format", ("xyxy", "xywh", "cxcywh"))
    dtypes = [boxes.dtype if boxes.is_floating_point() else torch.float32 for boxes in (boxes_1, boxes_2)]
    dtype = torch.promote_types(*dtypes)
    wide = torch.promote_types(dtype, torch.float32)
    (first_low, first_high), (second_low, second_high) = (
        corners(boxes.to(wide), box_format) for boxes in (boxes_1, boxes_2)
    )
    low = torch.maximum(first_low.unsqueeze(1), second_low)
    high = torch.minimum(first_high.unsqueeze(1), second_high)
    both = (high - low).clamp(min=0).prod(dim=-1)
    first, second = (
        (end - start).clamp(min=0).prod(dim=-1) for start, end in ((first_low, first_high), (second_low, second_high))
    )
    either = first.unsqueeze(1) + second - both
    empty = either == 0
    return torch.where(empty, 0, both / torch.where(empty, 1, either)).to(dtype)


def corners(boxes: Tensor, box_format: str) -> tuple[Tensor, Tensor]:
    """Return (x, y) of the first and of the last corners."""
    first, second = boxes[:, :2], boxes[:, 2:]
    if box_format == "xyxy":
        return first, second
    return (first, first + second) if box_format == "xywh" else (first - second / 2, first + second / 2)
