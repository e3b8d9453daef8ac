# SPDX-License-Identifier: Apache-2.0
"""Mean average precision of detections."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from foveal._check import check_count, check_device, check_real, check_scalar, check_shape
from foveal.metrics.mean_iou import mean_iou_bbox

# Recalls at which precision is read off: 0, 0.1, ..., 1.
LEVELS = 11


def mean_average_precision(
    pred_boxes: list[Tensor],
    pred_labels: list[Tensor],
    pred_scores: list[Tensor],
    gt_boxes: list[Tensor],
    gt_labels: list[Tensor],
    n_classes: int,
    threshold: float = 0.5,
) -> tuple[Tensor, dict[int, float]]:
    """Return the mean average precision of detections, and the average precision of each class.

    Args:
        pred_boxes: for each image its detected boxes xyxy, (N, 4).
        pred_labels: their classes, (N), whole numbers in [0, n_classes).
        pred_scores: their scores, (N).
        gt_boxes: for each image the boxes of its objects, (M, 4).
        gt_labels: their classes, (M).
        n_classes: number of classes, the background (class 0), which has no precision, among them.
        threshold: a detection overlaps with an object by more than this, as intersection over union.

    Returns:
        The mean over the classes that have objects, a scalar of the boxes' dtype, and the average precision of every
        class; -1 where there are no objects.

    Raises:
        TypeError: an argument is no list, or holds what is no tensor of real numbers, or an option is no number.
        ValueError: lists, shapes or devices do not fit, or a label is not a whole number in its range.

    Convention: detections of all images are ranked by score, equal ones in their order; each takes the object of its
    class that it overlaps most, and is wrong if that is taken. Precision is read off at recalls 0, 0.1, ..., 1.

    >>> boxes, labels = [torch.tensor([[0.0, 0.0, 9.0, 9.0]])], [torch.tensor([1])]
    >>> mean_average_precision(boxes, labels, [torch.tensor([0.9])], boxes, labels, n_classes=2)
    (tensor(1.), {1: 1.0})

    Source: Everingham et al. 2010, "The PASCAL visual object classes (VOC) challenge", section 4.2.
    """
    _check(pred_boxes, pred_labels, pred_scores, gt_boxes, gt_labels, n_classes)
    check_scalar(threshold, "threshold")
    if not pred_boxes:
        return torch.tensor(-1.0), dict.fromkeys(range(1, n_classes), -1.0)
    object_labels, object_fine = _labels(gt_labels, n_classes)
    labels, fine = _labels(pred_labels, n_classes)
    overlap, taken = _best_objects(pred_boxes, pred_labels, gt_boxes, gt_labels)
    order = torch.cat([scores.detach() for scores in pred_scores]).argsort(descending=True, stable=True)
    right = _is_first(taken[order], overlap[order] > threshold, len(object_labels))
    objects = _count(object_labels, n_classes)
    precision = _average_precision(labels[order], right, objects)
    scored = objects > 0
    scored = scored & (torch.arange(n_classes, device=scored.device) > 0)
    mean = torch.where(scored, precision, 0).sum() / scored.sum()
    mean = torch.where(scored.any(), mean, -1)
    numbers = torch.cat([torch.where(scored, precision, -1), (fine & object_fine).float().reshape(1)]).tolist()
    if not numbers.pop():
        raise ValueError(f"pred_labels and gt_labels must be whole numbers in [0, n_classes = {n_classes})")
    return mean.to(_dtype([*pred_boxes, *gt_boxes])), dict(enumerate(numbers[1:], start=1))


def _check(pred_boxes: Any, pred_labels: Any, pred_scores: Any, gt_boxes: Any, gt_labels: Any, n_classes: Any) -> None:
    lists = {
        "pred_boxes": pred_boxes,
        "pred_labels": pred_labels,
        "pred_scores": pred_scores,
        "gt_boxes": gt_boxes,
        "gt_labels": gt_labels,
    }
    for name, values in lists.items():
        if not isinstance(values, list | tuple):
            raise TypeError(f"{name} must be a list of tensors, got {type(values).__name__}")
        if len(values) != len(pred_boxes):
            raise ValueError(
                f"{name} must have one tensor an image, {len(pred_boxes)} as pred_boxes, got {len(values)}"
            )
    for place in range(len(pred_boxes)):
        for name, values in lists.items():
            label = f"{name}[{place}]"
            check_real(values[place], label)
            if name.endswith("boxes"):
                check_shape(values[place], label, "N", 4)
            else:
                boxes = pred_boxes if name.startswith("pred") else gt_boxes
                check_shape(values[place], label, len(boxes[place]))
            check_device(values[place], label, pred_boxes[0])
    check_count(n_classes, "n_classes")
    if n_classes < 1:
        raise ValueError(f"n_classes must be at least 1, got {n_classes}")


def _dtype(boxes: Sequence[Tensor]) -> torch.dtype:
    """Return the dtype that holds all boxes, integers as float32."""
    dtypes = [box.dtype if box.is_floating_point() else torch.float32 for box in boxes]
    found = dtypes[0]
    for dtype in dtypes[1:]:
        found = torch.promote_types(found, dtype)
    return found


def _labels(labels: Sequence[Tensor], n_classes: int) -> tuple[Tensor, Tensor]:
    """Return the labels of all images, bad ones as background, and whether there were none of these."""
    given = torch.cat(list(labels))
    whole = given.long()
    fine = (whole == given) & (whole >= 0) & (whole < n_classes)
    return torch.where(fine, whole, 0), fine.all()


def _best_objects(
    pred_boxes: Sequence[Tensor], pred_labels: Sequence[Tensor], gt_boxes: Sequence[Tensor], gt_labels: Sequence[Tensor]
) -> tuple[Tensor, Tensor]:
    """Return the overlap of each detection with the object of its image and class that it overlaps most, and which."""
    overlaps, places, first = [], [], 0
    for boxes, labels, objects, classes in zip(pred_boxes, pred_labels, gt_boxes, gt_labels, strict=True):
        if len(objects):
            # Not the kernels of any operation: boxes of both sets are few in one image.
            table = mean_iou_bbox.reference(boxes.detach(), objects.detach())
            table = torch.where(labels.unsqueeze(1) == classes, table, -1)
            best, place = table.max(dim=1)
        else:
            best = boxes.new_full((len(boxes),), -1, dtype=torch.float32)
            place = boxes.new_zeros(len(boxes), dtype=torch.int64)
        overlaps.append(best)
        places.append(place + first)
        first += len(objects)
    return torch.cat(overlaps), torch.cat(places)


def _is_first(taken: Tensor, hits: Tensor, objects: int) -> Tensor:
    """Say which of the ranked detections hit an object, and are the first to do so."""
    rank = torch.arange(len(taken), device=taken.device)
    target = torch.where(hits, taken, objects)
    # Those that hit nothing meet at a place of their own.
    first = rank.new_full((objects + 1,), len(taken)).scatter_reduce(0, target, rank, "amin")
    return hits & (first[target] == rank)


def _count(labels: Tensor, n_classes: int) -> Tensor:
    """Count labels; `bincount` would wait for the device."""
    return labels.new_zeros(n_classes).scatter_add(0, labels, torch.ones_like(labels))


def _average_precision(labels: Tensor, right: Tensor, objects: Tensor) -> Tensor:
    """Return the interpolated average precision of every class from its ranked detections."""
    order = labels.argsort(stable=True)  # class by class, each still ranked
    labels, right = labels[order], right[order].long()
    counts = _count(labels, len(objects))
    begin = counts.cumsum(dim=0) - counts
    hits = torch.cat([right.new_zeros(1), right.cumsum(dim=0)])
    found = hits[1:] - hits[begin][labels]
    precision = found / (torch.arange(len(labels), device=labels.device) - begin[labels] + 1)
    level = torch.arange(LEVELS, device=labels.device).unsqueeze(1)
    # Whole numbers, as 0.1 * 3 is not 0.3.
    reached = (LEVELS - 1) * found >= level * objects[labels]
    best = precision.new_zeros(LEVELS, len(objects)).scatter_reduce(
        1, labels.expand(LEVELS, -1), torch.where(reached, precision, 0), "amax"
    )
    return best.mean(dim=0)
