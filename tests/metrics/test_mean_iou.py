# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator
from typing import Any

import kornia.metrics
import pytest
import torch
from torch import Tensor

from foveal.metrics import mean_iou, mean_iou_bbox
from tests.contract import Contract, Make, Sample, call
from tests.metrics.test_confusion_matrix import TestConfusionMatrix as ConfusionCase
from tests.metrics.test_confusion_matrix import counts


class TestMeanIou(ConfusionCase):
    operation = staticmethod(mean_iou)

    def oracle(self, pred: Tensor, target: Tensor, num_classes: int, eps: float = 1e-6, **options: Any) -> Tensor:
        table = counts(pred, target, num_classes, **options)
        both = table.diagonal(dim1=1, dim2=2)
        return (both + eps) / (table.sum(1) + table.sum(2) - both + eps)

    def samples(self, make: Make) -> Iterator[Sample]:
        for sample in super().samples(make):
            yield call(*sample.args, **{k: v for k, v in sample.kwargs.items() if k != "normalized"})
        yield call(make.integers(0, 3, 2, 4), make.integers(0, 3, 2, 4), 5, eps=0.0)

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        yield from super().invalid(make)
        labels = make.integers(0, 3, 2, 4)
        yield TypeError, "eps must be a number, got str", call(labels, labels, 3, "1")
        yield ValueError, "eps must be at least 0, got -1", call(labels, labels, 3, -1.0)


@pytest.mark.parametrize("eps", [1e-6, 0.0, 2.0])
def test_values_are_kornias(eps: float) -> None:
    pred, target = torch.randint(0, 4, (2, 3, 7, 8))
    torch.testing.assert_close(
        mean_iou(pred, target, 6, eps), kornia.metrics.mean_iou(pred, target, 6, eps), equal_nan=True
    )


class TestMeanIouBbox(Contract):
    operation = staticmethod(mean_iou_bbox)

    def oracle(self, boxes_1: Tensor, boxes_2: Tensor, box_format: str = "xyxy") -> Tensor:
        return kornia.metrics.mean_iou_bbox(boxes_1, boxes_2, box_format)

    def boxes(self, make: Make, count: int) -> Tensor:
        low = make.uniform(count, 2, low=-3, high=5)
        return torch.cat([low, low + make.uniform(count, 2, low=0.5, high=6)], dim=1)

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(self.boxes(make, 4), self.boxes(make, 3))
        yield call(self.boxes(make, 0), self.boxes(make, 3))
        for box_format in ("xywh", "cxcywh"):
            yield call(make.uniform(3, 4) + 0.5, make.uniform(4, 4) + 0.5, box_format=box_format)

    def large(self, make: Make) -> Iterator[Sample]:
        yield call(self.boxes(make, 60), self.boxes(make, 70))

    def special(self, make: Make) -> Iterator[Sample]:
        empty, box = make.tensor([[1.0, 1.0, 1.0, 1.0]]), make.tensor([[0.0, 0.0, 250.0, 400.0]])
        for pair in ((empty, empty), (empty, box), (box, box), (box, box + 900)):
            yield call(*pair)

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        boxes = self.boxes(make, 2)
        yield TypeError, "boxes_1 must be a torch.Tensor, got list", call([[1.0] * 4], boxes)
        yield ValueError, r"boxes_2 must have shape \(M, 4\), got \(4,\)", call(boxes, boxes[0])
        yield ValueError, "box_format must be one of 'xyxy', 'xywh', 'cxcywh'", call(boxes, boxes, "yxyx")


def test_boxes_without_area_overlap_with_nothing() -> None:
    boxes = torch.tensor([[0.0, 0.0, 4.0, 4.0], [1.0, 1.0, 1.0, 3.0], [3.0, 3.0, 1.0, 1.0]])
    assert mean_iou_bbox(boxes, boxes).tolist() == [[1, 0, 0], [0, 0, 0], [0, 0, 0]]


def test_the_adjoint_at_ties_is_the_references() -> None:
    # Whole numbers: corners at one place, boxes that touch, and some without area.
    boxes, others = (torch.randint(0, 5, (40, 4)).float().requires_grad_() for _ in range(2))
    for box_format in ("xyxy", "xywh", "cxcywh"):
        found, expected = (
            torch.autograd.grad(iou(boxes, others, box_format=box_format).sin().sum(), (boxes, others))
            for iou in (mean_iou_bbox, mean_iou_bbox.reference)
        )
        torch.testing.assert_close(found, expected)


def test_boxes_of_nan_overlap_with_nan() -> None:
    boxes = torch.tensor([[0.0, 0.0, 4.0, torch.nan], [0.0, 0.0, 1.0, 1.0]])
    for found in (mean_iou_bbox(boxes, boxes[1:]), mean_iou_bbox.reference(boxes, boxes[1:])):
        assert found.isnan().tolist() == [[True], [False]]


def test_boxes_of_bytes_do_not_wrap() -> None:
    found = mean_iou_bbox(torch.tensor([[0, 0, 200, 9]], dtype=torch.uint8), torch.tensor([[100, 0, 300, 9]]))
    assert found.dtype is torch.float32
    assert found.item() == pytest.approx(1 / 3)
