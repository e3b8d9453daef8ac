# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from foveal.peaks import average_flipped_maps, flip_maps, render_confidence_maps
from tests.contract import Contract, Make, Sample, call


def twins(swap: Any, channels: int) -> list[int]:
    if isinstance(swap, Tensor) or isinstance(swap[0], int):
        return [int(channel) for channel in swap]
    return [next((b if a == c else a for a, b in swap if c in (a, b)), c) for c in range(channels)]


class TestFlipMaps(Contract):
    operation = staticmethod(flip_maps)

    def oracle(self, maps: Tensor, swap: Any, *, shift: float = 0.0) -> Tensor:
        result, width = np.zeros(maps.shape), maps.shape[-1]
        for channel, twin in enumerate(twins(swap, maps.shape[1])):
            mirrored = maps[:, twin].numpy()[..., ::-1]
            for place in np.ndindex(*mirrored.shape[:2]):
                line = mirrored[place]
                result[place[0], channel, place[1]] = np.interp(np.arange(width) - shift, np.arange(width), line)
        return torch.tensor(result)

    def samples(self, make: Make) -> Iterator[Sample]:
        maps = make.normal(2, 3, 4, 5)
        yield call(maps, [(0, 2)])
        yield call(maps, [0, 2, 1])
        yield call(maps, torch.tensor([1, 0, 2], dtype=torch.int32, device=make.device))
        yield call(maps, [(1, 2)], shift=0.75)
        yield call(maps, [(1, 2)], shift=-1.5)
        yield call(maps[..., :1], [(1, 2)], shift=2.0)
        yield call(maps[:0], [(1, 2)], shift=0.5)

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        maps = make.normal(1, 3, 2, 2)
        yield TypeError, "maps must have a floating-point dtype, got torch.int64", call(maps.long(), [(0, 1)])
        yield ValueError, r"maps must have shape \(samples", call(maps[0], [(0, 1)])
        yield TypeError, "swap must have an integer dtype, got torch.float32", call(maps, torch.zeros(3))
        yield ValueError, r"swap must have shape \(3\), got \(2,?\)", call(maps, torch.tensor([0, 1]))
        for swap in ([(0, 1), (1, 2)], [(0, 3)], [(0, -1)], [1, 2, 0]):
            yield ValueError, "swap must pair different ones of 3 channels", call(maps, swap)

    def test_column_x_goes_to_width_less_one_less_x(self) -> None:
        maps = torch.zeros(1, 1, 1, 6)
        maps[..., 1] = 1.0
        assert flip_maps(maps, []).flatten().tolist() == [0.0, 0.0, 0.0, 0.0, 1.0, 0.0]

    def test_twice_is_nothing(self) -> None:
        maps = torch.rand(2, 5, 4, 7)
        assert torch.equal(flip_maps(flip_maps(maps, [(0, 3), (1, 2)]), [(0, 3), (1, 2)]), maps)


class TestAverageFlippedMaps(TestFlipMaps):
    operation = staticmethod(average_flipped_maps)

    def oracle(self, maps: Tensor, flipped_maps: Tensor, swap: Any, *, shift: float = 0.0) -> Tensor:
        return (maps + super().oracle(flipped_maps, swap, shift=shift)) / 2

    def samples(self, make: Make) -> Iterator[Sample]:
        for sample in super().samples(make):
            yield call(make.normal(*sample.args[0].shape), *sample.args, **sample.kwargs)

    def large(self, make: Make) -> Iterator[Sample]:
        yield call(make.normal(4, 17, 33, 65), make.normal(4, 17, 33, 65), [(i, i + 1) for i in range(1, 17, 2)])

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        for exception, pattern, sample in super().invalid(make):
            maps, swap = sample.args
            yield exception, pattern, call(maps, maps, swap)
        maps = make.normal(1, 3, 2, 2)
        yield ValueError, r"flipped_maps must have shape \(1, 3, 2, 2\)", call(maps, maps[:, :2], [(0, 1)])

    @pytest.mark.parametrize(("stride", "align"), [(1, "first"), (4, "first"), (4, "center"), (2, "first")])
    def test_peaks_of_both_maps_meet(self, stride: int, align: str) -> None:
        """Left eye and right eye of an image of width 128 and of its mirror image."""
        points = torch.tensor([[[50.0, 30.0], [71.0, 33.0]]], dtype=torch.float64)
        mirrored = torch.stack([127 - points[:, [1, 0], 0], points[:, [1, 0], 1]], dim=-1)
        maps, flipped = (
            render_confidence_maps(p, (64, 128), 8.0, stride=stride, align=align) for p in (points, mirrored)
        )
        shift = (stride - 1) / stride if align == "first" else 0.0
        again = flip_maps(flipped, [(0, 1)], shift=shift)
        # Linear interpolation flattens a Gaussian of sigma 2 cells by up to 1 / (8 * 2^2) of its height.
        torch.testing.assert_close(again[..., 1:], maps[..., 1:], atol=1 / 32, rtol=0)
        if shift == 0:
            torch.testing.assert_close(average_flipped_maps(maps, flipped, [(0, 1)]), maps)
        columns = torch.arange(maps.shape[-1], dtype=torch.float64)
        centre = (again.sum(-2) * columns).sum(-1) / again.sum((-2, -1))
        torch.testing.assert_close(centre, (maps.sum(-2) * columns).sum(-1) / maps.sum((-2, -1)), atol=0.02, rtol=0)
