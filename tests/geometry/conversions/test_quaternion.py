# SPDX-License-Identifier: Apache-2.0
from collections.abc import Callable, Iterator
from typing import Any

import kornia.geometry.conversions as kornia
import pytest
import torch
from scipy.spatial.transform import Rotation
from torch import Tensor

from foveal.geometry.conversions import (
    axis_angle_to_quaternion,
    axis_angle_to_rotation_matrix,
    normalize_quaternion,
    quaternion_exp_to_log,
    quaternion_log_to_exp,
    quaternion_to_axis_angle,
    quaternion_to_rotation_matrix,
    rotation_matrix_to_angle_axis,
    rotation_matrix_to_axis_angle,
    rotation_matrix_to_quaternion,
)
from tests.contract import Make, Sample, call
from tests.geometry.conversions.case import Conversion

# Angles from the smallest to a half turn and beyond, about many axes.
ANGLES = (0.0, 1e-12, 1e-7, 1e-3, 0.19, 0.21, 1.0, 2.0, 2.1, 3.0, torch.pi - 1e-7, torch.pi)


def vectors(dtype: torch.dtype = torch.float64) -> Tensor:
    """Return axis-angle vectors of all these angles about the axes and other directions."""
    axes = torch.cat([torch.eye(3), -torch.eye(3), torch.randn(6, 3)]).double()
    return (torch.nn.functional.normalize(axes, dim=-1) * torch.tensor(ANGLES).double()[:, None, None]).to(dtype)


def rotations(make: Make, *batch: int) -> Tensor:
    """Return rotation matrices about every axis."""
    quaternions = torch.nn.functional.normalize(make.normal(*batch, 4).double(), dim=-1)
    return make.tensor(quaternion_to_rotation_matrix(quaternions))


class TestNormalizeQuaternion(Conversion):
    operation = staticmethod(normalize_quaternion)
    oracle = staticmethod(kornia.normalize_quaternion)
    wanted = "(*, 4)"

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(make.normal(2, 3, 4))
        yield call(make.tensor([3.0, 0.0, -4.0, 1.0]))
        yield call(make.normal(0, 4))

    def large(self, make: Make) -> Iterator[Sample]:
        yield call(make.normal(12345, 4))

    def special(self, make: Make) -> Iterator[Sample]:
        yield call(make.tensor([[0.0, 0.0, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0]]))


class TestQuaternionToRotationMatrix(TestNormalizeQuaternion):
    operation = staticmethod(quaternion_to_rotation_matrix)

    def oracle(self, quaternion: Tensor) -> Tensor:
        if not quaternion.numel():
            return NotImplemented
        matrices = Rotation.from_quat(quaternion.reshape(-1, 4).numpy(), scalar_first=True).as_matrix()
        return torch.from_numpy(matrices).view(*quaternion.shape[:-1], 3, 3)


class TestQuaternionToAxisAngle(TestNormalizeQuaternion):
    operation = staticmethod(quaternion_to_axis_angle)

    def oracle(self, quaternion: Tensor) -> Tensor:
        if not quaternion.numel():
            return NotImplemented
        found = Rotation.from_quat(quaternion.reshape(-1, 4).numpy(), scalar_first=True).as_rotvec()
        return torch.from_numpy(found).view(*quaternion.shape[:-1], 3)


class TestQuaternionExpToLog(TestNormalizeQuaternion):
    operation = staticmethod(quaternion_exp_to_log)
    oracle = staticmethod(kornia.quaternion_exp_to_log)

    def special(self, make: Make) -> Iterator[Sample]:
        yield from super().special(make)
        yield call(make.tensor([-1.0, 0.0, 0.0, 0.0]))


class TestQuaternionLogToExp(Conversion):
    operation = staticmethod(quaternion_log_to_exp)
    oracle = staticmethod(kornia.quaternion_log_to_exp)
    wanted = "(*, 3)"

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(make.normal(2, 3, 3))
        yield call(make.tensor([[0.0, 0.0, 1e-3], [2.0, -1.0, 2.0]]))
        yield call(make.normal(0, 3))

    def large(self, make: Make) -> Iterator[Sample]:
        yield call(make.normal(12345, 3))

    def special(self, make: Make) -> Iterator[Sample]:
        yield call(make.tensor([[0.0, 0.0, 0.0], [torch.pi, 0.0, 0.0], [0.0, torch.pi / 2, 0.0]]))


class TestRotationMatrixToQuaternion(Conversion):
    operation = staticmethod(rotation_matrix_to_quaternion)
    oracle = staticmethod(kornia.rotation_matrix_to_quaternion)
    wanted = "(*, 3, 3)"

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(rotations(make, 2, 4))
        yield call(rotations(make))
        yield call(make.normal(0, 3, 3))

    def large(self, make: Make) -> Iterator[Sample]:
        yield call(rotations(make, 12345))

    def special(self, make: Make) -> Iterator[Sample]:
        signs = [[1.0, 1.0, 1.0], [1.0, -1.0, -1.0], [-1.0, 1.0, -1.0], [-1.0, -1.0, 1.0]]
        yield call(make.tensor(torch.tensor(signs).diag_embed()))


class TestRotationMatrixToAxisAngle(TestRotationMatrixToQuaternion):
    operation = staticmethod(rotation_matrix_to_axis_angle)

    def oracle(self, matrix: Tensor) -> Tensor:
        if not matrix.numel() or len(matrix) > 1000:  # rounded to float32, a half turn may have either sign
            return NotImplemented
        found = Rotation.from_matrix(matrix.reshape(-1, 3, 3).numpy()).as_rotvec()
        return torch.from_numpy(found).view(*matrix.shape[:-2], 3)


def test_conversions_round_trip() -> None:
    wanted = vectors()
    matrices = axis_angle_to_rotation_matrix(wanted)
    quaternions = axis_angle_to_quaternion(wanted)
    found = quaternion_to_rotation_matrix(quaternions)
    torch.testing.assert_close(found, matrices, rtol=1e-12, atol=1e-12)
    for back in (quaternion_to_axis_angle(quaternions), rotation_matrix_to_axis_angle(matrices)):
        torch.testing.assert_close(axis_angle_to_rotation_matrix(back), matrices, rtol=1e-12, atol=1e-12)
        torch.testing.assert_close(back[:-2], wanted[:-2], rtol=1e-12, atol=1e-12)
    back = rotation_matrix_to_quaternion(matrices)
    torch.testing.assert_close((back * quaternions).sum(-1).abs(), torch.ones_like(back[..., 0]), rtol=0, atol=1e-12)
    back = quaternion_log_to_exp(quaternion_exp_to_log(quaternions))
    torch.testing.assert_close(back, quaternions, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("dtype", [torch.float16, torch.float32, torch.float64], ids=str)
@pytest.mark.parametrize(
    ("there", "back"),
    [
        (axis_angle_to_rotation_matrix, rotation_matrix_to_axis_angle),
        (axis_angle_to_quaternion, quaternion_to_axis_angle),
        (quaternion_log_to_exp, quaternion_exp_to_log),
    ],
)
def test_gradients_are_those_of_the_identity_there_and_back(
    there: Callable[[Tensor], Tensor], back: Callable[[Tensor], Tensor], dtype: torch.dtype
) -> None:
    """Up to a half turn the two undo each other, so the gradient of both together is that of doing nothing."""
    wanted = vectors(dtype)[:-2].requires_grad_()
    middle = there(wanted)
    (found,) = torch.autograd.grad(back(middle).sum(), wanted)
    # Half precision cannot hold angles near a half turn apart.
    near = -1 if dtype is not torch.float16 else -2
    bound = {torch.float64: 1e-7, torch.float32: 1e-2, torch.float16: 0.2}[dtype]
    assert found.isfinite().all()
    torch.testing.assert_close(found[:near], torch.ones_like(found[:near]), rtol=bound, atol=bound)


def test_the_matrix_ignores_sign_and_length() -> None:
    quaternion = torch.randn(9, 4, dtype=torch.float64)
    expected = quaternion_to_rotation_matrix(quaternion)
    assert torch.equal(quaternion_to_rotation_matrix(-2 * quaternion), expected)
    assert torch.equal(quaternion_to_rotation_matrix(torch.zeros(4)), torch.eye(3))


def test_the_older_name() -> None:
    matrix = quaternion_to_rotation_matrix(torch.randn(4))
    assert torch.equal(rotation_matrix_to_angle_axis(matrix), rotation_matrix_to_axis_angle(matrix))


@pytest.mark.parametrize("dtype", [torch.float16, torch.float32, torch.float64], ids=str)
def test_check_rotation(dtype: torch.dtype) -> None:
    matrix = quaternion_to_rotation_matrix(torch.randn(5, 4).double()).to(dtype)
    for function in (rotation_matrix_to_quaternion, rotation_matrix_to_axis_angle):
        torch.testing.assert_close(function(matrix, check_rotation=True), function(matrix), rtol=1e-6, atol=1e-6)
        for wrong in (2 * matrix, -matrix):
            with pytest.raises(ValueError, match="rotation_matrix must be rotation matrices"):
                function(wrong, check_rotation=True)


@pytest.mark.parametrize("function", [normalize_quaternion, quaternion_to_rotation_matrix, quaternion_to_axis_angle])
def test_nan_is_not_hidden(function: Any) -> None:
    for place in range(4):
        broken = torch.ones(4).index_fill(0, torch.tensor([place]), torch.nan)
        for kind in (function, function.reference):
            assert kind(broken).isnan().all()
