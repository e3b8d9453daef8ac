# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator
from typing import Any

import kornia.geometry.transform as kornia
import pytest
import torch
from torch import Tensor

from foveal import use_kernels
from foveal.geometry.transform import (
    center_crop,
    crop_and_resize,
    crop_by_boxes,
    crop_by_transform_mat,
    get_perspective_transform,
    warp_perspective,
)
from tests.contract import Contract, Make, Sample, call
from tests.geometry.transform.test_crop_by_indices import corners

KERNELS = pytest.mark.parametrize("kernels", [True, False], ids=["kernel", "reference"])
ALIGN = pytest.mark.parametrize("align_corners", [True, False])


class TestCropAndResize(Contract):
    operation = staticmethod(crop_and_resize)

    def samples(self, make: Make) -> Iterator[Sample]:
        image = make.uniform(2, 3, 5, 7)
        boxes = make.tensor(corners((0.7, 0.4, 4.57, 3.3), (2.2, 1.3, 7.83, 4.58)))
        yield call(image, boxes, (4, 3))
        yield call(image, boxes[:1], (4, 3))
        for padding_mode in ("zeros", "border", "reflection"):
            for align_corners in (True, False):
                yield call(image, 1.7 * boxes - 2.1, (4, 5), "bilinear", padding_mode, align_corners)
        yield call(image, boxes, (4, 5), "nearest")
        # Mirrored, a quarter turn, and a perspective one.
        yield call(image, boxes.flip(1), (4, 3))
        yield call(image, boxes.roll(1, 1), (4, 3))
        yield call(image, boxes + make.uniform(2, 4, 2), (4, 3))
        yield call(image, boxes, (1, 4))
        yield call(image, boxes, (3, 1))
        yield call(make.uniform(0, 3, 5, 7), boxes[:0], (4, 3))
        yield call(image, boxes, (0, 3))

    def large(self, make: Make) -> Iterator[Sample]:
        starts = make.uniform(40, 1, 2, low=-3.0, high=30.0)
        window = make.tensor(corners((0.0, 0.0, 16.0, 16.0)))
        yield call(make.uniform(40, 2, 37, 43), starts + window, (17, 17))
        yield call(make.uniform(1, 2, 37, 43).expand(40, 2, 37, 43), starts + window * 1.3, (17, 15))

    def special(self, make: Make) -> Iterator[Sample]:
        image, one = make.uniform(1, 2, 4, 5), make.uniform(1, 2, 1, 1)
        for box in ((0, 0, 4, 3), (2, 2, 2, 2), (1, 1, 1, 3), (1, 1, 3, 1), (9, 9, 12, 12)):
            for size in ((4, 5), (1, 1), (3, 1)):
                yield call(image, make.tensor(corners(box)), size)
                yield call(one, make.tensor(corners(box)), size)

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        image, boxes = make.uniform(2, 3, 5, 7), make.tensor(corners((0, 0, 3, 3), (1, 1, 4, 4)))
        yield TypeError, "input_tensor must be a torch.Tensor, got ndarray", call(image.numpy(), boxes, (2, 2))
        yield TypeError, "boxes must be a torch.Tensor, got list", call(image, [[0, 0, 1, 1]], (2, 2))
        yield TypeError, "size must be a tuple of 2 integers, got int", call(image, boxes, 3)
        yield ValueError, r"input_tensor must have shape \(B, C, H, W\)", call(image[0], boxes, (2, 2))
        yield ValueError, r"boxes must have shape \(2, 4, 2\), got \(4, 2\)", call(image, boxes[0], (2, 2))
        yield ValueError, "mode must be one of 'bilinear', 'nearest', got 'cubic'", call(image, boxes, (2, 2), "cubic")

    def oracle(self, input_tensor: Tensor, boxes: Tensor, size: tuple[int, int], *args: Any, **options: Any) -> Any:
        if 1 in size:
            return NotImplemented
        return kornia.crop_and_resize(input_tensor, boxes, size, *args, **options)

    @KERNELS
    @ALIGN
    def test_crops_of_pixels_are_exact(self, align_corners: bool, kernels: bool) -> None:
        image = torch.randn(1, 3, 9, 11)
        with use_kernels(kernels):
            for box in ((0, 0, 10, 8), (2, 1, 7, 8), (0, 3, 4, 3), (5, 5, 5, 5)):
                x0, y0, x1, y1 = box
                size = (y1 - y0 + 1, x1 - x0 + 1)
                found = crop_and_resize(image, corners(box), size, align_corners=align_corners)
                assert torch.equal(found, image[..., y0 : y1 + 1, x0 : x1 + 1])

    @KERNELS
    def test_mirrored_and_turned_boxes(self, kernels: bool) -> None:
        image = torch.randn(1, 3, 9, 11)
        window, box = image[..., 1:5, 2:8], corners((2, 1, 7, 4))
        with use_kernels(kernels):
            assert torch.equal(crop_and_resize(image, box[:, [1, 0, 3, 2]], (4, 6)), window.flip(-1))
            assert torch.equal(crop_and_resize(image, box[:, [3, 2, 1, 0]], (4, 6)), window.flip(-2))
            assert torch.equal(crop_and_resize(image, box[:, [2, 3, 0, 1]], (4, 6)), window.rot90(2, (-2, -1)))
            assert torch.equal(crop_and_resize(image, box.roll(-1, 1), (6, 4)), window.rot90(1, (-2, -1)))

    @KERNELS
    def test_one_row_or_column_is_the_middle(self, kernels: bool) -> None:
        image = torch.arange(35.0).view(1, 1, 5, 7)
        with use_kernels(kernels):
            assert crop_and_resize(image, corners((1, 1, 4, 3)), (1, 1)).item() == 2 * 7 + 2.5
            assert crop_and_resize(image, corners((1, 1, 4, 3)), (3, 1)).flatten().tolist() == [9.5, 16.5, 23.5]

    def test_an_expanded_image_is_not_copied(self) -> None:
        # A copy would take 1.2 terabytes.
        image = torch.rand(1, 1, 1000, 1000).expand(300_000, 1, 1000, 1000)
        found = crop_and_resize(image, corners((3, 2, 3, 2)).expand(300_000, 4, 2), (1, 1))
        assert torch.equal(found, image[..., 2:3, 3:4])


class TestCropByBoxes(Contract):
    operation = staticmethod(crop_by_boxes)
    # The size is read off the destination.
    fixed_shape = False

    def samples(self, make: Make) -> Iterator[Sample]:
        image = make.uniform(2, 3, 5, 7)
        source = make.tensor(corners((0.7, 0.4, 4.57, 3.3), (2.2, 1.3, 7.83, 4.58)))
        target = make.tensor(corners((0.25, 0.125, 3.75, 2.5), (0.75, 0.5, 4.25, 2.875)))
        yield call(image, source, target)
        yield call(image, source[:1], target[:1], align_corners=False)
        yield call(image, source + make.uniform(2, 4, 2) / 2, target, padding_mode="border")
        yield call(image, source, target, "nearest")
        yield call(image, source, target, padding_mode="reflection", align_corners=False)

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        image, boxes = make.uniform(2, 3, 5, 7), make.tensor(corners((0, 0, 3, 3), (1, 1, 4, 5)))
        yield TypeError, "src_box must be a torch.Tensor, got list", call(image, [[0, 0, 1, 1]], boxes)
        yield (
            ValueError,
            r"dst_box must have shape \(2, 4, 2\), got \(3, 4, 2\)",
            call(image, boxes, boxes.new_zeros(3, 4, 2)),
        )
        yield ValueError, r"dst_box must hold boxes of one size, got \[\(4, 4\), \(5, 4\)\]", call(image, boxes, boxes)
        yield ValueError, "dst_box must be finite", call(image, boxes, boxes * torch.nan)
        yield ValueError, "dst_box must go from top-left to bottom-right", call(image, boxes, boxes[:1] * -1)
        yield ValueError, "padding_mode must be one of", call(image, boxes, boxes[:1], padding_mode="fill")

    def oracle(self, input_tensor: Tensor, src_box: Tensor, dst_box: Tensor, *args: Any, **options: Any) -> Any:
        return kornia.crop_by_boxes(input_tensor, src_box, dst_box, *args, **options)

    @KERNELS
    @ALIGN
    def test_crops_of_pixels_are_exact(self, align_corners: bool, kernels: bool) -> None:
        image = torch.randn(1, 3, 9, 11)
        with use_kernels(kernels):
            for shift in (0, 3):
                found = crop_by_boxes(
                    image, corners((2, 1, 7, 5)), corners((0, 0, 5, 4)) + shift, align_corners=align_corners
                )
                wanted = torch.nn.functional.pad(image, (3, 0, 3, 0))[
                    ..., 4 - shift : 9 - shift, 5 - shift : 11 - shift
                ]
                assert torch.equal(found, wanted)

    def test_is_the_warp_by_its_matrix(self) -> None:
        image = torch.rand(1, 3, 20, 30)
        source = corners((2.3, 1.1, 17.0, 15.2)) + torch.rand(1, 4, 2)
        target = corners((0.0, 0.0, 9.0, 7.0))
        matrix = get_perspective_transform(source, target)
        expected = warp_perspective(image, matrix, (8, 10))
        torch.testing.assert_close(crop_by_boxes(image, source, target), expected, atol=2e-5, rtol=0)
        torch.testing.assert_close(crop_by_transform_mat(image, matrix, (8, 10)), expected)

    def test_a_destination_of_one_pixel_takes_the_middle(self) -> None:
        image = torch.arange(35.0).view(1, 1, 5, 7)
        assert crop_by_boxes(image, corners((1, 1, 4, 3)), corners((0, 0, 0, 0))).item() == 2 * 7 + 2.5
        line = crop_by_boxes(image, corners((1, 1, 4, 3)), corners((0, 0, 3, 0)))
        assert line.flatten().tolist() == [15.0, 16.0, 17.0, 18.0]

    def test_unvalidated_boxes_take_the_first_size(self) -> None:
        image, boxes = torch.rand(2, 1, 9, 9), corners((0, 0, 3, 3), (1, 1, 4, 5))
        found = crop_by_boxes(image, boxes, boxes, validate_boxes=False)
        assert torch.equal(found, torch.nn.functional.pad(image, (0, 0, 0, 0))[..., :4, :4])

    def test_an_empty_batch_has_no_size(self) -> None:
        assert crop_by_boxes(torch.rand(0, 3, 5, 5), torch.rand(0, 4, 2), torch.rand(0, 4, 2)).shape == (0, 3, 0, 0)


class TestCropByTransformMat(Contract):
    operation = staticmethod(crop_by_transform_mat)

    def samples(self, make: Make) -> Iterator[Sample]:
        image = make.uniform(2, 3, 5, 6)
        matrix = make.tensor([[[0.9, 0.2, -0.33], [-0.1, 1.2, 0.41], [0.02, -0.03, 1.0]]])
        matrices = torch.cat([matrix, make.tensor([[[-1.1, 0.3, 4.7], [0.2, 0.8, -0.6], [0.01, 0.04, 1.1]]])])
        yield call(image, matrices, (4, 3))
        yield call(image, matrix, (4, 3), padding_mode="border")
        yield call(image, matrices[:, :2].abs() + make.tensor([[0.7, 0.0, 0.0], [0.0, 0.9, 0.0]]), (4, 3))
        yield call(image, matrix[:, :2], (1, 1), "nearest", "reflection", False)

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        image, matrix = make.uniform(2, 3, 4, 4), make.tensor(torch.eye(3)[None])
        yield TypeError, "transform must have a floating-point dtype", call(image, matrix.long(), (4, 4))
        yield TypeError, "out_size must be a tuple of 2 integers", call(image, matrix, 4)
        yield ValueError, r"transform must have shape \(B, 3, 3\), got \(3, 3\)", call(image, matrix[0], (4, 4))
        yield ValueError, "padding_mode must be one of", call(image, matrix, (4, 4), padding_mode="fill")

    def oracle(self, input_tensor: Tensor, transform: Tensor, *args: Any, **options: Any) -> Any:
        matrices = transform.expand(len(input_tensor), *transform.shape[1:])
        return kornia.crop_by_transform_mat(input_tensor, matrices, *args, **options)

    @ALIGN
    def test_integer_shifts_are_exact(self, align_corners: bool) -> None:
        image = torch.randn(1, 3, 9, 11)
        shift = torch.tensor([[[1.0, 0.0, -3.0], [0.0, 1.0, -2.0]]])
        found = crop_by_transform_mat(image, shift, (4, 5), align_corners=align_corners)
        assert torch.equal(found, image[..., 2:6, 3:8])


class TestCenterCrop(Contract):
    operation = staticmethod(center_crop)

    def samples(self, make: Make) -> Iterator[Sample]:
        image = make.uniform(2, 3, 6, 7)
        for size in ((4, 3), (6, 7), (3, 4), (1, 1), (8, 9), (9, 2)):
            yield call(image, size)
            yield call(image, size, padding_mode="reflection", align_corners=False)
        yield call(image, (4, 3), "nearest")
        yield call(image[:0], (4, 3))

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        image = make.uniform(2, 3, 6, 7)
        yield TypeError, "input_tensor must have a floating-point dtype", call(image.long(), (2, 2))
        yield TypeError, "size must be a tuple of 2 integers", call(image, 2)
        yield ValueError, r"input_tensor must have shape \(B, C, H, W\)", call(image[0], (2, 2))
        yield ValueError, "mode must be one of", call(image, (2, 2), "cubic")

    def oracle(self, input_tensor: Tensor, size: tuple[int, int], *args: Any, **options: Any) -> Any:
        return kornia.center_crop(input_tensor, size, *args, **options)

    @KERNELS
    @ALIGN
    def test_whole_offsets_are_gathers(self, align_corners: bool, kernels: bool) -> None:
        image = torch.randn(2, 3, 9, 11)
        with use_kernels(kernels):
            for rows, columns in ((9, 11), (3, 5), (1, 1), (7, 11)):
                found = center_crop(image, (rows, columns), align_corners=align_corners)
                top, left = (9 - rows) // 2, (11 - columns) // 2
                assert torch.equal(found, image[..., top : top + rows, left : left + columns])

    @KERNELS
    def test_nearest_is_a_window_also_between_pixels(self, kernels: bool) -> None:
        """Kornia takes the columns 2, 4 and 5 of eight."""
        image = torch.arange(8.0).view(1, 1, 1, 8)
        with use_kernels(kernels):
            assert center_crop(image, (1, 3), mode="nearest").flatten().tolist() == [3.0, 4.0, 5.0]
