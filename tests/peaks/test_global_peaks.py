# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator

import numpy as np
import pytest
import torch
from torch import Tensor

from foveal.peaks import (
    find_global_peaks,
    find_global_peaks_integral,
    find_global_peaks_rough,
    find_global_peaks_with_offsets,
)
from foveal.peaks.refinement import REFINEMENTS
from tests.contract import Contract, Make, Sample, call
from tests.peaks.scenes import gaussians, refined


def scene(make: Make, height: int = 9, width: int = 11) -> Tensor:
    """Return two samples of one channel, a Gaussian each."""
    centres = [(4.3, 5.4), (6.2, 3.1)]
    return make.tensor(gaussians(centres, [1.2, 1.6], height, width)[:, None])


class TestFindGlobalPeaks(Contract):
    operation = staticmethod(find_global_peaks)
    widened = (0,)

    def oracle(
        self,
        cms: Tensor,
        threshold: float = 0.2,
        refinement: str | None = None,
        integral_patch_size: int = 5,
        window: int = 25,
    ) -> tuple[np.ndarray, np.ndarray]:
        points, values = np.zeros((*cms.shape[:2], 2)), np.zeros(cms.shape[:2])
        for place in np.ndindex(*cms.shape[:2]):
            scores = cms[place].numpy()
            row, column = divmod(int(scores.argmax()), scores.shape[1])
            found = scores[row, column] >= threshold
            values[place] = scores[row, column] if found else 0
            points[place] = refined(scores, row, column, refinement, integral_patch_size) if found else np.nan
        return points, values

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(scene(make), refinement="log_quadratic")
        for refinement in REFINEMENTS:
            yield call(scene(make), refinement=refinement)
        yield call(scene(make, 7, 8), 0.1, "integral", 3)
        yield call(scene(make), 0.3, "gaussian", window=7)
        yield call(make.uniform(2, 3, 5, 7), 0.0)
        yield call(make.uniform(0, 2, 3, 3), refinement="gaussian")
        yield call(make.uniform(2, 0, 3, 3), refinement="log_quadratic")

    def large(self, make: Make) -> Iterator[Sample]:
        centres = make.uniform(12, 2, low=1.0, high=40.0)
        maps = make.tensor(gaussians(centres.cpu(), 2.0, 83, 41)).view(3, 4, 83, 41)
        for refinement in REFINEMENTS:
            yield call(maps, refinement=refinement)
        # Half of the maps under the threshold.
        yield call(make.uniform(3, 4, 83, 41) * make.tensor([0.5, 1, 0.5, 1])[:, None, None], 0.6)

    def special(self, make: Make) -> Iterator[Sample]:
        maps = torch.zeros(1, 5, 5, 5)  # nothing, a flat map, a negative one, a ridge, a spike
        maps[:, 1], maps[:, 2], maps[:, 3, 2, :], maps[:, 4, 2, 3] = 1.0, -1.0, 1.0, 1.0
        for refinement in REFINEMENTS:
            yield call(make.tensor(maps), -2.0, refinement)
            for side in ((1, 4), (2, 1)):
                yield call(make.tensor(torch.arange(1.0, 1 + side[0] * side[1]).view(1, 1, *side)), 0.0, refinement)

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        maps = make.uniform(1, 1, 5, 5)
        yield TypeError, "cms must have a floating-point dtype, got torch.int64", call(maps.long())
        yield ValueError, r"cms must have shape \(samples, channels, height, width\)", call(maps[0])
        yield ValueError, "height and width of cms must be 2 integers of at least 1", call(maps[:, :, :0])
        if self.operation is find_global_peaks:
            yield ValueError, "refinement must be one of None, 'integral'.*got 'dark'", call(maps, refinement="dark")
            yield ValueError, "integral_patch_size must be an odd .* got 4", call(maps, integral_patch_size=4)
            yield TypeError, "window must be an odd integer of at least 3, got float", call(maps, window=9.0)
            yield ValueError, "window must be an odd integer of at least 3, got 1", call(maps, window=1)


class TestFindGlobalPeaksRough(TestFindGlobalPeaks):
    operation = staticmethod(find_global_peaks_rough)

    def oracle(self, cms: Tensor, threshold: float = 0.1) -> tuple[np.ndarray, np.ndarray]:
        return super().oracle(cms, threshold)

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(make.uniform(2, 3, 5, 7))
        yield call(make.uniform(2, 3, 1, 1), 0.0)
        yield call(make.uniform(0, 3, 4, 4))

    def large(self, make: Make) -> Iterator[Sample]:
        yield call(make.normal(3, 5, 63, 65), 3.5)
        yield call(make.normal(1, 1, 257, 255))

    def special(self, make: Make) -> Iterator[Sample]:
        yield call(make.tensor(torch.ones(1, 1, 3, 3)))

    def test_tied_maxima_give_the_first_and_no_phantom(self) -> None:
        # Row and column maxima taken apart would put a peak on (1, 1), where there is nothing.
        cms = torch.zeros(1, 1, 12, 12)
        cms[0, 0, 9, 1] = cms[0, 0, 1, 9] = 1.0
        for operation in (find_global_peaks_rough, find_global_peaks_rough.reference):
            points, values = operation(cms)
            assert points.tolist() == [[[9.0, 1.0]]]
            assert values.tolist() == [[1.0]]

    def test_the_threshold_itself_is_a_peak(self) -> None:
        cms = torch.tensor([[[[0.0, 0.5]], [[0.0, 0.25]]]])
        for operation in (find_global_peaks_rough, find_global_peaks_rough.reference):
            points, values = operation(cms, 0.5)
            assert points[0, 0].tolist() == [1.0, 0.0]
            assert points[0, 1].isnan().all()
            assert values.tolist() == [[0.5, 0.0]]

    def test_nan_stays(self) -> None:
        cms = torch.rand(1, 3, 40, 50)
        cms[0, 1, 17, 23] = torch.nan
        for operation in (find_global_peaks_rough, find_global_peaks_rough.reference):
            points, values = operation(cms)
            assert points.isnan().any(dim=-1).tolist() == [[False, True, False]]
            assert values.isnan().tolist() == [[False, True, False]]


class TestFindGlobalPeaksIntegral(TestFindGlobalPeaks):
    operation = staticmethod(find_global_peaks_integral)

    def oracle(self, cms: Tensor, crop_size: int = 5, threshold: float = 0.2) -> tuple[np.ndarray, np.ndarray]:
        return super().oracle(cms, threshold, "integral", crop_size)

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(scene(make))
        yield call(scene(make), 3, 0.5)
        yield call(scene(make), crop_size=7)

    def large(self, make: Make) -> Iterator[Sample]:
        yield call(make.uniform(3, 4, 83, 41), threshold=0.99)

    def special(self, make: Make) -> Iterator[Sample]:
        yield call(make.tensor(torch.zeros(1, 1, 5, 5)), threshold=0.0)

    @pytest.mark.parametrize(("sigma", "seen"), [(1.5, 0.25), (2.5, 0.11), (5.0, 0.03)])
    def test_is_biased_as_sleap_is(self, sigma: float, seen: float) -> None:
        points, _ = find_global_peaks_integral(gaussians([(20.4, 20.0)], sigma, 41, 41)[None])
        assert points[0, 0, 0].item() == pytest.approx(20 + seen, abs=0.006)

    def test_the_border_does_not_drag_inwards(self) -> None:
        # With zeros outside, the mean of a Gaussian at 0.3 comes back as 0.93.
        points, _ = find_global_peaks_integral(gaussians([(0.3, 20.0)], 2.5, 41, 41)[None])
        assert points[0, 0].tolist() == [0.0, 20.0]


class TestFindGlobalPeaksWithOffsets(TestFindGlobalPeaks):
    operation = staticmethod(find_global_peaks_with_offsets)

    def oracle(self, cms: Tensor, offsets: Tensor, threshold: float = 0.2) -> tuple[np.ndarray, np.ndarray]:
        points, values = super().oracle(cms, threshold)
        for sample, channel in np.ndindex(*cms.shape[:2]):
            if not np.isnan(points[sample, channel, 0]):
                column, row = points[sample, channel].astype(int)
                points[sample, channel] += offsets[sample, 2 * channel : 2 * channel + 2, row, column].numpy()
        return points, values

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(make.uniform(2, 2, 5, 7), make.normal(2, 4, 5, 7))
        yield call(make.uniform(0, 2, 5, 7), make.normal(0, 4, 5, 7))

    def large(self, make: Make) -> Iterator[Sample]:
        yield call(make.normal(3, 5, 33, 35), make.normal(3, 10, 33, 35), 3.0)

    def special(self, make: Make) -> Iterator[Sample]:
        yield call(make.tensor(torch.ones(1, 1, 3, 3)), make.tensor(torch.ones(1, 2, 3, 3)))

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        maps = make.uniform(1, 1, 5, 5)
        for exception, pattern, sample in super().invalid(make):
            yield exception, pattern, call(*sample.args, maps.repeat(1, 2, 1, 1))
        yield TypeError, "offsets must be a torch.Tensor, got float", call(maps, 0.5)
        yield ValueError, r"offsets must have shape \(1, 2, 5, 5\), got \(1, 1, 5, 5\)", call(maps, maps)
