# SPDX-License-Identifier: Apache-2.0
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import kornia.filters as kornia
import pytest
import torch
from torch import Tensor

from foveal.filters import get_motion_kernel2d, get_motion_kernel3d
from tests.contract import Contract, Make, Sample, call

MODES = ("nearest", "bilinear")


class TestGetMotionKernel2d(Contract):
    operation = staticmethod(get_motion_kernel2d)
    peer: ClassVar[Callable[..., Any]] = staticmethod(kornia.get_motion_kernel2d)

    def samples(self, make: Make) -> Iterator[Sample]:
        for mode in MODES:
            yield call(5, make.tensor([25.0, -110.0]), make.tensor([0.5, -0.25]), mode)
            yield call(3, make.tensor([75.0]), make.tensor([0.75]), mode=mode)
        yield call(7, make.tensor([18.0, 222.0]), mode="bilinear")

    def oracle(self, kernel_size: int, angle: Tensor, direction: Tensor | None = None, mode: str = "nearest") -> Tensor:
        # Kornia's number does not serve several angles.
        directions = torch.zeros(len(angle), dtype=angle.dtype) if direction is None else direction
        return self.peer(kernel_size, angle, directions, mode)

    def special(self, make: Make) -> Iterator[Sample]:
        for mode in MODES:
            yield call(5, make.tensor([0.0, 45.0, 90.0]), make.tensor([1.0, -1.0, 0.0]), mode)

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        angle = make.tensor([30.0, 40.0])
        yield TypeError, "kernel_size must be an integer, got tuple", call((3, 3), angle)
        yield ValueError, "kernel_size must be odd and at least 3, got 4", call(4, angle)
        yield ValueError, "kernel_size must be odd and at least 3, got 1", call(1, angle)
        yield ValueError, "mode must be one of 'nearest', 'bilinear', got 'cubic'", call(3, angle, mode="cubic")
        yield ValueError, r"angle must have shape \(B\), got \(1, 2\)", call(3, angle[None])
        yield ValueError, "direction must have 1 or 2 entries, got 3", call(3, angle, make.tensor([0.0, 0.0, 0.0]))


class TestGetMotionKernel3d(TestGetMotionKernel2d):
    operation = staticmethod(get_motion_kernel3d)
    peer: ClassVar[Callable[..., Any]] = staticmethod(kornia.get_motion_kernel3d)

    def samples(self, make: Make) -> Iterator[Sample]:
        for mode in MODES:
            yield call(3, make.tensor([[25.0, 10.0, -110.0], [3.0, 75.0, 40.0]]), make.tensor([0.5, -0.25]), mode)
            yield call(5, make.tensor([[75.0, -20.0, 35.0]]), make.tensor([0.75]), mode=mode)

    def special(self, make: Make) -> Iterator[Sample]:
        for mode in MODES:
            angles = make.tensor([[0.0, 0.0, 0.0], [0.0, 90.0, 0.0], [0.0, 0.0, 45.0]])
            yield call(5, angles, make.tensor([1.0, -1.0, 0.0]), mode)

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        angle = make.tensor([[30.0, 40.0, 0.0], [1.0, 2.0, 3.0]])
        yield ValueError, "kernel_size must be odd and at least 3, got 4", call(4, angle)
        yield ValueError, r"angle must have shape \(B, 3\), got \(2, 2\)", call(3, angle[:, :2])
        yield ValueError, "direction must have 1 or 2 entries, got 3", call(3, angle, make.tensor([0.0, 0.0, 0.0]))


@pytest.mark.parametrize("mode", MODES)
def test_every_angle_equals_kornias(mode: str) -> None:
    """Among them the angles of 30 degrees and their multiples, where places lie exactly between two taps."""
    for size in (3, 5, 9):
        for angle in (*range(-360, 400, 15), 25, 123.4):
            for direction in (-1.0, -0.3, 2.0):
                found = get_motion_kernel2d(size, float(angle), direction, mode)
                expected = kornia.get_motion_kernel2d(size, float(angle), direction, mode)
                torch.testing.assert_close(found, expected, rtol=1e-5, atol=2e-6)


@pytest.mark.parametrize("mode", MODES)
def test_every_axis_equals_kornias(mode: str) -> None:
    for size in (3, 5):
        for axis in ((1, 0, 0), (0, 1, 0), (0, 0, 1), (0.5, 0.2, -0.7)):
            for degrees in (-120, -30, 0, 30, 45, 60, 90, 200):
                angle = (axis[0] * degrees * 1.0, axis[1] * degrees * 1.0, axis[2] * degrees * 1.0)
                found = get_motion_kernel3d(size, angle, 0.4, mode)
                torch.testing.assert_close(
                    found, kornia.get_motion_kernel3d(size, angle, 0.4, mode), rtol=1e-5, atol=2e-6
                )


def test_directions_of_numbers_serve_all_angles() -> None:
    angles = torch.tensor([10.0, 80.0])
    expected = get_motion_kernel2d(5, angles, torch.tensor([0.3, 0.3]))
    assert torch.equal(get_motion_kernel2d(5, angles, 0.3), expected)


def test_tilt_and_turn() -> None:
    """The heavy end goes from the left to the bottom by 90 degrees, and by a roll of 90 degrees to the top."""
    assert get_motion_kernel2d(3, 90.0, 1.0)[0, 2, 1] == get_motion_kernel2d(3, 0.0, 1.0)[0, 1, 0]
    assert get_motion_kernel3d(3, (0.0, 0.0, 90.0), 1.0)[0, 1, 0, 1] == get_motion_kernel2d(3, 0.0, 1.0)[0, 1, 0]
