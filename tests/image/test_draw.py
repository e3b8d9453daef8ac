# SPDX-License-Identifier: Apache-2.0
from typing import Any

import cv2
import kornia.image as kornia
import numpy as np
import pytest
import skimage.draw
import torch
from torch import Tensor

from foveal.image import draw_convex_polygon, draw_line, draw_point2d, draw_rectangle


def both(name: str, image: Tensor, *args: Any, **kwargs: Any) -> Tensor:
    """Draw with Kornia as well; what is given is drawn into, and returned."""
    mine, theirs = image.clone(), image.clone()
    result = {f.__name__: f for f in (draw_convex_polygon, draw_line, draw_point2d, draw_rectangle)}[name](
        mine, *args, **kwargs
    )
    assert result is mine
    torch.testing.assert_close(mine, getattr(kornia, name)(theirs, *args, **kwargs))
    return mine


@pytest.mark.parametrize("dtype", [torch.float32, torch.uint8])
def test_lines_are_those_of_kornia(dtype: torch.dtype) -> None:
    image, generator = torch.zeros(3, 9, 13, dtype=dtype), np.random.default_rng(0)
    for _ in range(40):
        ends = torch.from_numpy(generator.uniform(0, (12, 8), (2, 2)).astype(np.float32))
        both("draw_line", image, ends[0], ends[1], torch.tensor([1, 2, 3]))
        assert torch.equal(
            both("draw_line", image, *ends, torch.tensor(7)), both("draw_line", image, *ends.flip(0), torch.tensor(7))
        )
    ends = torch.from_numpy(generator.integers(0, (13, 9), (2, 7, 2)))
    both("draw_line", image, ends[0], ends[1], torch.tensor([9.0]))
    for one in ((0, 0, 12, 0), (3, 8, 3, 1), (0, 0, 8, 8), (5, 5, 5, 5)):
        mine = both("draw_line", image, torch.tensor(one[:2]), torch.tensor(one[2:]), torch.tensor(1))
        wanted = cv2.line(np.zeros((9, 13), np.uint8), one[:2], one[2:], 1)
        np.testing.assert_array_equal(mine[0].numpy(), wanted)


def test_points_are_those_of_kornia() -> None:
    points = torch.tensor([[1.0, 2.0], [3.5, 0.49], [-0.5, 4.0]])
    both("draw_point2d", torch.zeros(5, 8), points, torch.tensor(1.0))
    both("draw_point2d", torch.zeros(2, 5, 8), points[0], torch.tensor([1.0, 2.0]))
    both("draw_point2d", torch.zeros(2, 5, 8), points[:0], torch.tensor([1.0]))


@pytest.mark.parametrize("line_width", [1, 2, 9])
@pytest.mark.parametrize("fill", [None, True])
def test_rectangles_are_those_of_kornia(line_width: int, fill: bool | None) -> None:
    boxes = torch.tensor(
        [[[1, 1, 4, 3], [6, 4, -2, 2], [2, 2, 2, 2]], [[-5, -5, -1, -1], [0, 0, 99, 99], [3, 0, 5, 9]]]
    )
    for corners in (boxes, boxes + 0.5, boxes + 0.25):
        for color in (None, torch.tensor([1.0, 2.0]), torch.rand(2, 3, 2), torch.tensor(3.0), torch.rand(2, 3, 1)):
            both("draw_rectangle", torch.full((2, 2, 6, 8), 9.0), corners, color, fill, line_width)


def test_outlines_are_those_of_opencv() -> None:
    wanted = cv2.rectangle(np.zeros((9, 13), np.uint8), (2, 1), (10, 6), 5)
    mine = draw_rectangle(torch.zeros(1, 1, 9, 13), torch.tensor([[[2, 1, 10, 6]]]), torch.tensor(5))
    np.testing.assert_array_equal(mine[0, 0].numpy(), wanted)


def test_polygons_are_those_of_kornia_and_scikit_image() -> None:
    generator = np.random.default_rng(1)
    for count in (1, 3, 4, 6):
        angles = np.sort(generator.uniform(0, 2 * np.pi, (3, count)))
        around = np.stack([np.cos(angles), np.sin(angles)], axis=-1) * generator.uniform(1, 8, (3, 1, 1))
        for scale in (1.0, 16.0):
            polygons = torch.from_numpy(np.round((around + generator.uniform(0, 12, (3, 1, 2))) * scale) / scale)
            mine = both("draw_convex_polygon", torch.zeros(3, 2, 11, 14), polygons, torch.rand(3, 2))
            for image, polygon in zip(mine, polygons.numpy(), strict=True):
                rows, columns = skimage.draw.polygon(polygon[:, 1], polygon[:, 0], shape=(11, 14))
                if count > 1:
                    assert image[:, rows, columns].all()
    listed = [torch.tensor([[1.0, 1.0], [6.0, 1.5], [3.0, 7.0]]), torch.tensor([[2.0, 2.0], [8.0, 2], [8, 6], [2, 6]])]
    both("draw_convex_polygon", torch.zeros(2, 3, 8, 9), listed, torch.tensor([1.0, 2.0, 3.0]))
    for color in (torch.tensor(1.0), torch.tensor([2.0]), torch.tensor([[3.0], [4.0]])):
        both("draw_convex_polygon", torch.zeros(2, 3, 8, 9), torch.stack([p[:3] for p in listed]), color)
    both("draw_convex_polygon", torch.zeros(2, 3, 8, 9), torch.stack([p[:3] + 50 for p in listed]), color)
    both("draw_convex_polygon", torch.zeros(2, 3, 8, 9), torch.zeros(2, 0, 2), color)


@pytest.mark.parametrize(
    ("draw", "args", "message"),
    [
        (draw_line, (torch.zeros(5, 8), torch.zeros(2), torch.ones(2), torch.ones(1)), r"shape \(C, H, W\)"),
        (
            draw_line,
            (torch.zeros(1, 5, 8), torch.zeros(2), torch.ones(1, 2), torch.ones(1)),
            r"p2 must have shape \(2\)",
        ),
        (draw_line, (torch.zeros(1, 5, 8), torch.zeros(2), torch.tensor([8, 0]), torch.ones(1)), "p2 must lie in the"),
        (draw_line, (torch.zeros(1, 5, 8), torch.zeros(2), torch.ones(2), torch.ones(2)), "color must hold 1 value"),
        (draw_point2d, (torch.zeros(1, 1, 5, 8), torch.zeros(2), torch.ones(1)), r"image must have shape \(C, H, W\)"),
        (draw_point2d, (torch.zeros(5, 8), torch.zeros(1, 3), torch.ones(1)), r"points must have shape \(N, 2\)"),
        (draw_point2d, (torch.zeros(5, 8), torch.tensor([0.0, 4.5]), torch.ones(1)), "points must lie in the image"),
        (draw_rectangle, (torch.zeros(1, 1, 5, 8), torch.zeros(2, 1, 4)), r"rectangle must have shape \(1, N, 4\)"),
        (
            draw_rectangle,
            (torch.zeros(1, 1, 5, 8), torch.zeros(1, 1, 4), None, None, 0),
            "line_width must be at least 1",
        ),
        (
            draw_rectangle,
            (torch.zeros(1, 3, 5, 8), torch.zeros(1, 1, 4), torch.zeros(2)),
            "color must hold 1 value or 3",
        ),
        (draw_rectangle, (torch.zeros(1, 3, 5, 8), torch.zeros(1, 1, 4), torch.zeros(1, 2, 3)), r"\(1, 1, C\)"),
        (
            draw_convex_polygon,
            (torch.zeros(2, 1, 5, 8), torch.zeros(1, 3, 2), torch.ones(1)),
            "one for each of 2 images",
        ),
        (draw_convex_polygon, (torch.zeros(1, 1, 5, 8), torch.zeros(1, 3, 3), torch.ones(1)), r"shape \(B, N, 2\)"),
        (draw_convex_polygon, (torch.zeros(1, 3, 5, 8), torch.zeros(1, 3, 2), torch.ones(2)), "for 3 channels"),
        (
            draw_convex_polygon,
            (torch.zeros(1, 3, 5, 8), torch.zeros(1, 3, 2), torch.ones(2, 3)),
            "colors must hold one",
        ),
    ],
)
def test_bad_calls_say_what_was_wrong(draw: Any, args: tuple[Any, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        draw(*args)
