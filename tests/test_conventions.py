# SPDX-License-Identifier: Apache-2.0
"""Every statement of `docs/conventions.md` that a machine can check, and its figures."""

import math
import re
import runpy
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch
from torch import Tensor

from foveal.geometry import (
    angle_to_rotation_matrix,
    axis_angle_to_rotation_matrix,
    camtoworld_graphics_to_vision_4x4,
    create_meshgrid,
    project_points,
    quaternion_to_rotation_matrix,
    transform_points,
    unproject_points,
)
from foveal.geometry.bbox import bbox_to_mask
from foveal.geometry.boxes import Boxes
from foveal.geometry.transform import (
    get_affine_matrix2d,
    get_rotation_matrix2d,
    hflip,
    resize,
    rotate,
    warp_affine,
    warp_perspective,
)

DOCS = Path(__file__).parent.parent / "docs"
CENTRE, ONES = torch.tensor([[2.0, 2.0]]), torch.ones(1, 2)


def image_of(*pixel: int, size: tuple[int, int] = (5, 5)) -> Tensor:
    """Return an image with one bright pixel (x, y)."""
    image = torch.zeros(1, 1, *size)
    image[0, 0, pixel[1], pixel[0]] = 1
    return image


def bright(image: Tensor) -> tuple[int, ...]:
    """Return the brightest pixel (x, y)."""
    y, x = divmod(int(image.flatten().argmax()), image.shape[-1])
    return x, y


@pytest.mark.parametrize("flag", [True, False])
def test_normalized_coordinates(flag: bool) -> None:
    x = torch.arange(6.0)
    wanted = 2 * x / 5 - 1 if flag else (2 * x + 1) / 6 - 1
    torch.testing.assert_close(create_meshgrid(1, 6, align_corners=flag)[0, 0, :, 0], wanted)
    assert create_meshgrid(1, 1, align_corners=flag).tolist() == [[[[0.0, 0.0]]]]


@pytest.mark.parametrize("flag", [True, False])
def test_pixels_go_where_points_go(flag: bool) -> None:
    matrix = torch.tensor([[[0.0, -1.0, 5.0], [1.0, 0.0, 1.0], [0.0, 0.0, 1.0]]])
    x, y = transform_points(matrix, torch.tensor([[[3.0, 1.0]]]))[0, 0].tolist()
    for warped in (
        warp_affine(image_of(3, 1), matrix[:, :2], (5, 7), align_corners=flag),
        warp_perspective(image_of(3, 1), matrix, (5, 7), align_corners=flag),
    ):
        torch.testing.assert_close(warped, image_of(int(x), int(y), size=(5, 7)))
    wanted = cv2.warpAffine(image_of(3, 1)[0, 0].numpy(), matrix[0, :2].numpy(), (7, 5))
    np.testing.assert_allclose(warped[0, 0].numpy(), wanted, atol=1e-6)


def test_resizes_align_edges_or_centres() -> None:
    ramp = torch.arange(4.0).expand(1, 1, 4, 4)
    torch.testing.assert_close(resize(ramp, (8, 8))[0, 0, 0, 1:-1], torch.arange(0.25, 3, 0.5))
    torch.testing.assert_close(resize(ramp, (7, 7), align_corners=True)[0, 0, 0], torch.arange(0, 3.5, 0.5))
    torch.testing.assert_close(resize(ramp, (8, 8)), resize(ramp, (8, 8), align_corners=False))


def test_the_box_of_the_figure() -> None:
    boxes: Any = Boxes.from_tensor(torch.tensor([[1.0, 1.0, 4.0, 3.0]]), mode="xyxy")
    forms = {"xyxy": [1, 1, 4, 3], "xywh": [1, 1, 3, 2], "xyxy_plus": [1, 1, 3, 2]}
    for mode, numbers in forms.items():
        assert boxes.to_tensor(mode)[0].tolist() == numbers
    mask = torch.zeros(1, 4, 6)
    mask[0, 1:3, 1:4] = 1
    assert torch.equal(boxes.to_mask(4, 6), mask)
    assert torch.equal(bbox_to_mask(boxes.to_tensor("vertices_plus"), 6, 4), mask)
    assert boxes.to_tensor("vertices")[0].tolist() == [[1, 1], [4, 1], [4, 3], [1, 3]]


def test_a_flip_moves_a_box_as_its_pixels() -> None:
    boxes = Boxes.from_tensor(torch.tensor([[1.0, 1.0, 4.0, 3.0]]))
    flip = torch.tensor([[-1.0, 0.0, 5.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    assert torch.equal(boxes.transform_boxes(flip).to_mask(4, 6), hflip(boxes.to_mask(4, 6)))


def test_rotate_is_counter_clockwise_and_get_affine_matrix2d_clockwise() -> None:
    right, quarter = image_of(4, 2), torch.tensor([90.0])
    assert bright(rotate(right, quarter)) == (2, 0)
    torch.testing.assert_close(rotate(right, quarter), torch.rot90(right, 1, (2, 3)))
    matrix = get_rotation_matrix2d(CENTRE, quarter, ONES)
    assert bright(warp_affine(right, matrix, (5, 5))) == (2, 0)
    np.testing.assert_allclose(matrix[0].numpy(), cv2.getRotationMatrix2D((2.0, 2.0), 90.0, 1.0), atol=1e-6)
    torch.testing.assert_close(angle_to_rotation_matrix(quarter)[0], matrix[0, :, :2])
    other = get_affine_matrix2d(torch.zeros(1, 2), CENTRE, ONES, quarter)
    assert bright(warp_affine(right, other[:, :2], (5, 5))) == (2, 4)
    torch.testing.assert_close(get_affine_matrix2d(torch.zeros(1, 2), CENTRE, ONES, -quarter)[:, :2], matrix)


def test_matrices_act_from_the_left_second_first() -> None:
    turn = torch.tensor([[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    shift = torch.tensor([[1.0, 0.0, 5.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    points = torch.tensor([[1.0, 2.0]])
    twice = transform_points(turn, transform_points(shift, points))
    torch.testing.assert_close(transform_points(turn @ shift, points), twice)


def test_turns_in_space_follow_the_right_hand() -> None:
    turn = axis_angle_to_rotation_matrix(torch.tensor([[0.0, 0.0, math.pi / 2]]))[0]
    torch.testing.assert_close(turn @ torch.tensor([1.0, 0.0, 0.0]), torch.tensor([0.0, 1.0, 0.0]), atol=1e-6, rtol=0)
    half = math.pi / 4
    wxyz = torch.tensor([[math.cos(half), 0.0, 0.0, math.sin(half)]])
    torch.testing.assert_close(quaternion_to_rotation_matrix(wxyz)[0], turn, atol=1e-6, rtol=0)


def test_cameras_look_along_z() -> None:
    matrix = torch.tensor([[[4.0, 0.0, 3.0], [0.0, 5.0, 2.0], [0.0, 0.0, 1.0]]])
    point = torch.tensor([[1.0, 0.75, 3.0]])
    pixel = project_points(point, matrix)
    torch.testing.assert_close(pixel, torch.tensor([[4 * 1 / 3 + 3, 5 * 0.75 / 3 + 2]]))
    torch.testing.assert_close(unproject_points(pixel, point[:, 2:], matrix), point)
    vision = camtoworld_graphics_to_vision_4x4(torch.eye(4)[None])[0]
    ahead = vision @ torch.tensor([0.0, 0.0, 1.0, 0.0])
    assert ahead.tolist() == [0, 0, -1, 0]  # in the axes of graphics


def test_the_figures_are_what_the_script_draws(tmp_path: Path) -> None:
    script: Any = runpy.run_path(str(DOCS / "figures" / "make_conventions.py"))
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        script["main"](tmp_path / folder)
    linked = set(re.findall(r"\(figures/(\S+)\)", (DOCS / "conventions.md").read_text()))
    drawn = {path.name for path in (tmp_path / "one").iterdir()}
    assert linked == drawn == {path.name for path in (DOCS / "figures").glob("conventions_*")}
    for name in drawn:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
        assert (DOCS / "figures" / name).stat().st_size < 40_000
