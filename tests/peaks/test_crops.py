# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from scipy.ndimage import map_coordinates
from torch import Tensor

from foveal.peaks import crop_bboxes, crop_centered_boxes, make_centered_bboxes
from tests.contract import Contract, Make, Sample, call


def cut(image: Tensor, left: float, top: float, height: int, width: int) -> np.ndarray:
    """Sample one plane on a grid of whole steps, with zeros outside."""
    rows, columns = np.mgrid[:height, :width]
    return map_coordinates(image.numpy(), [rows + top, columns + left], order=1, mode="grid-constant")


class TestMakeCenteredBboxes(Contract):
    operation = staticmethod(make_centered_bboxes)

    def oracle(self, centroids: Tensor, box_height: int, box_width: int) -> Tensor:
        corners = [
            [[x + sx * (box_width - 1) / 2, y + sy * (box_height - 1) / 2] for sx, sy in SIGNS]
            for x, y in centroids.tolist()
        ]
        return torch.tensor(corners, dtype=centroids.dtype).view(-1, 4, 2)

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(make.uniform(5, 2, high=30), 5, 7)
        yield call(make.uniform(3, 2, high=30), 4, 1)
        yield call(make.uniform(0, 2), 3, 3)

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        yield TypeError, "centroids must have a floating-point dtype", call(make.integers(0, 9, 3, 2), 3, 3)
        yield ValueError, r"centroids must have shape \(n, 2\)", call(make.normal(3, 3), 3, 3)
        yield ValueError, "box_height must be positive, got 0", call(make.normal(3, 2), 0, 3)
        yield ValueError, "box_width must be positive, got -1", call(make.normal(3, 2), 3, -1)

    def test_opposite_corners_are_a_side_less_one_apart(self) -> None:
        corners = make_centered_bboxes(torch.tensor([[10.0, 20.0]]), 5, 9)[0].tolist()
        assert corners == [[6.0, 18.0], [14.0, 18.0], [14.0, 22.0], [6.0, 22.0]]


SIGNS = ((-1, -1), (1, -1), (1, 1), (-1, 1))


class TestCropBboxes(Contract):
    operation = staticmethod(crop_bboxes)

    def oracle(
        self, images: Tensor, bboxes: Tensor, sample_inds: Tensor, *, crop_size: tuple[int, int] | None = None
    ) -> Any:
        if not len(bboxes) or not images.shape[1]:
            return NotImplemented
        spans = bboxes[0, 2] - bboxes[0, 0]
        height, width = crop_size or (round(spans[1].item()) + 1, round(spans[0].item()) + 1)
        planes = [
            [cut(plane, corners[0, 0].item(), corners[0, 1].item(), height, width) for plane in images[sample]]
            for corners, sample in zip(bboxes, sample_inds.long(), strict=True)
        ]
        return torch.tensor(np.array(planes))

    def samples(self, make: Make) -> Iterator[Sample]:
        images, index = make.uniform(2, 2, 9, 7), make.integers(0, 2, 6)
        corners = make.uniform(6, 1, 2, low=-3, high=8).repeat(1, 4, 1)
        yield call(images, corners, index, crop_size=(3, 4))
        yield call(images, corners, index.int(), crop_size=(1, 1))
        yield call(images[..., :1], corners.round().floor() + 0.5, index, crop_size=(2, 5))
        yield call(images, corners[:0], index[:0], crop_size=(3, 4))
        yield call(images[:, :0], corners, index, crop_size=(3, 4))

    def large(self, make: Make) -> Iterator[Sample]:
        centroids = make.uniform(300, 2, low=-10, high=130)
        yield call(make.uniform(3, 2, 90, 120), make_centered_bboxes(centroids, 17, 24), make.integers(0, 3, 300))

    def special(self, make: Make) -> Iterator[Sample]:
        corners = make.tensor([[0, 0], [float("nan"), 1], [1e4, -1e4], [float("inf"), 0], [-float("inf"), 3]])
        index = make.integers(0, 2, 5)
        yield call(make.uniform(2, 1, 5, 5), corners[:, None].expand(5, 4, 2), index, crop_size=(3, 3))

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        images, boxes, index = make.uniform(2, 1, 5, 5), make.uniform(3, 4, 2), make.integers(0, 2, 3)
        yield TypeError, "images must have a floating-point dtype", call(images.long(), boxes, index)
        yield ValueError, r"images must have shape \(samples, chan", call(images[0], boxes, index)
        yield ValueError, r"bboxes must have shape \(n, 4, 2\)", call(images, boxes[:, :2], index)
        yield TypeError, "sample_inds must have an integer dtype", call(images, boxes, index.float())
        yield ValueError, r"sample_inds must have shape \(3\)", call(images, boxes, index[:2])
        yield ValueError, "crop_size must be 2 integers", call(images, boxes, index, crop_size=(3, -1))
        yield ValueError, "bboxes must start with a finite box", call(images, boxes * float("nan"), index)
        yield IndexError, "out of (bounds|range)|index 2 is", call(images, boxes, index + 2, crop_size=(3, 3))


class TestCropBboxesOfTheFirstBoxsSize(TestCropBboxes):
    """The form that reads the size off the first box, and so cannot compile."""

    fixed_shape = False
    operation = staticmethod(crop_bboxes)

    def samples(self, make: Make) -> Iterator[Sample]:
        images, index = make.uniform(2, 2, 9, 7), make.integers(0, 2, 6)
        centroids = make.uniform(6, 2, low=-3, high=8)
        yield call(images, make_centered_bboxes(centroids, 3, 4), index)
        yield call(images, make_centered_bboxes(centroids, 1, 1), index)

    def special(self, make: Make) -> Iterator[Sample]:
        yield call(make.uniform(2, 1, 5, 5), make.tensor([[[0, 0], [2, 0], [2, 2], [0, 2]]]), make.integers(0, 2, 1))


class TestCropCenteredBoxes(Contract):
    operation = staticmethod(crop_centered_boxes)
    # A subscript of 8.7 is known to 1/32 in bfloat16, and the pixels beside it differ by up to one.
    tolerance = {**Contract.tolerance, torch.bfloat16: 6e-2, torch.float16: 1e-2}

    def oracle(self, img: Tensor, peaks: Tensor, window_length: int) -> Any:
        if not len(peaks):
            return NotImplemented
        half = (window_length - 1) / 2
        windows = [
            [cut(img[round(sample), round(channel)], column - half, row - half, window_length, window_length)]
            for sample, row, column, channel in peaks.tolist()
        ]
        return torch.tensor(np.array(windows))

    def samples(self, make: Make) -> Iterator[Sample]:
        maps, peaks = make.uniform(2, 2, 9, 7), self.peaks(make, 6, 2, 2)
        yield call(maps, peaks.long(), 3)
        yield call(maps, peaks.long(), 4)
        yield call(maps, peaks.int()[:0], 5)

    def large(self, make: Make) -> Iterator[Sample]:
        yield call(make.uniform(2, 3, 64, 80), self.peaks(make, 200, 2, 3, 80).long(), 5)

    def peaks(self, make: Make, count: int, samples: int, channels: int, high: int = 8) -> Tensor:
        index, places = make.integers(0, samples, count), make.uniform(count, 2, low=-1, high=high)
        return torch.stack([index.to(places), *places.T, make.integers(0, channels, count).to(places)], dim=-1)

    def special(self, make: Make) -> Iterator[Sample]:
        yield call(make.uniform(1, 1, 5, 5), make.tensor([[0, float("nan"), 2, 0], [0, 1e4, 1, 0]]), 3)

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        maps, peaks = make.uniform(2, 1, 5, 5), make.integers(0, 1, 3, 4)
        yield TypeError, "img must have a floating-point dtype, got torch.int64", call(maps.long(), peaks, 3)
        yield TypeError, "peaks must be a torch.Tensor, got list", call(maps, [[0, 1, 1, 0]], 3)
        yield ValueError, r"peaks must have shape \(n, 4\), got \(3, 3\)", call(maps, peaks[:, :3], 3)
        yield ValueError, "window_length must be positive, got 0", call(maps, peaks, 0)


class TestCropCenteredBoxesAtFractions(TestCropCenteredBoxes):
    """Subscripts of a floating dtype: those of sample and channel must stay whole, so these calls cannot be vmapped."""

    fixed_shape = False
    operation = staticmethod(crop_centered_boxes)

    def samples(self, make: Make) -> Iterator[Sample]:
        maps, peaks = make.uniform(2, 2, 9, 7), self.peaks(make, 6, 2, 2)
        yield call(maps, peaks, 3)
        yield call(maps, peaks, 4)
        yield call(maps, peaks + 0.01, 1)


class TestCrops:
    @pytest.mark.parametrize(
        "dtype", [torch.float32, torch.float64, torch.float16, torch.bfloat16, torch.uint8], ids=str
    )
    def test_integer_boxes_are_gathers(self, dtype: torch.dtype) -> None:
        images = (torch.rand(2, 3, 40, 50) * 255).to(dtype)
        centroids = torch.tensor([[10.0, 12.0], [30.0, 25.0]])
        crops = crop_bboxes(images, make_centered_bboxes(centroids, 7, 9), torch.tensor([1, 0]))
        assert torch.equal(crops, torch.stack([images[1, :, 9:16, 6:15], images[0, :, 22:29, 26:35]]))

    def test_outside_is_zero(self) -> None:
        crops = crop_bboxes(torch.ones(1, 1, 4, 4), make_centered_bboxes(torch.zeros(1, 2), 3, 3), torch.tensor([0]))
        assert crops.tolist() == [[[[0, 0, 0], [0, 1, 1], [0, 1, 1]]]]

    def test_no_boxes_give_no_crops(self) -> None:
        images, boxes, index = torch.rand(2, 3, 8, 8), torch.zeros(0, 4, 2), torch.zeros(0, dtype=torch.int64)
        assert crop_bboxes(images, boxes, index).shape == (0, 3, 0, 0)
        assert crop_bboxes(images, boxes, index, crop_size=(5, 4)).shape == (0, 3, 5, 4)

    def test_images_without_pixels_give_zeros(self) -> None:
        crops = crop_bboxes(torch.rand(1, 2, 0, 5), torch.zeros(3, 4, 2), torch.tensor([0, 0, 0]), crop_size=(2, 2))
        assert torch.equal(crops, torch.zeros(3, 2, 2, 2))

    def test_bytes_are_rounded(self) -> None:
        images = torch.tensor([[[[0, 100, 201]]]], dtype=torch.uint8)
        corners = torch.tensor([[[0.25, 0.0]]]).expand(1, 4, 2)
        assert crop_bboxes(images, corners, torch.tensor([0]), crop_size=(1, 2)).tolist() == [[[[25, 125]]]]

    def test_gradient_moves_a_box_onto_its_template(self) -> None:
        y, x = torch.meshgrid(torch.arange(30.0), torch.arange(30.0), indexing="ij")
        image = torch.exp(-((x - 16) ** 2 + (y - 14) ** 2) / 18)[None, None]
        where = torch.tensor([[16.3, 13.6]])
        template = crop_bboxes(image, make_centered_bboxes(where, 9, 9), torch.tensor([0]))
        centroid = torch.tensor([[14.0, 15.0]])
        for _ in range(100):
            centroid.requires_grad_()
            crop = crop_bboxes(image, make_centered_bboxes(centroid, 9, 9), torch.tensor([0]))
            (gradient,) = torch.autograd.grad(((crop - template) ** 2).mean(), centroid)
            centroid = (centroid - 20 * gradient).detach()
        torch.testing.assert_close(centroid, where, atol=1e-3, rtol=0)

    def test_gradient_reaches_rows_and_columns(self) -> None:
        ramp = (torch.arange(9.0, dtype=torch.float64)[:, None] * 2 + torch.arange(9.0)[None]).view(1, 1, 9, 9)
        peaks = torch.tensor([[0, 4.3, 3.6, 0]], dtype=torch.float64, requires_grad=True)
        (gradient,) = torch.autograd.grad(crop_centered_boxes(ramp, peaks, 3).sum(), peaks)
        torch.testing.assert_close(gradient, gradient.new_tensor([[0, 18, 9, 0]]))
