# SPDX-License-Identifier: Apache-2.0
"""Boxes leave in the form in which they came, move as Kornia's, and stay boxes where small, empty or clipped."""

from typing import Any

import kornia.geometry.boxes as kornia
import pytest
import torch
from torch import Tensor

from foveal.geometry import boxes as package

Boxes: Any = package.Boxes  # whose results are lists, or tensors
MODES = ("xyxy", "xyxy_plus", "xywh", "vertices", "vertices_plus")
A = torch.tensor([[1.0, 2.0, 5.0, 6.0], [0.5, 0.25, 3.5, 3.0]])
B = torch.tensor([[2.0, 2.0, 9.0, 9.0]])
SIZES = torch.tensor([[1.0, 2.0, 3.0, 4.0], [0.25, 0.5, 1.0, 2.0]])
FLIP = torch.tensor([[-1.0, 0.0, 9.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
TURN = torch.tensor([[0.8, -0.6, 4.0], [0.6, 0.8, 0.5], [0.01, 0.0, 1.0]])


def peers(boxes: Any = A, mode: str = "xyxy") -> tuple[Any, Any]:
    return Boxes.from_tensor(boxes, mode), kornia.Boxes.from_tensor(boxes, mode)


def same(mine: Any, theirs: Any) -> None:
    """Compare everything that can be read from boxes."""
    torch.testing.assert_close(mine.data, theirs.data)
    for mode in MODES:
        for padded in (False, True):
            torch.testing.assert_close(mine.to_tensor(mode, padded), theirs.to_tensor(mode, padded))
    torch.testing.assert_close(mine.get_boxes_shape(), theirs.get_boxes_shape())
    torch.testing.assert_close(mine.compute_area(), theirs.compute_area())
    torch.testing.assert_close(mine.to_mask(7, 8), theirs.to_mask(7, 8))
    assert (mine.shape, mine.mode, mine.dtype) == (theirs.shape, theirs.mode, theirs.dtype)


@pytest.mark.parametrize("boxes", [A, A[None], torch.stack([A, A + 1]), [A, B], [A[:0], B], A[:0], A.tolist()])
@pytest.mark.parametrize("mode", ["xyxy", "xyxy_plus", "XYXY"])
def test_boxes_are_those_of_kornia(boxes: Any, mode: str) -> None:
    same(*peers(boxes, mode))


@pytest.mark.parametrize("mode", ["xywh", "vertices", "vertices_plus"])
def test_forms_are_those_of_kornia(mode: str) -> None:
    start = SIZES if mode == "xywh" else Boxes.from_tensor(A).to_tensor(mode)
    same(*peers(start, mode))


@pytest.mark.parametrize("matrix", [torch.eye(3), FLIP, TURN])
def test_transforms_are_those_of_kornia(matrix: Tensor) -> None:
    mine, theirs = peers()
    same(mine.transform_boxes(matrix), theirs.transform_boxes(matrix))
    same(mine, theirs)
    same(mine.transform_boxes_(matrix), theirs.transform_boxes_(matrix))
    same(mine, theirs)
    for boxes in (torch.stack([A, A + 1]), [A, B]):
        mine, theirs = peers(boxes)
        matrices = torch.stack([matrix, FLIP])
        same(mine.transform_boxes(matrices), theirs.transform_boxes(matrices))
        same(mine.transform_boxes(matrix), theirs.transform_boxes(torch.stack([matrix, matrix])))


@pytest.mark.parametrize("boxes", [A, [A, B]])
def test_shifts_are_those_of_kornia(boxes: Any) -> None:
    mine, theirs = peers(boxes)
    rows = torch.tensor([[1.0, 2.0, 3.0, 4.0], [0.0, 1.0, 0.5, 2.0]])[: len(boxes) if isinstance(boxes, list) else 1]
    same(mine.translate(rows[:, :2]), theirs.translate(rows[:, :2]))
    same(mine.translate(rows[:, :2], "fast"), theirs.translate(rows[:, :2]))
    same(mine.pad(rows), theirs.pad(rows))
    same(mine.unpad(rows[:1]), theirs.unpad(rows[:1]))
    low, high = torch.tensor([[1.0, 1.0]]), torch.tensor([[4.0, 3.0]])
    same(mine.clamp(low, high), theirs.clamp(low, high))
    same(mine.clamp((1.0, 1.0), (4.0, 3.0), inplace=True), theirs.clamp(low, high))


def test_merged_boxes_are_those_of_kornia() -> None:
    for first, second in ((A, B), ([A, B], [B, A]), (A[None], B[None])):
        (mine, theirs), (more, others) = peers(first), peers(second, "xyxy_plus")
        same(mine.merge(more), theirs.merge(others))
        same(mine.merge(more, inplace=True), theirs.merge(others))


def test_selected_boxes_are_those_of_kornia() -> None:
    mine, theirs = peers([A, B])
    keys = (slice(0, 1), torch.tensor([1, 0]), torch.tensor([False, True]), 0, torch.tensor(0))
    for key in keys:
        same(mine[key], theirs[key])
    torch.testing.assert_close(mine[-1].to_tensor(), B)  # without its padding
    mine, theirs = peers(A)
    for key in (slice(0, 1), torch.tensor([1, 0]), torch.tensor([False, True])):
        same(mine[key], theirs[key])
    torch.testing.assert_close(mine[1].to_tensor(), A[1:])
    with pytest.raises(IndexError):
        mine[2]


def test_written_boxes_are_those_of_kornia() -> None:
    mine, theirs = peers(torch.stack([A, A + 1]))
    more, others = peers(A[None] + 2, "xyxy_plus")
    places = (torch.tensor([0]),)
    same(mine.index_put(places, more), theirs.index_put(places, others))
    same(mine.index_put(places, torch.ones(1, 2, 4, 2)), theirs.index_put(places, torch.ones(1, 2, 4, 2)))
    mine[1:], theirs[1:] = more, others
    same(mine, theirs)
    mine, theirs = peers(A)
    mask = (torch.tensor([False, True]),)
    same(mine.index_put(mask, torch.ones(1, 4, 2), True), theirs.index_put(mask, torch.ones(1, 4, 2), True))


@pytest.mark.parametrize("limits", [(8.0, None), (None, 8.0), (8.0, 10.0), (None, None)])
def test_filtered_boxes_are_those_of_kornia_for_good(limits: tuple[float | None, float | None]) -> None:
    mine, theirs = (boxes.filter_boxes_by_area(*limits) for boxes in peers())
    same(mine, theirs)
    for mode in MODES:
        moved, wanted = (boxes.transform_boxes(FLIP).to_tensor(mode) for boxes in (mine, theirs))
        torch.testing.assert_close(moved, wanted)


def form(start: Tensor, size: Tensor, mode: str) -> Tensor:
    """Lay out boxes in a mode by hand; those that end at their last pixel are shorter by one."""
    end = start + size
    if mode == "xywh":
        return torch.cat([start, size], dim=-1)
    if not mode.startswith("vertices"):
        return torch.cat([start, end], dim=-1)
    x, y = torch.stack([start, end], dim=-1).unbind(dim=-2)
    return torch.stack([x[..., [0, 1, 1, 0]], y[..., [0, 0, 1, 1]]], dim=-1)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("dtype", [torch.float16, torch.float32, torch.float64])
@pytest.mark.parametrize("scale", [1e-3, 1.0, 100.0])
def test_round_trips_are_exact(mode: str, dtype: torch.dtype, scale: float) -> None:
    start, size = (torch.rand(2, 50, 2, dtype=torch.float64) * scale).unbind()
    boxes = form(start - scale / 2, size, mode).to(dtype)
    assert torch.equal(Boxes.from_tensor(boxes, mode, validate_boxes=False).to_tensor(), boxes)
    mine = [boxes[:20], boxes[20:]]
    for image, again in zip(mine, Boxes.from_tensor(mine, mode, validate_boxes=False).to_tensor(), strict=True):
        assert torch.equal(image, again)


@pytest.mark.parametrize("matrix", [torch.eye(3), torch.tensor([[-1.0, 0.0, 1.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])])
def test_normalized_boxes_move_by_their_corners(matrix: Tensor) -> None:
    moved = Boxes.from_tensor(torch.tensor([[0.125, 0.25, 0.5, 0.75]])).transform_boxes(matrix).to_tensor()
    left, right = (0.125, 0.5) if matrix[0, 0] > 0 else (0.5, 0.875)
    assert torch.equal(moved, torch.tensor([[left, 0.25, right, 0.75]]))


def test_flipped_boxes_have_no_negative_width() -> None:
    for size in (4.0, 1.0, 0.25):
        flipped = Boxes.from_tensor(torch.tensor([[1.0, 2.0, size, size]]), "xywh").transform_boxes(FLIP)
        assert torch.equal(flipped.to_tensor()[0, 2:], torch.tensor([size, size]))


def test_empty_boxes_stay_empty() -> None:
    boxes = Boxes.from_tensor(torch.tensor([[1.0, 2.0, 0.0, 3.0]]), "xywh", validate_boxes=False)
    assert torch.equal(boxes.to_tensor("xyxy"), torch.tensor([[1.0, 2.0, 1.0, 5.0]]))
    assert not boxes.to_mask(6, 6).any()
    for mode in MODES:
        assert len(Boxes.from_tensor(A[:0]).to_tensor(mode)) == 0


def test_clipped_boxes_cover_what_is_left() -> None:
    boxes = Boxes.from_tensor(torch.tensor([[-3.0, -2.0, 2.0, 3.0]]))
    clipped = boxes.clamp((0, 0), (7, 5))
    assert torch.equal(clipped.to_tensor(), torch.tensor([[0.0, 0.0, 2.0, 3.0]]))
    assert torch.equal(clipped.to_mask(6, 8), boxes.to_mask(6, 8))
    assert torch.equal(boxes.clamp(botright=(7, 5)).to_tensor(), boxes.to_tensor())


def test_trimmed_boxes() -> None:
    boxes = Boxes.from_tensor(torch.stack([torch.cat([A, B]), torch.cat([B, A])]))
    left = boxes.filter_boxes_by_area(max_area=30.0)  # drops B
    for keep, wanted in ((True, [3, 3]), (False, [2, 2])):
        trimmed = left.trim(keep)
        assert [len(image) for image in trimmed.to_tensor()] == wanted
        for image in trimmed.to_tensor():
            torch.testing.assert_close(image[image.any(dim=1)], A)
    assert Boxes.from_tensor(A).filter_boxes_by_area(min_area=1e3).trim(True).shape == (0, 4, 2)
    assert Boxes.from_tensor([A, B]).trim(inplace=True).shape == (2, 2, 4, 2)


def test_boxes_do_not_write_into_the_tensors_they_came_from() -> None:
    before = Boxes.from_tensor(A).data
    vertices = before.clone()
    boxes = Boxes(vertices)
    copied = boxes.clone()
    boxes.pad(torch.tensor([[1.0, 0.0, 1.0, 0.0]])).transform_boxes_(FLIP)
    boxes[0:1] = copied[1:2]
    assert torch.equal(vertices, before)
    assert torch.equal(copied.data, before)
    assert boxes.type(torch.float64) is boxes
    assert boxes.data.dtype is torch.float64


def test_gradients_flow_to_boxes_and_matrix() -> None:
    boxes, matrix = A.clone().requires_grad_(), TURN.clone().requires_grad_()
    result = Boxes.from_tensor(boxes).transform_boxes(matrix).to_tensor("xywh")
    result.sum().backward()
    for leaf in (boxes, matrix):
        assert leaf.grad is not None
        assert leaf.grad.isfinite().all()
        assert leaf.grad.any()
    assert not Boxes.from_tensor(boxes).to_mask(4, 4).requires_grad


def test_boxes_compile_to_one_graph() -> None:
    def move(boxes: Tensor, matrix: Tensor) -> Any:
        return Boxes.from_tensor(boxes).transform_boxes(matrix).to_tensor("xywh")

    compiled = torch.compile(move, fullgraph=True, backend="eager")
    torch.testing.assert_close(compiled(A, TURN), move(A, TURN))


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: Boxes("a"), TypeError, r"boxes must be a torch\.Tensor or a list of them, got str"),
        (lambda: Boxes([]), TypeError, "got list"),
        (lambda: Boxes(torch.zeros(1, 4, 2).long()), ValueError, "boxes must have a floating-point dtype"),
        (lambda: Boxes(torch.zeros(4, 2)), ValueError, r"boxes must have shape \(N, 4, 2\) or \(B, N, 4, 2\)"),
        (lambda: Boxes.from_tensor(torch.zeros(4)), ValueError, r"shape \(N, 4\) or \(B, N, 4\), got \(4,\)"),
        (lambda: Boxes.from_tensor(A, "yolo"), ValueError, "mode must be one of 'xyxy'"),
        (lambda: Boxes.from_tensor(A, None), TypeError, "mode must be a string, got NoneType"),
        (lambda: Boxes.from_tensor(A * torch.nan), ValueError, "boxes must have finite coordinates"),
        (lambda: Boxes.from_tensor(A[:, [2, 1, 0, 3]]), ValueError, "boxes must have positive sides"),
        (lambda: Boxes.from_tensor([A[None]]), ValueError, r"one tensor \(N, \.\.\.\) per image"),
        (lambda: Boxes.from_tensor(A).transform_boxes(torch.eye(3).repeat(2, 1, 1)), ValueError, r"M must be \(3, 3\)"),
        (lambda: Boxes.from_tensor(A).translate(torch.zeros(2, 2)), ValueError, "size must have 1 or 1 rows, got 2"),
        (lambda: Boxes.from_tensor(A).translate(torch.zeros(1, 2), "slow"), ValueError, "method must be one of"),
        (lambda: Boxes.from_tensor(A).pad(torch.zeros(4)), ValueError, r"padding_size must have shape \(B, 4\)"),
        (lambda: Boxes.from_tensor(A).merge(Boxes.from_tensor([A])), ValueError, "must have the batch of these"),
        (lambda: Boxes.from_tensor(A).to_mask(2.0, 3), TypeError, "height must be an integer"),
        (lambda: Boxes.from_tensor(A).type(torch.int64), ValueError, "dtype must be a floating-point one"),
    ],
)
def test_bad_calls_say_what_was_wrong(make: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        make()


def test_integers_become_floats_where_that_is_asked_for() -> None:
    assert Boxes(torch.zeros(1, 4, 2).long(), raise_if_not_floating_point=False).dtype is torch.float32
    assert Boxes.from_tensor(A.long()).dtype is torch.float32
    assert "Boxes(tensor(" in repr(Boxes.from_tensor(A))
