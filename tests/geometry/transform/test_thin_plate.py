# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator
from typing import Any

import kornia
import pytest
import torch
from torch import Tensor

from foveal.geometry.transform import get_tps_transform, warp_image_tps, warp_points_tps
from tests.contract import TOLERANCE, Contract, Make, Sample, call

peer: Any = kornia.geometry.transform
Bad = Iterator[tuple[type[Exception], str, Sample]]
GRID = [[-0.9, -0.8], [0.9, -0.9], [-0.8, 0.9], [0.9, 0.8], [0.1, 0.0]]


def points(make: Make) -> Tensor:
    return make.tensor([GRID, GRID]) + make.uniform(2, 5, 2, low=-0.1, high=0.1)


def weights(make: Make) -> tuple[Tensor, Tensor]:
    return 0.1 * make.normal(2, 5, 2), make.tensor([[[0.02, 0.01], [1.0, 0.1], [-0.1, 0.9]]] * 2)


class TestGetTpsTransform(Contract):
    operation = staticmethod(get_tps_transform)
    oracle = staticmethod(peer.get_tps_transform)
    # Eight equations whose inverse has entries of some tens; Kornia adds 1e-8 to squared distances.
    tolerance = {**TOLERANCE, torch.float64: 1e-6, torch.float32: 1e-4, torch.float16: 2e-2, torch.bfloat16: 1e-1}

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(points(make), points(make))

    def special(self, make: Make) -> Iterator[Sample]:
        grid = make.tensor([GRID])
        yield call(grid, grid)

    def invalid(self, make: Make) -> Bad:
        yield ValueError, r"points_dst must have shape \(2, 5, 2\)", call(points(make), points(make)[:1])

    def test_points_arrive(self) -> None:
        source, target = points(Make(torch.float64)), points(Make(torch.float64, seed=1))
        moved = warp_points_tps(source, target, *get_tps_transform(source, target))
        torch.testing.assert_close(moved, target)


class TestWarpPointsTps(Contract):
    operation = staticmethod(warp_points_tps)
    oracle = staticmethod(peer.warp_points_tps)
    # Kornia adds 1e-8 to squared distances.
    tolerance = {**TOLERANCE, torch.float64: 1e-6}

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(make.normal(2, 7, 2), points(make), *weights(make))

    def large(self, make: Make) -> Iterator[Sample]:
        yield call(make.normal(2, 9001, 2), points(make), *weights(make))

    def special(self, make: Make) -> Iterator[Sample]:
        yield call(points(make), points(make), *weights(make))

    def invalid(self, make: Make) -> Bad:
        wrong = make.normal(2, 4, 2), weights(make)[1]
        yield (
            ValueError,
            r"kernel_weights must have shape \(2, 5, 2\)",
            call(make.normal(2, 7, 2), points(make), *wrong),
        )


class TestWarpImageTps(Contract):
    operation = staticmethod(warp_image_tps)
    oracle = staticmethod(peer.warp_image_tps)
    # Kornia adds 1e-8 to squared distances.
    tolerance = {**TOLERANCE, torch.float64: 1e-6}

    def samples(self, make: Make) -> Iterator[Sample]:
        image = make.uniform(2, 2, 5, 6)
        yield call(image, points(make), *weights(make))
        yield call(image, points(make), *weights(make), True, "border")

    def invalid(self, make: Make) -> Bad:
        image = make.uniform(2, 2, 5, 6)
        yield ValueError, "padding_mode must be one of", call(image, points(make), *weights(make), padding_mode="fill")

    @pytest.mark.parametrize("align_corners", [True, False])
    def test_identity_is_exact(self, align_corners: bool) -> None:
        image, make = torch.randn(2, 3, 37, 50), Make(torch.float32)
        identity = make.tensor([[[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]] * 2)
        found = warp_image_tps(image, points(make), torch.zeros(2, 5, 2), identity, align_corners)
        assert torch.equal(found, image)
