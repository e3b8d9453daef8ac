# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from foveal import use_kernels
from foveal.geometry.transform import crop_resample
from tests.contract import Contract, Make, Sample, call

KERNELS = pytest.mark.parametrize("kernels", [True, False], ids=["kernel", "reference"])
ALIGN = pytest.mark.parametrize("align_corners", [True, False], ids=["centres", "edges"])
NORMALIZED = pytest.mark.parametrize("normalized", [True, False], ids=["normalized", "pixels"])


def box_of(window: tuple[int, int, int, int], image: Tensor, normalized: bool, align_corners: bool) -> Tensor:
    """Return the box (1, 4) of the pixels (first column, first row, columns, rows) of an image."""
    left, top, columns, rows = window
    ends = torch.tensor([left, top, left + columns - align_corners, top + rows - align_corners], dtype=torch.float32)
    if not normalized:
        return ends[None]
    width, height = image.shape[3] - align_corners, image.shape[2] - align_corners
    return (2 * ends / torch.tensor([width, height, width, height]) - 1)[None]


class TestCropResample(Contract):
    operation = staticmethod(crop_resample)

    def samples(self, make: Make) -> Iterator[Sample]:
        image = make.uniform(2, 3, 5, 7)
        boxes = make.tensor([[-0.83, -0.61, 0.47, 0.92], [-0.21, -1.13, 1.34, 0.43]])
        yield call(image, boxes, (4, 3))
        yield call(image, boxes, (4, 3), align_corners=True)
        yield call(image, boxes.flip(-1), (3, 5))
        yield call(image, 2.3 * boxes, (4, 5), padding_mode="border")
        for align_corners in (True, False):
            yield call(image, 2.3 * boxes, (4, 5), padding_mode="reflection", align_corners=align_corners)
            yield call(image, boxes, (4, 5), mode="nearest", align_corners=align_corners)
            yield call(image, 3 * boxes + 3.31, (4, 3), normalized=False, align_corners=align_corners)
            yield call(image, boxes, (1, 1), align_corners=align_corners)
        yield call(image, torch.stack([boxes, boxes * 0.7, boxes + 0.31], dim=1), (2, 3))
        yield call(make.uniform(1, 2, 1, 6), make.tensor([[-0.71, -0.32, 0.53, 0.83]]), (3, 4))
        yield call(make.uniform(0, 3, 5, 7), make.uniform(0, 4), (4, 3))
        yield call(make.uniform(2, 3, 5, 7), make.uniform(2, 0, 4), (4, 3))

    def large(self, make: Make) -> Iterator[Sample]:
        corners = make.uniform(2, 23, 4, low=-1.1, high=1.1)
        image = make.uniform(2, 3, 37, 43)
        # The gradient to a box sums a thousand terms, times half the image's width: faint images keep it near one.
        yield call(image / 64, corners, (19, 23))
        yield call(image / 64, corners, (19, 23), align_corners=True, padding_mode="reflection")
        # Windows at the image's own scale: neighbours are slices, and some of them reach over the border.
        starts = make.uniform(2, 23, 2, low=-3.0, high=30.0)
        yield call(image, torch.cat([starts, starts + 17], dim=-1), (17, 17), normalized=False)
        yield call(image, torch.cat([starts, starts + 16], dim=-1), (17, 17), normalized=False, align_corners=True)

    def special(self, make: Make) -> Iterator[Sample]:
        image, one = make.uniform(1, 2, 4, 5), make.uniform(1, 2, 1, 1)
        whole, point = make.tensor([[-1.0, -1.0, 1.0, 1.0]]), make.tensor([[0.3, 0.3, 0.3, 0.3]])
        outside, nowhere = make.tensor([[5.0, 5.0, 7.0, 9.0]]), make.tensor([[0.0, torch.nan, 1.0, 1.0]])
        far = make.tensor([[-torch.inf, -1.0, torch.inf, 1.0]])
        for align_corners in (True, False):
            for padding_mode in ("zeros", "border", "reflection"):
                options = {"align_corners": align_corners, "padding_mode": padding_mode}
                for box in (whole, point, outside, nowhere, far):
                    yield call(image, box, (4, 5), **options)
                    yield call(image, box, (1, 1), **options)
                    yield call(one, box, (2, 1), **options)

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        image, boxes = make.uniform(2, 1, 4, 4), make.uniform(2, 4)
        yield TypeError, "image must be a torch.Tensor, got list", call([1.0], boxes, (2, 2))
        yield TypeError, "image must have a floating-point dtype", call(make.integers(0, 9, 2, 1, 4, 4), boxes, (2, 2))
        yield TypeError, "boxes must be a torch.Tensor, got list", call(image, [[0, 0, 1, 1]], (2, 2))
        yield TypeError, "size must be a tuple of 2 integers, got int", call(image, boxes, 2)
        yield ValueError, r"image must have shape \(B, C, H, W\), got \(1, 4, 4\)", call(image[0], boxes, (2, 2))
        yield ValueError, "image must have at least one pixel", call(image[:, :, :0], boxes, (2, 2))
        yield ValueError, r"boxes must have shape \(2, 4\), got \(1, 4\)", call(image, boxes[:1], (2, 2))
        yield (
            ValueError,
            r"boxes must have shape \(2, N, 4\), got \(2, 2, 5\)",
            call(image, boxes.new_zeros(2, 2, 5), (2, 2)),
        )
        yield (
            ValueError,
            "mode must be one of 'bilinear', 'nearest', got 'cubic'",
            call(image, boxes, (2, 2), mode="cubic"),
        )
        yield ValueError, "padding_mode must be one of .*, got 'fill'", call(image, boxes, (2, 2), padding_mode="fill")

    def oracle(
        self,
        image: Tensor,
        boxes: Tensor,
        size: tuple[int, int],
        normalized: bool = True,
        align_corners: bool = False,
        mode: str = "bilinear",
        padding_mode: str = "zeros",
    ) -> Any:
        if 0 in boxes.shape:
            return NotImplemented
        if boxes.ndim == 3:
            options = (size, normalized, align_corners, mode, padding_mode)
            return torch.stack([self.oracle(image, column, *options) for column in boxes.unbind(1)], dim=1)
        if not normalized:
            sides = torch.tensor([image.shape[3], image.shape[2]] * 2, dtype=boxes.dtype) - int(align_corners)
            boxes = 2 * boxes / sides - 1
        left, top, right, bottom = boxes.unbind(-1)
        zero = torch.zeros_like(left)
        x = torch.stack([(right - left) / 2, zero, (right + left) / 2], dim=-1)
        y = torch.stack([zero, (bottom - top) / 2, (bottom + top) / 2], dim=-1)
        grid = functional.affine_grid(torch.stack([x, y], dim=1), [*image.shape[:2], *size], align_corners)
        return functional.grid_sample(image, grid, mode, padding_mode, align_corners)

    @KERNELS
    @ALIGN
    @NORMALIZED
    @pytest.mark.parametrize("precision", [torch.float16, torch.bfloat16, torch.float32, torch.float64], ids=str)
    def test_the_whole_image_is_itself(
        self, normalized: bool, align_corners: bool, kernels: bool, precision: torch.dtype
    ) -> None:
        for height, width in ((1, 1), (1, 9), (7, 1), (13, 17), (33, 64)):
            image = torch.randn(2, 3, height, width, dtype=precision)
            box = box_of((0, 0, width, height), image, False, align_corners).repeat(2, 1)
            if normalized:
                box = torch.tensor([[-1.0, -1.0, 1.0, 1.0]]).repeat(2, 1)
            with use_kernels(kernels):
                crop = crop_resample(image, box, (height, width), normalized=normalized, align_corners=align_corners)
            assert crop.dtype == precision
            assert torch.equal(crop, image)

    @KERNELS
    @ALIGN
    @NORMALIZED
    def test_windows_of_pixels_are_gathers(self, normalized: bool, align_corners: bool, kernels: bool) -> None:
        """Also where the pixels around them are infinite or NaN, and at every place of a wide image."""
        height, width, rows, columns = 11, 1917, 4, 5
        image = torch.randn(1, 2, height, width)
        for left in [*range(40), *range(1000, 1040), width - columns - 1, width - columns]:
            for top in (0, 3, height - rows):
                window = image[..., top : top + rows, left : left + columns]
                around = torch.full_like(image, torch.nan if left % 2 else torch.inf)
                around[..., top : top + rows, left : left + columns] = window
                box = box_of((left, top, columns, rows), image, normalized, align_corners)
                with use_kernels(kernels):
                    crop = crop_resample(
                        around, box, (rows, columns), normalized=normalized, align_corners=align_corners
                    )
                assert torch.equal(crop, window), (left, top)

    @KERNELS
    def test_integer_boxes_in_pixels(self, kernels: bool) -> None:
        image = torch.randn(1, 2, 9, 8)
        with use_kernels(kernels):
            edges = crop_resample(image, torch.tensor([[2, 1, 6, 8]]), (7, 4), normalized=False)
            centres = crop_resample(image, torch.tensor([[2, 1, 5, 7]]), (7, 4), normalized=False, align_corners=True)
        assert torch.equal(edges, image[..., 1:8, 2:6])
        assert torch.equal(centres, image[..., 1:8, 2:6])

    @KERNELS
    @ALIGN
    def test_mirrored_box(self, align_corners: bool, kernels: bool) -> None:
        image = torch.randn(1, 2, 6, 9)
        box = torch.tensor([[1.0, -1.0, -1.0, 1.0]])
        with use_kernels(kernels):
            assert torch.equal(crop_resample(image, box, (6, 9), align_corners=align_corners), image.flip(-1))

    @ALIGN
    def test_whole_image_to_another_size_is_interpolation(self, align_corners: bool) -> None:
        image = torch.randn(2, 3, 12, 17)
        whole = torch.tensor([[-1.0, -1.0, 1.0, 1.0]]).repeat(2, 1)
        for size in ((24, 34), (7, 9), (12, 40), (100, 3)):
            crop = crop_resample(image, whole, size, align_corners=align_corners, padding_mode="border")
            expected = functional.interpolate(image, size, mode="bilinear", align_corners=align_corners)
            torch.testing.assert_close(crop, expected, atol=1e-5, rtol=1e-5)

    @KERNELS
    def test_one_row_or_column_with_aligned_corners_is_the_middle(self, kernels: bool) -> None:
        image = torch.arange(35.0).view(1, 1, 5, 7)
        box = torch.tensor([[1.0, 1.0, 4.0, 3.0]])
        with use_kernels(kernels):
            crop = crop_resample(image, box, (1, 1), normalized=False, align_corners=True)
        assert crop.item() == 2 * 7 + 2.5

    @KERNELS
    def test_nearest_between_two_pixels_takes_the_greater(self, kernels: bool) -> None:
        image = torch.arange(8.0).view(1, 1, 1, 8)
        box = torch.tensor([[1.5, 0.0, 4.5, 0.0]])
        with use_kernels(kernels):
            crop = crop_resample(image, box, (1, 4), normalized=False, align_corners=True, mode="nearest")
        assert crop.flatten().tolist() == [2.0, 3.0, 4.0, 5.0]

    @KERNELS
    @ALIGN
    def test_gradient_to_the_box_of_a_slope(self, align_corners: bool, kernels: bool) -> None:
        """On 3 x + 5 y every pixel moves by its share of a corner, whether the box lies on pixels or between them."""
        y, x = torch.meshgrid(torch.arange(20.0), torch.arange(30.0), indexing="ij")
        image = (3 * x + 5 * y)[None, None]
        rows, columns = 4, 6
        for shift in (0.0, 0.37):
            window = box_of((7, 9, columns, rows), image, False, align_corners) + shift
            box = window.requires_grad_()
            with use_kernels(kernels):
                crop = crop_resample(image, box, (rows, columns), normalized=False, align_corners=align_corners)
            weight = torch.rand_like(crop)
            (gradient,) = torch.autograd.grad((crop * weight).sum(), box)
            if align_corners:
                u, v = torch.linspace(0, 1, columns), torch.linspace(0, 1, rows)[:, None]
            else:
                u, v = (torch.arange(columns) + 0.5) / columns, (torch.arange(rows)[:, None] + 0.5) / rows
            expected = [3 * (weight * (1 - u)).sum(), 5 * (weight * (1 - v)).sum()]
            expected += [3 * (weight * u).sum(), 5 * (weight * v).sum()]
            torch.testing.assert_close(gradient[0], torch.stack(expected))

    @KERNELS
    def test_a_box_that_holds_nan_is_zero_and_leaves_the_others_alone(self, kernels: bool) -> None:
        image = torch.rand(1, 1, 5, 5, requires_grad=True)
        boxes = torch.tensor([[[0.0, torch.nan, 4.0, 4.0], [0.0, 0.0, 4.0, 4.0]]])
        with use_kernels(kernels):
            crops = crop_resample(image, boxes, (5, 5), normalized=False, align_corners=True)
        (gradient,) = torch.autograd.grad(crops.sum(), image)
        assert not crops[0, 0].any()
        assert torch.equal(crops[0, 1], image[0])
        assert torch.equal(gradient, torch.ones_like(image))

    def test_the_gradient_to_the_image_does_not_depend_on_the_threads(self) -> None:
        image = torch.rand(1, 2, 60, 70)
        boxes = torch.rand(1, 200, 4) * 2 - 1
        found, before = [], torch.get_num_threads()
        for threads in (1, 2, 3, 2):
            torch.set_num_threads(threads)
            leaf, box = image.clone().requires_grad_(), boxes.clone().requires_grad_()
            crop = crop_resample(leaf, box, (15, 16))
            found.append(torch.autograd.grad((crop * crop).sum(), (leaf, box)))
        torch.set_num_threads(before)
        for gradients in found[1:]:
            assert all(torch.equal(a, b) for a, b in zip(gradients, found[0], strict=True))

    def test_an_expanded_image_is_not_copied(self) -> None:
        # A copy would take 1.2 terabytes.
        image = torch.rand(1, 1, 1000, 1000).expand(300_000, 1, 1000, 1000)
        boxes = torch.tensor([[3, 2, 4, 3]]).expand(300_000, 4)
        crops = crop_resample(image, boxes, (1, 1), normalized=False)
        assert torch.equal(crops, image[..., 2:3, 3:4])
