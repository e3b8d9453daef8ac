# SPDX-License-Identifier: Apache-2.0
from typing import Any

import kornia.geometry.boxes as kornia
import pytest
import torch
from torch import Tensor

from foveal.geometry import boxes as package

Boxes3D: Any = package.Boxes3D
A = torch.tensor([[0.0, 1.0, 2.0, 4.0, 3.0, 5.5], [1.0, 0.5, 0.0, 2.0, 4.0, 1.0]])
MODES = ("xyzxyz", "xyzxyz_plus", "xyzwhd")
TURN = torch.tensor([[0.8, -0.6, 0.0, 4.0], [0.6, 0.8, 0.1, 0.5], [0.0, 0.2, 1.0, 0.0], [0.0, 0.0, 0.01, 1.0]])


def same(mine: Any, theirs: Any) -> None:
    torch.testing.assert_close(mine.data, theirs.data)
    for mode in (*MODES, "vertices", "vertices_plus"):
        torch.testing.assert_close(mine.to_tensor(mode), theirs.to_tensor(mode))
    torch.testing.assert_close(mine.get_boxes_shape(), theirs.get_boxes_shape())
    torch.testing.assert_close(mine.to_mask(4, 5, 6), theirs.to_mask(4, 5, 6))
    assert (mine.shape, mine.mode, mine.dtype) == (theirs.shape, theirs.mode, theirs.dtype)


@pytest.mark.parametrize("boxes", [A, A[None], torch.stack([A, A + 1]), A[:0]])
@pytest.mark.parametrize("mode", MODES)
def test_boxes_are_those_of_kornia(boxes: Tensor, mode: str) -> None:
    boxes = boxes if mode != "xyzwhd" else boxes + 1
    mine, theirs = Boxes3D.from_tensor(boxes, mode), kornia.Boxes3D.from_tensor(boxes, mode)
    same(mine, theirs)
    if not len(boxes):
        return
    matrix = TURN.repeat(len(boxes), 1, 1) if boxes.ndim == 3 else TURN
    same(mine.transform_boxes(matrix), theirs.transform_boxes(matrix))
    same(mine, theirs)
    same(mine.transform_boxes_(matrix), theirs.transform_boxes_(matrix))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("scale", [1e-3, 1.0, 100.0])
def test_round_trips_are_exact(mode: str, scale: float) -> None:
    start, size = (torch.rand(2, 50, 3) * scale).unbind()
    boxes = torch.cat([start - scale / 2, size if mode == "xyzwhd" else start - scale / 2 + size], dim=1)
    assert torch.equal(Boxes3D.from_tensor(boxes, mode, validate_boxes=False).to_tensor(mode), boxes)


def test_other_dtypes_and_devices() -> None:
    boxes = Boxes3D(torch.zeros(1, 8, 3).long(), raise_if_not_floating_point=False)
    assert boxes.dtype is torch.float32
    assert boxes.to(dtype=torch.float64).data.dtype is torch.float64
    assert boxes.device.type == "cpu"
    assert Boxes3D.from_tensor(A.long() + torch.tensor([0, 0, 0, 4, 4, 4])).dtype is torch.float32
    assert "Boxes3D(tensor(" in repr(boxes)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: Boxes3D([]), TypeError, r"boxes must be a torch\.Tensor, got list"),
        (lambda: Boxes3D(torch.zeros(1, 8, 3).long()), ValueError, "boxes must have a floating-point dtype"),
        (lambda: Boxes3D(torch.zeros(8, 3)), ValueError, r"\(N, 8, 3\) or \(B, N, 8, 3\)"),
        (lambda: Boxes3D.from_tensor(A, "vertices"), ValueError, "mode must be one of 'xyzxyz'"),
        (lambda: Boxes3D.from_tensor(A[:, [3, 4, 5, 0, 1, 2]]), ValueError, "positive sides"),
        (lambda: Boxes3D.from_tensor(A).to_tensor("xyxy"), ValueError, "mode must be one of 'xyzxyz'"),
        (
            lambda: Boxes3D.from_tensor(A).transform_boxes(torch.eye(4).repeat(2, 1, 1)),
            ValueError,
            r"M must be \(4, 4\)",
        ),
        (lambda: Boxes3D.from_tensor(A).to_mask(-1, 2, 2), ValueError, "at least 0"),
        (lambda: Boxes3D.from_tensor(A).to(dtype=torch.int32), ValueError, "floating-point"),
    ],
)
def test_bad_calls_say_what_was_wrong(make: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        make()
