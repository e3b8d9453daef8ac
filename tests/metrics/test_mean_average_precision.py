# SPDX-License-Identifier: Apache-2.0
from typing import Any

import kornia.metrics
import pytest
import torch
from torch import Tensor

from foveal.metrics import mean_average_precision

Lists = tuple[list[Tensor], ...]


def scene(seed: int, images: int = 4, detections: int = 40, objects: int = 12, classes: int = 5) -> Lists:
    """Return detections near objects, more or less."""
    draw = torch.Generator().manual_seed(seed)
    lists: Lists = ([], [], [], [], [])
    for image in range(images):
        count = 0 if image == 1 else objects
        low = torch.rand(count, 2, generator=draw) * 100
        boxes = torch.cat([low, low + 5 + torch.rand(count, 2, generator=draw) * 30], dim=1)
        labels = torch.randint(0, classes, (count,), generator=draw)
        pick = torch.randint(0, objects, (detections if image != 2 else 0,), generator=draw)
        found, kinds = (
            (boxes[pick], labels[pick]) if count else (boxes.new_tensor([[0.0, 0.0, 9.0, 9.0]]), labels.new_tensor([1]))
        )
        found = found + torch.rand(found.shape, generator=draw) * torch.tensor([-4.0, -4.0, 4.0, 4.0])
        wrong = torch.rand(len(kinds), generator=draw) < 0.2
        kinds = torch.where(wrong, torch.randint(0, classes, kinds.shape, generator=draw), kinds)
        for values, value in zip(
            lists, (found, kinds, torch.rand(len(found), generator=draw), boxes, labels), strict=True
        ):
            values.append(value)
    return lists


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("threshold", [0.3, 0.5, 0.8])
def test_values_are_kornias(seed: int, threshold: float) -> None:
    lists = scene(seed)
    mean, classes = mean_average_precision(*lists, 7, threshold)
    expected, wanted = kornia.metrics.mean_average_precision(*lists, 7, threshold)
    torch.testing.assert_close(mean, expected)
    assert classes == pytest.approx(wanted, abs=1e-6)


def one(box: list[float], label: Any = 1) -> tuple[Tensor, Tensor]:
    return torch.tensor([box]), torch.tensor([label])


def test_an_object_is_found_once() -> None:
    objects, labels = torch.tensor([[0.0, 0.0, 10.0, 10.0], [20.0, 0.0, 30.0, 10.0]]), torch.tensor([1, 1])
    found = torch.tensor([[0.0, 0.0, 10.0, 10.0], [0.0, 0.0, 10.0, 9.0], [20.0, 0.0, 30.0, 10.0]])
    scores = torch.tensor([0.9, 0.8, 0.7])
    mean, classes = mean_average_precision([found], [torch.ones(3)], [scores], [objects], [labels], 2)
    # Precision 1 up to a recall of 1/2, 2/3 from there on.
    assert classes == {1: pytest.approx((6 + 5 * 2 / 3) / 11)}
    assert mean == pytest.approx(classes[1])


def test_precision_is_read_off_at_tenths_exactly() -> None:
    boxes = torch.arange(10.0)[:, None] * 20 + torch.tensor([0.0, 0.0, 9.0, 9.0])
    labels = torch.ones(10, dtype=torch.int64)
    for found in range(11):
        scores = torch.linspace(1, 0, found)
        mean, _ = mean_average_precision([boxes[:found]], [labels[:found]], [scores], [boxes], [labels], 2)
        assert mean == pytest.approx((found + 1) / 11 if found else 0)


def test_classes_without_objects_have_no_precision() -> None:
    box, label = one([0.0, 0.0, 5.0, 5.0])
    score, none, nothing = torch.tensor([0.5]), box[:0], label[:0]
    assert mean_average_precision([box], [label], [score], [none], [nothing], 3) == (-1, {1: -1, 2: -1})
    assert mean_average_precision([none], [nothing], [score[:0]], [box], [label], 3) == (0, {1: 0, 2: -1})
    assert mean_average_precision([none], [nothing], [score[:0]], [none], [nothing], 3) == (-1, {1: -1, 2: -1})
    assert mean_average_precision([box], [label * 0], [score], [box], [label * 0], 2) == (-1, {1: -1})
    assert mean_average_precision([], [], [], [], [], 2) == (-1, {1: -1})


def test_the_mean_has_the_dtype_of_the_boxes() -> None:
    box, label = one([0.0, 0.0, 300.0, 400.0])
    for dtype, expected in (
        (torch.float16, torch.float16),
        (torch.int32, torch.float32),
        (torch.float64, torch.float64),
    ):
        boxes = [box.to(dtype)]
        mean, _ = mean_average_precision(boxes, [label], [torch.tensor([0.5])], boxes, [label], 2)
        assert mean.dtype is expected
        assert mean == 1


def test_bad_calls_say_what_was_wrong() -> None:
    box, label = one([0.0, 0.0, 5.0, 5.0])
    score = torch.tensor([0.5])
    good = ([box], [label], [score], [box], [label])
    for place, value, message in (
        (0, box, "pred_boxes must be a list of tensors, got Tensor"),
        (1, [], "pred_labels must have one tensor an image"),
        (1, [label[:0]], r"pred_labels\[0\] must have shape \(1\), got \(0,\)"),
        (3, [box[0]], r"gt_boxes\[0\] must have shape \(N, 4\)"),
        (4, [label + 1], "must be whole numbers in"),
        (1, [label + 0.5], "must be whole numbers in"),
    ):
        bad = [*good]
        bad[place] = value
        with pytest.raises((TypeError, ValueError), match=message):
            mean_average_precision(*bad, 2)
    with pytest.raises(ValueError, match="n_classes must be at least 1, got 0"):
        mean_average_precision(*good, 0)
