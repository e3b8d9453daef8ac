# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from foveal.peaks import (
    find_local_peaks,
    find_local_peaks_integral,
    find_local_peaks_rough,
    find_local_peaks_with_offsets,
)
from foveal.peaks.refinement import REFINEMENTS
from tests.contract import Contract, Make, Sample, call
from tests.peaks.scenes import gaussians, refined, regional_maxima

BOTH = pytest.mark.parametrize("find", [find_local_peaks, find_local_peaks.reference], ids=["kernel", "reference"])


def scene(make: Make, height: int = 11, width: int = 14) -> Tensor:
    """Return one sample of two channels, two Gaussians each that do not touch."""
    centres = [(2.3, 3.4), (10.2, 6.3), (3.2, 7.1), (9.8, 2.4)]
    return make.tensor(gaussians(centres, 0.7, height, width).view(1, 2, 2, height, width).amax(dim=2))


class TestFindLocalPeaks(Contract):
    operation = staticmethod(find_local_peaks)
    fixed_shape = False
    widened = (0,)

    def oracle(
        self,
        cms: Tensor,
        threshold: float = 0.2,
        refinement: str | None = None,
        integral_patch_size: int = 5,
        max_peaks: int | None = None,
        window: int = 25,
    ) -> tuple[np.ndarray, ...]:
        rows = []
        for sample, channel in np.ndindex(*cms.shape[:2]):
            scores = cms[sample, channel].numpy()
            for row, column in regional_maxima(scores, threshold):
                x, y = refined(scores, row, column, refinement, integral_patch_size)
                rows.append((sample, row, column, channel, x, y, scores[row, column]))
        table = np.array(sorted(rows)).reshape(-1, 7)
        if max_peaks is None:
            return table[:, 4:6], table[:, 6], table[:, 0], table[:, 3]
        points, values = np.full((*cms.shape[:2], max_peaks, 2), np.nan), np.zeros((*cms.shape[:2], max_peaks))
        indices = np.full((2, *cms.shape[:2], max_peaks), -1)
        for sample, channel in np.ndindex(*cms.shape[:2]):
            here = table[(table[:, 0] == sample) & (table[:, 3] == channel)]
            here = here[np.argsort(-here[:, 6], kind="stable")][:max_peaks]
            points[sample, channel, : len(here)] = here[:, 4:6]
            values[sample, channel, : len(here)] = here[:, 6]
            indices[:, sample, channel, : len(here)] = [[sample], [channel]]
        return points, values, *indices

    def samples(self, make: Make) -> Iterator[Sample]:
        for refinement in ("log_quadratic", *REFINEMENTS):
            yield call(scene(make), refinement=refinement)
        yield call(scene(make), 0.1, "integral", 3)
        yield call(make.uniform(2, 3, 5, 7), 0.5)
        yield call(make.uniform(1, 2, 1, 9), 0.0)
        yield call(make.uniform(1, 1, 1, 1), 0.0)
        yield call(make.uniform(1, 1, 4, 4) - 2)
        yield call(make.uniform(0, 2, 3, 3), refinement="gaussian")
        yield call(make.uniform(2, 0, 3, 3), refinement="quadratic")

    def large(self, make: Make) -> Iterator[Sample]:
        for refinement in (None, "local", "integral"):
            yield call(make.uniform(2, 2, 63, 41), refinement=refinement)
        # Plateaus of every shape but long winding ones.
        yield call((make.uniform(2, 3, 65, 67) * 12).round() / 12, 0.0)
        yield call(make.normal(1, 1, 100, 201), 1.0)

    def special(self, make: Make) -> Iterator[Sample]:
        maps = torch.zeros(1, 4, 6, 6)  # nothing, a flat map, a negative one, a plateau
        maps[:, 1], maps[:, 2], maps[:, 3, 2:4, 2:5] = 1.0, -1.0, 1.0
        for refinement in REFINEMENTS:
            yield call(make.tensor(maps), -2.0, refinement)

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        maps = make.uniform(1, 1, 5, 5)
        yield TypeError, "cms must have a floating-point dtype, got torch.int64", call(maps.long())
        yield ValueError, r"cms must have shape \(samples, channels, height, width\)", call(maps[0])
        yield ValueError, "height and width of cms must be 2 integers of at least 1", call(maps[..., :0])
        if self.operation is find_local_peaks:
            yield ValueError, "refinement must be one of None, 'integral'.*got 'dark'", call(maps, refinement="dark")
            yield ValueError, "integral_patch_size must be an odd .* got 4", call(maps, integral_patch_size=4)
            yield ValueError, "window must be an odd integer of at least 3, got 8", call(maps, window=8)
            yield ValueError, "max_peaks must be None or an integer of at least 1, got 0", call(maps, max_peaks=0)
            yield TypeError, "max_peaks must be None or an integer .* got float", call(maps, max_peaks=2.0)


class TestFindLocalPeaksPadded(TestFindLocalPeaks):
    operation = staticmethod(find_local_peaks)
    fixed_shape = True

    def samples(self, make: Make) -> Iterator[Sample]:
        for refinement in ("log_quadratic", *REFINEMENTS):
            yield call(scene(make), refinement=refinement, max_peaks=2)
        yield call(make.uniform(1, 2, 9, 9), 0.0, max_peaks=1)
        # Places stay empty, which gradcheck could not take: its samples are smaller.
        yield call(make.uniform(2, 3, 9, 11), 0.7, "integral", max_peaks=9)
        yield call(make.uniform(300, 1, 1, 2), 0.5, max_peaks=5)
        yield call(make.uniform(0, 1, 3, 3), max_peaks=5)

    def large(self, make: Make) -> Iterator[Sample]:
        yield call(make.uniform(3, 4, 63, 41), max_peaks=3)
        yield call(make.uniform(3, 4, 63, 41), 0.98, max_peaks=30)
        # Many peaks of equal height: of these the first in raster order.
        yield call((make.uniform(2, 3, 65, 67) * 12).round() / 12, 0.0, max_peaks=20)

    def special(self, make: Make) -> Iterator[Sample]:
        yield call(make.tensor(torch.ones(1, 1, 5, 5)), max_peaks=1)


class TestFindLocalPeaksRough(TestFindLocalPeaks):
    operation = staticmethod(find_local_peaks_rough)

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(make.uniform(2, 3, 5, 7))
        yield call(make.uniform(1, 2, 2, 2), 0.0)
        yield call(make.uniform(0, 2, 3, 3), 0.0)

    def large(self, make: Make) -> Iterator[Sample]:
        yield call(make.uniform(3, 4, 63, 65))

    def special(self, make: Make) -> Iterator[Sample]:
        yield call(make.tensor(torch.ones(1, 1, 5, 5)))


class TestFindLocalPeaksIntegral(TestFindLocalPeaks):
    operation = staticmethod(find_local_peaks_integral)

    def oracle(self, cms: Tensor, crop_size: int = 5, threshold: float = 0.2) -> tuple[np.ndarray, ...]:
        return super().oracle(cms, threshold, "integral", crop_size)

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(scene(make))
        yield call(scene(make), 3, 0.5)

    def large(self, make: Make) -> Iterator[Sample]:
        yield call(make.uniform(3, 4, 63, 41))

    def special(self, make: Make) -> Iterator[Sample]:
        yield call(make.tensor(torch.zeros(1, 1, 5, 5)), threshold=-1.0)


class TestFindLocalPeaksWithOffsets(TestFindLocalPeaks):
    operation = staticmethod(find_local_peaks_with_offsets)

    def oracle(self, cms: Tensor, offsets: Tensor, threshold: float = 0.2) -> tuple[np.ndarray, ...]:
        points, values, samples, channels = super().oracle(cms, threshold)
        for point, sample, channel in zip(points, samples.astype(int), channels.astype(int), strict=True):
            column, row = point.astype(int)
            point += offsets[sample, 2 * channel : 2 * channel + 2, row, column].numpy()
        return points, values, samples, channels

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(make.uniform(2, 2, 5, 7), make.normal(2, 4, 5, 7))
        yield call(make.uniform(0, 2, 5, 7), make.normal(0, 4, 5, 7))

    def large(self, make: Make) -> Iterator[Sample]:
        yield call(make.normal(3, 5, 33, 35), make.normal(3, 10, 33, 35), 1.0)

    def special(self, make: Make) -> Iterator[Sample]:
        yield call(make.tensor(torch.ones(1, 1, 3, 3)), make.tensor(torch.ones(1, 2, 3, 3)))

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        maps = make.uniform(1, 1, 5, 5)
        for exception, pattern, sample in super().invalid(make):
            yield exception, pattern, call(*sample.args, maps.repeat(1, 2, 1, 1))
        yield ValueError, r"offsets must have shape \(1, 2, 5, 5\), got \(1, 1, 5, 5\)", call(maps, maps)


PLATEAUS = {
    "two in a row": ["##"],
    "two in a column": ["#", "#"],
    "two on a diagonal": ["#.", ".#"],
    "two on the other diagonal": [".#", "#."],
    "three in a row": ["###"],
    "two by two": ["##", "##"],
    "three by three": ["###", "###", "###"],
    "a horseshoe": ["#.#", "#.#", ".#."],
    "a ring": ["###", "#.#", "###"],
    "a long line": ["#" * 12],
    "a disc": ["...######...", ".##########.", *["#" * 12] * 6, ".##########.", "...######..."],
    "stairs to the left": ["....##", "..###.", "###..."],
}  # fmt: skip


class TestPlateaus:
    @BOTH
    @pytest.mark.parametrize("shape", PLATEAUS.values(), ids=PLATEAUS.keys())
    def test_a_plateau_is_one_peak_at_its_first_pixel(self, find: Any, shape: list[str]) -> None:
        cells = torch.tensor([[cell == "#" for cell in line] for line in shape], dtype=torch.float32)
        for top, left in ((0, 0), (2, 3), (20 - cells.shape[0], 20 - cells.shape[1])):
            cms = torch.zeros(1, 1, 20, 20)
            cms[0, 0, top : top + cells.shape[0], left : left + cells.shape[1]] = cells
            assert find(cms)[0].tolist() == [[left + shape[0].index("#"), top]]

    @BOTH
    def test_a_plateau_on_the_way_up_is_no_peak(self, find: Any) -> None:
        cms = torch.zeros(1, 1, 5, 9)
        cms[0, 0, 2, 1:8] = torch.tensor([0.2, 0.5, 0.5, 0.5, 0.9, 0.5, 0.5])
        assert find(cms)[0].tolist() == [[5.0, 2.0]]

    @BOTH
    def test_a_flat_map_is_one_peak(self, find: Any) -> None:
        assert find(torch.ones(1, 1, 50, 40))[0].tolist() == [[0.0, 0.0]]

    @BOTH
    @pytest.mark.parametrize("sigma", [1.0, 2.0, 3.0, 5.0])
    def test_a_centre_between_pixels_is_one_peak(self, find: Any, sigma: float) -> None:
        for centre in ((10.5, 12.0), (10.0, 12.5), (10.5, 12.5), (0.5, 0.5), (22.5, 22.5)):
            cms = gaussians([centre], sigma, 24, 24)[None].float()
            points, values, *_ = find(cms, refinement="log_quadratic")
            assert len(values) == 1
            torch.testing.assert_close(points[0], torch.tensor(centre), atol=1e-4, rtol=0)

    @BOTH
    def test_nan_is_no_peak_and_hides_none_far_away(self, find: Any) -> None:
        cms = torch.zeros(1, 1, 40, 40)
        cms[0, 0, 10, 10] = cms[0, 0, 10, 30] = 1.0
        cms[0, 0, 10, 29] = torch.nan
        assert find(cms)[0].tolist() == [[10.0, 10.0]]


@pytest.mark.parametrize("refinement", ["quadratic", "log_quadratic"])
def test_gradient_of_the_kernel_on_coarse_levels(refinement: str) -> None:
    """Mixed terms that happen to be zero still have a gradient."""
    maps = (torch.rand(2, 3, 33, 35) * 6).round() / 6
    found = []
    for find in (find_local_peaks, find_local_peaks.reference):
        leaf = maps.clone().requires_grad_()
        points = find(leaf, 0.5, refinement)[0]
        found += torch.autograd.grad((points * torch.linspace(-1, 1, len(points))[:, None]).sum(), leaf)
    torch.testing.assert_close(*found, rtol=1e-4, atol=1e-4)


def test_order_is_sample_row_column_channel() -> None:
    cms = torch.zeros(2, 2, 3, 7)
    cms[0, 1, 0, 0] = cms[0, 0, 0, 2] = cms[0, 0, 2, 0] = cms[0, 1, 2, 0] = cms[1, 0, 0, 0] = 1.0
    points, values, sample_inds, channel_inds = find_local_peaks_rough(cms)
    assert points.tolist() == [[0, 0], [2, 0], [0, 2], [0, 2], [0, 0]]
    assert values.tolist() == [1.0] * 5
    assert sample_inds.tolist() == [0, 0, 0, 0, 1]
    assert channel_inds.tolist() == [1, 0, 0, 1, 0]
    assert sample_inds.dtype == channel_inds.dtype == torch.int32


def test_padded_peaks_are_the_ragged_ones() -> None:
    cms = torch.rand(2, 3, 40, 40)
    points, values, samples, channels = find_local_peaks(cms, 0.9, "quadratic", max_peaks=200)
    found = samples >= 0
    assert points[~found].isnan().all()
    assert not values[~found].any()
    padded = torch.stack([samples[found], channels[found], *points[found].T, values[found]], dim=-1)
    ragged_points, ragged_values, *indices = find_local_peaks(cms, 0.9, "quadratic")
    ragged = torch.stack([*indices, *ragged_points.T, ragged_values], dim=-1)
    assert sorted(padded.tolist()) == sorted(ragged.tolist())
    assert (values.diff(dim=-1) <= 0).all()


@pytest.mark.parametrize("refinement", ["log_quadratic", "gaussian"])
def test_padded_form_compiles_to_one_graph(refinement: str) -> None:
    cms = gaussians([(5.3, 6.4), (8.2, 4.9)], 1.3, 13, 14)[:, None].float()
    compiled = torch.compile(find_local_peaks, fullgraph=True, backend="eager")
    found = compiled(cms, refinement=refinement, max_peaks=3)
    for actual, expected in zip(found, find_local_peaks(cms, refinement=refinement, max_peaks=3), strict=True):
        torch.testing.assert_close(actual, expected, atol=1e-5, rtol=1e-5, equal_nan=True)
