# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator

import kornia
import pytest
import torch

from foveal.geometry.conversions import angle_to_rotation_matrix, deg2rad, rad2deg
from tests.contract import Contract, Make, Sample, call
from tests.geometry.conversions.case import Conversion


class TestRad2deg(Contract):
    operation = staticmethod(rad2deg)
    oracle = staticmethod(torch.rad2deg)

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(make.normal(2, 3))
        yield call(make.normal(0))

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        yield TypeError, "tensor must be a torch.Tensor, got float", call(1.0)


class TestDeg2rad(TestRad2deg):
    operation = staticmethod(deg2rad)
    oracle = staticmethod(torch.deg2rad)


class TestAngleToRotationMatrix(Conversion):
    operation = staticmethod(angle_to_rotation_matrix)
    oracle = staticmethod(kornia.geometry.conversions.angle_to_rotation_matrix)
    wanted = ""

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(make.uniform(2, 3, low=-800, high=800))
        yield call(make.tensor(30.0))
        yield call(make.normal(0, 2))

    def large(self, make: Make) -> Iterator[Sample]:
        yield call(make.uniform(70_001, low=-800, high=800))

    def special(self, make: Make) -> Iterator[Sample]:
        yield call(make.tensor([0.0, 45.0, 90.0]))


def test_integers_become_floats() -> None:
    assert deg2rad(torch.tensor([180])).item() == pytest.approx(torch.pi)
    assert rad2deg(torch.tensor(1)).item() == pytest.approx(180 / torch.pi)


def test_float64_keeps_its_precision() -> None:
    assert deg2rad(torch.tensor(180.0, dtype=torch.float64)).item() == torch.pi


@pytest.mark.parametrize("dtype", [torch.float16, torch.float32, torch.float64])
def test_quarter_turns_are_exact(dtype: torch.dtype) -> None:
    step = torch.tensor([[0.0, 1.0], [-1.0, 0.0]], dtype=dtype)
    expected = torch.eye(2, dtype=dtype)
    for quarter in range(9):
        for angle in (90 * quarter, 90 * quarter - 720):
            assert torch.equal(angle_to_rotation_matrix(torch.tensor(float(angle), dtype=dtype)), expected)
        expected = step @ expected
