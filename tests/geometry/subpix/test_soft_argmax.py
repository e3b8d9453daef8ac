# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator

import kornia
import torch
from torch import Tensor

from foveal.geometry.subpix import (
    SpatialSoftArgmax2d,
    spatial_expectation2d,
    spatial_soft_argmax2d,
    spatial_softmax2d,
)
from tests.contract import Contract, Make, Sample, call


class TestSpatialSoftmax2d(Contract):
    operation = staticmethod(spatial_softmax2d)
    oracle = staticmethod(kornia.geometry.subpix.spatial_softmax2d)

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(make.normal(2, 3, 5, 7))
        yield call(make.normal(1, 2, 4, 4), temperature=2.5)
        yield call(make.normal(1, 2, 1, 1), temperature=make.tensor(0.5))
        yield call(make.normal(0, 2, 3, 3))

    def special(self, make: Make) -> Iterator[Sample]:
        yield call(make.tensor(torch.zeros(1, 1, 3, 3)))
        yield call(make.tensor([[[[-1000.0, 1000.0]]]]))

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        yield TypeError, "input must be a torch.Tensor, got list", call([1.0])
        yield (
            TypeError,
            "input must have a floating-point dtype, got torch.int64",
            call(make.integers(0, 2, 1, 1, 3, 3)),
        )
        if self.operation is not spatial_expectation2d:
            yield ValueError, "temperature must be positive, got -1", call(make.normal(1, 1, 3, 3), -1)
        yield ValueError, r"input must have shape \(B, C, H, W\), got \(3, 3\)", call(make.normal(3, 3))


class TestSpatialExpectation2d(TestSpatialSoftmax2d):
    operation = staticmethod(spatial_expectation2d)
    # Means of coordinates up to the size of the map.
    tolerance = {**Contract.tolerance, torch.bfloat16: 8e-2}

    def oracle(self, input: Tensor, normalized_coordinates: bool = True, **options: bool) -> Tensor:
        if options or 1 in input.shape[-2:]:
            return NotImplemented
        return kornia.geometry.subpix.spatial_expectation2d(input, normalized_coordinates)

    def samples(self, make: Make) -> Iterator[Sample]:
        for options in ({}, {"normalized_coordinates": False}, {"normalize": True}, {"align_corners": False}):
            yield call(make.uniform(2, 3, 5, 7) / 35, **options)
        yield call(make.uniform(1, 1, 1, 1))
        yield call(make.uniform(0, 2, 3, 3))

    def special(self, make: Make) -> Iterator[Sample]:
        yield call(make.tensor(torch.zeros(1, 1, 3, 3)))

    def test_align_corners_false_is_cell_centred(self) -> None:
        # A one at the last of four pixels: corner-aligned 1, cell-centred 3/4.
        heatmap = torch.tensor([[[[0.0, 0.0, 0.0, 1.0]]]])
        assert spatial_expectation2d(heatmap)[0, 0].tolist() == [1.0, 0.0]
        assert spatial_expectation2d(heatmap, align_corners=False)[0, 0].tolist() == [0.75, 0.0]

    def test_corner_aligned_is_wider_by_size_over_size_minus_one(self) -> None:
        heatmap = torch.rand(1, 2, 6, 9).flatten(2).softmax(-1).view(1, 2, 6, 9)
        cell_centred = spatial_expectation2d(heatmap, align_corners=False)
        torch.testing.assert_close(spatial_expectation2d(heatmap), cell_centred * torch.tensor([9 / 8, 6 / 5]))

    def test_normalize_takes_any_scale(self) -> None:
        heatmap = torch.rand(2, 3, 8, 8)
        expected = spatial_expectation2d(heatmap / heatmap.sum((-2, -1), keepdim=True), False)
        torch.testing.assert_close(spatial_expectation2d(heatmap * 1000, False, normalize=True), expected)


class TestSpatialSoftArgmax2d(TestSpatialSoftmax2d):
    operation = staticmethod(spatial_soft_argmax2d)
    module_form = SpatialSoftArgmax2d
    tolerance = {**Contract.tolerance, torch.bfloat16: 8e-2}

    def oracle(self, input: Tensor, *args: object, **options: object) -> Tensor:
        if 1 in input.shape[-2:]:
            return NotImplemented
        return kornia.geometry.subpix.spatial_soft_argmax2d(input, *args, **options)

    def samples(self, make: Make) -> Iterator[Sample]:
        yield from super().samples(make)
        yield call(make.normal(2, 3, 5, 7), normalized_coordinates=False)
        yield call(make.normal(1, 2, 4, 4), 2.5, False)

    def large(self, make: Make) -> Iterator[Sample]:
        yield call(make.normal(4, 5, 65, 67), temperature=3.0)
        yield call(make.normal(4, 5, 65, 67), normalized_coordinates=False)

    def test_largest_score_in_any_chunk(self) -> None:
        # A map of many chunks, its scores rising and falling by far more than an exponential spans.
        heatmap = torch.randn(2, 3, 90, 77)
        for index, (row, column) in enumerate([(0, 0), (89, 76), (45, 3), (13, 76), (14, 0), (60, 40)]):
            heatmap.view(6, 90, 77)[index, row, column] = 1000 * (index + 1)
            torch.testing.assert_close(
                spatial_soft_argmax2d(heatmap, normalized_coordinates=False).view(6, 2)[index],
                torch.tensor([column, row], dtype=torch.float32),
            )

    def test_masked_and_broken_maps(self) -> None:
        heatmap = torch.zeros(1, 5, 40, 41)
        heatmap[0, 0, :39] = -torch.inf  # all but the last row: the first chunk has no finite score
        heatmap[0, 1] = -torch.inf
        heatmap[0, 2, 39, 40] = torch.nan
        heatmap[0, 3, 5, 5] = torch.inf
        found = spatial_soft_argmax2d(heatmap, normalized_coordinates=False)
        torch.testing.assert_close(found, spatial_soft_argmax2d.reference(heatmap, None, False), equal_nan=True)
        assert found[0, 0].tolist() == [20.0, 39.0]
        assert found.isfinite().all(-1).tolist() == [[True, False, False, False, True]]

    def test_one_pixel_maps_are_at_their_pixel(self) -> None:
        assert spatial_soft_argmax2d(torch.rand(1, 1, 1, 1), normalized_coordinates=False).tolist() == [[[0.0, 0.0]]]
        assert spatial_soft_argmax2d(torch.rand(1, 1, 1, 1)).tolist() == [[[0.0, 0.0]]]
