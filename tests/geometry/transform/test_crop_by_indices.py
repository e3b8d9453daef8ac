# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator
from typing import Any

import kornia
import pytest
import torch
from torch import Tensor

from foveal.geometry.transform import crop_by_indices
from tests.contract import Contract, Make, Sample, call


def corners(*boxes: tuple[float, float, float, float]) -> Tensor:
    """Return the corners of boxes (x0, y0, x1, y1)."""
    return torch.tensor([[[x0, y0], [x1, y0], [x1, y1], [x0, y1]] for x0, y0, x1, y1 in boxes])


class TestCropByIndices(Contract):
    operation = staticmethod(crop_by_indices)
    # Without `size` the shape is read off the boxes, and slices are always read.
    fixed_shape = False

    def samples(self, make: Make) -> Iterator[Sample]:
        image = make.uniform(2, 3, 6, 8)
        boxes = make.tensor(corners((2.5, 1.5, 5.5, 3.5), (1.5, 2.5, 4.5, 4.5)))
        yield call(image, boxes)
        yield call(image, boxes, (3, 4))
        yield call(image, boxes, (5, 3))
        yield call(image, boxes, (2, 5), "bilinear", True)
        yield call(image, boxes, (2, 5), "nearest")
        yield call(image, boxes, (5, 5), "bicubic", False)
        yield call(image, boxes, (2, 2), "area")
        yield call(image, boxes, (2, 5), shape_compensation="pad")
        yield call(image, boxes + 3, shape_compensation="pad")
        yield call(image, boxes, (1, 4), antialias=True)
        yield call(image[:0], boxes[:0], (3, 4))

    def large(self, make: Make) -> Iterator[Sample]:
        yield call(make.uniform(1, 2, 40, 60), make.tensor(corners((1.5, 2.5, 55.5, 38.5))), (10, 17), antialias=True)

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        image, boxes = make.uniform(2, 3, 6, 8), make.tensor(corners((2, 1, 5, 3), (1, 1, 3, 3)))
        yield TypeError, "input_tensor must have a floating-point dtype", call(image.long(), boxes)
        yield TypeError, "src_box must be a torch.Tensor, got list", call(image, [[0, 0, 1, 1]])
        yield ValueError, r"src_box must have shape \(2, 4, 2\), got \(3, 4, 2\)", call(image, boxes.new_zeros(3, 4, 2))
        yield ValueError, "src_box must hold boxes of one size where size is None", call(image, boxes)
        yield ValueError, "src_box must have pixels of the 8x6 image", call(image, boxes + 20, (2, 2))
        yield ValueError, "interpolation must be one of", call(image, boxes, (2, 2), "cubic")
        yield ValueError, "shape_compensation must be one of", call(image, boxes, (2, 2), shape_compensation="crop")

    def oracle(self, input_tensor: Tensor, src_box: Tensor, *args: Any, **options: Any) -> Any:
        return kornia.geometry.transform.crop_by_indices(input_tensor, src_box, *args, **options)

    def test_one_box_serves_all_images(self) -> None:
        image = torch.rand(3, 2, 6, 8)
        assert torch.equal(crop_by_indices(image, corners((2, 1, 5, 3))), image[..., 1:4, 2:6])

    @pytest.mark.parametrize("box", [(-2, -1, 2, 2), (-2, 3, 1, 8), (5, 4, 9, 7), (10, 10, 12, 12), (-9, 0, -5, 3)])
    def test_padding_keeps_every_pixel_in_its_place(self, box: tuple[int, int, int, int]) -> None:
        """Kornia's slice wraps around for a box that starts left of the image, or above it."""
        image = torch.rand(1, 2, 6, 8)
        left, top, right, bottom = box
        padded = torch.nn.functional.pad(image, (20, 20, 20, 20))
        expected = padded[..., top + 20 : bottom + 21, left + 20 : right + 21]
        assert torch.equal(crop_by_indices(image, corners(box), shape_compensation="pad"), expected)

    def test_resizing_takes_what_the_image_has(self) -> None:
        image = torch.rand(1, 2, 6, 8)
        found = crop_by_indices(image, corners((-2, -1, 2, 2)), (3, 3))
        assert torch.equal(found, image[..., :3, :3])

    @pytest.mark.parametrize("size", [(1, 1), (1, 3), (7, 1)])
    def test_antialiasing_of_few_pixels(self, size: tuple[int, int]) -> None:
        """A blur wider than the cut-out still has weights that sum to one."""
        image = torch.full((1, 1, 6, 40), 0.25)
        found = crop_by_indices(image, corners((0, 1, 39, 1)), size, antialias=True)
        torch.testing.assert_close(found, torch.full((1, 1, *size), 0.25))
