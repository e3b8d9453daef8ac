# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator

import pytest
import torch
from scipy.spatial.transform import Rotation
from torch import Tensor

from foveal.geometry.conversions import euler_from_quaternion, quaternion_from_euler, quaternion_to_rotation_matrix
from tests.contract import Contract, Make, Sample, call


class TestQuaternionFromEuler(Contract):
    operation = staticmethod(quaternion_from_euler)
    count = 3

    def oracle(self, roll: Tensor, pitch: Tensor, yaw: Tensor) -> tuple[Tensor, ...]:
        angles = torch.stack([roll, pitch, yaw], dim=-1)
        found = Rotation.from_euler("xyz", angles.reshape(-1, 3).numpy()).as_quat(scalar_first=True)
        # SciPy's sign is that of the matrix's quaternion: compare by it.
        found = torch.from_numpy(found).view(*roll.shape, 4)
        mine = torch.stack(quaternion_from_euler(roll, pitch, yaw), dim=-1)
        return tuple((found * (found * mine).sum(-1, keepdim=True).sign()).unbind(-1))

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(*make.normal(self.count, 2, 3))
        yield call(*make.normal(self.count))

    def large(self, make: Make) -> Iterator[Sample]:
        yield call(*make.normal(self.count, 12345))

    def special(self, make: Make) -> Iterator[Sample]:
        yield call(*make.tensor([[0.0, 1.0, torch.pi], [0.0, torch.pi / 2, -torch.pi / 2], [0.0, 0.5, torch.pi]]))

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        first, *others = make.normal(self.count, 2)
        last = [*self.operation.reference.__annotations__][self.count - 1]
        yield TypeError, f"{last} must be a torch.Tensor, got float", call(first, *others[1:], 1.0)
        yield ValueError, rf"{last} must have shape \(2\), got \(3,\)", call(first, *others[1:], make.normal(3))


class TestEulerFromQuaternion(TestQuaternionFromEuler):
    operation = staticmethod(euler_from_quaternion)
    count = 4

    def oracle(self, w: Tensor, x: Tensor, y: Tensor, z: Tensor) -> tuple[Tensor, ...]:
        quaternions = torch.stack([w, x, y, z], dim=-1).reshape(-1, 4).numpy()
        angles = Rotation.from_quat(quaternions, scalar_first=True).as_euler("xyz")
        return tuple(torch.from_numpy(angles).view(*w.shape, 3).unbind(-1))

    def large(self, make: Make) -> Iterator[Sample]:
        # Away from the half turns, where rounding may choose either sign.
        w, x, y, z = make.normal(4, 12345)
        yield call(4 + w.abs(), x, y, z)

    def special(self, make: Make) -> Iterator[Sample]:
        zero, one = make.tensor([0.0]), make.tensor([1.0])
        yield call(one, zero, zero, zero)
        yield call(one, zero, one, zero)
        yield call(zero, one, zero, -one)
        yield call(zero, zero, zero, zero)


def test_many_turns_and_broken_numbers() -> None:
    angles = torch.tensor([1e2, -3e3, 2e4]).repeat(3, 1)
    exact = quaternion_from_euler(*angles.double())
    for found, expected in zip(quaternion_from_euler(*angles), exact, strict=True):
        torch.testing.assert_close(found, expected.float(), rtol=1e-6, atol=1e-6)
    broken = torch.tensor([torch.nan, torch.inf])
    for kind in (quaternion_from_euler, quaternion_from_euler.reference):
        assert all(result.isnan().all() for result in kind(broken, broken, broken))
    for kind in (euler_from_quaternion, euler_from_quaternion.reference):
        assert all(result.isnan().all() for result in kind(*[broken[:1]] * 4))


@pytest.mark.parametrize("pitch", [0.0, 1.0, torch.pi / 2 - 1e-3, torch.pi / 2 - 1e-9, torch.pi / 2, -torch.pi / 2])
def test_the_rotation_round_trips_at_gimbal_lock_too(pitch: float) -> None:
    roll, yaw = torch.meshgrid(*(torch.linspace(-3, 3, 7, dtype=torch.float64),) * 2, indexing="ij")
    quaternion = torch.stack(quaternion_from_euler(roll, torch.full_like(roll, pitch), yaw), dim=-1)
    angles = euler_from_quaternion(*quaternion.unbind(-1))
    again = torch.stack(quaternion_from_euler(*angles), dim=-1)
    expected = quaternion_to_rotation_matrix(quaternion)
    torch.testing.assert_close(quaternion_to_rotation_matrix(again), expected, rtol=1e-12, atol=1e-12)
    if abs(pitch) == torch.pi / 2:
        assert not angles[0].any()
        assert (angles[1] == pitch).all()


def test_angles_come_from_small_and_large_quaternions() -> None:
    quaternion = torch.randn(4, 10, dtype=torch.float64)
    for scale in (1e-9, -1.0, 1e9):
        found = euler_from_quaternion(*(quaternion * scale))
        torch.testing.assert_close(found, euler_from_quaternion(*quaternion), rtol=1e-12, atol=1e-12)
