# SPDX-License-Identifier: Apache-2.0
from collections.abc import Callable
from typing import Any

import kornia.geometry.keypoints as kornia
import pytest
import torch
from torch import Tensor

from foveal.geometry import keypoints as package

Keypoints: Any = package.Keypoints  # whose results are lists, or tensors
Keypoints3D: Any = package.Keypoints3D
POINTS = torch.tensor([[1.0, 2.0], [0.5, -3.0], [4.0, 4.25]])
TURN = torch.tensor([[0.8, -0.6, 4.0], [0.6, 0.8, 0.5], [0.01, 0.0, 1.0]])
PADDING = torch.tensor([[1.0, 2.0, 3.0, 4.0]])


@pytest.mark.parametrize("points", [POINTS, POINTS[None], torch.stack([POINTS, POINTS + 1]), POINTS[:0]])
def test_keypoints_are_those_of_kornia(points: Tensor) -> None:
    mine, theirs = Keypoints(points), kornia.Keypoints(points.clone())
    matrix = TURN.repeat(len(points), 1, 1) if points.ndim == 3 else TURN
    steps: list[Callable[[Any], Any]] = [
        lambda k: k.clone(),
        lambda k: k.transform_keypoints(matrix) if points.numel() else k,
        lambda k: k.pad(PADDING),
        lambda k: k.unpad(PADDING * 2),
        lambda k: k.transform_keypoints_(matrix) if points.numel() else k,
        lambda k: k[0:1],
        lambda k: k.index_put((torch.tensor([0]),), torch.ones(k.shape[1:])) if points.numel() else k,
        lambda k: k.type(torch.float64),
    ]
    for step in steps:
        mine, theirs = step(mine), step(theirs)
        torch.testing.assert_close(mine.to_tensor(), theirs.to_tensor())
        assert (mine.shape, mine.dtype, mine.device) == (theirs.shape, theirs.dtype, theirs.device)


@pytest.mark.parametrize("axes", [2, 3])
def test_lists_are_images_with_other_numbers_of_points(axes: int) -> None:
    kind = Keypoints if axes == 2 else Keypoints3D
    images = [torch.rand(3, axes), torch.rand(1, axes), torch.rand(0, axes)]
    points = kind(images)
    for image, again in zip(images, points.to_tensor(), strict=True):
        assert torch.equal(image, again)
    assert points.to_tensor(as_padded_sequence=True).shape == (3, 3, axes)
    matrices = torch.eye(axes + 1).repeat(3, 1, 1)
    matrices[:, 0, -1] = torch.tensor([1.0, 2.0, 3.0])
    moved = points.transform_keypoints(matrices)
    for number, (image, again) in enumerate(zip(images, moved.to_tensor(), strict=True)):
        torch.testing.assert_close(again[:, 0], image[:, 0] + number + 1)
    assert torch.equal(points[1].to_tensor(), images[1])
    assert torch.equal(points[-2].to_tensor(), images[1])
    assert [len(image) for image in points[torch.tensor([1, 0])].to_tensor()] == [1, 3]


def test_points_of_volumes_move() -> None:
    points = Keypoints3D.from_tensor(torch.tensor([[1.0, 2.0, 3.0]]))
    matrix = torch.eye(4)
    matrix[:3] = torch.tensor([[0.0, 0.0, 1.0, 0.0], [1.0, 0.0, 0.0, 5.0], [0.0, 2.0, 0.0, 0.0]])
    assert points.transform_keypoints(matrix).to_tensor().tolist() == [[3.0, 6.0, 4.0]]
    padding = torch.tensor([[1.0, 9.0, 2.0, 9.0, 3.0, 9.0]])
    assert points.pad(padding).to_tensor().tolist() == [[2.0, 4.0, 6.0]]
    assert points.unpad(padding).to_tensor().tolist() == [[1.0, 2.0, 3.0]]


def test_keypoints_do_not_write_into_the_tensor_they_came_from() -> None:
    points = POINTS.clone()
    keypoints = Keypoints(points).pad(PADDING)
    keypoints[0:1] = Keypoints(torch.zeros(1, 2))
    assert torch.equal(points, POINTS)
    assert keypoints[0].to_tensor().tolist() == [[0.0, 0.0]]
    assert "Keypoints(tensor(" in repr(keypoints)


def test_gradients_flow_to_points_and_matrix() -> None:
    points, matrix = POINTS.clone().requires_grad_(), TURN.clone().requires_grad_()
    Keypoints(points).pad(PADDING).transform_keypoints(matrix).to_tensor().sum().backward()
    assert points.grad is not None
    assert points.grad.any()
    assert matrix.grad is not None
    assert matrix.grad.any()


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: Keypoints("a"), TypeError, r"keypoints must be a torch\.Tensor or a list of them, got str"),
        (lambda: Keypoints(torch.zeros(1, 2).long()), ValueError, "keypoints must have a floating-point dtype"),
        (lambda: Keypoints(torch.zeros(1, 3)), ValueError, r"shape \(N, 2\) or \(B, N, 2\), got \(1, 3\)"),
        (lambda: Keypoints3D([torch.zeros(1, 2, 3)]), ValueError, r"shape \(N, 3\), got \(1, 2, 3\)"),
        (lambda: Keypoints(POINTS).pad(torch.zeros(2, 4)), ValueError, "padding_size must have 1 or 1 rows, got 2"),
        (lambda: Keypoints3D(torch.zeros(1, 3)).pad(torch.zeros(1, 4)), ValueError, r"shape \(B, 6\)"),
        (lambda: Keypoints(POINTS).transform_keypoints(torch.eye(4)), ValueError, r"M must have shape \(\*, 3, 3\)"),
        (
            lambda: Keypoints(POINTS).transform_keypoints(torch.eye(3).repeat(2, 1, 1)),
            ValueError,
            r"M must be \(3, 3\)",
        ),
        (lambda: Keypoints(POINTS).type(torch.int64), ValueError, "dtype must be a floating-point one"),
        (lambda: Keypoints(POINTS)[3], IndexError, "range"),
    ],
)
def test_bad_calls_say_what_was_wrong(make: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        make()


def test_integers_become_floats_where_that_is_asked_for() -> None:
    assert Keypoints(torch.zeros(1, 2).long(), raise_if_not_floating_point=False).dtype is torch.float32
