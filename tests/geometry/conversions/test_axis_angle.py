# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator

import kornia.geometry.conversions as kornia
import pytest
import torch
from scipy.spatial.transform import Rotation
from torch import Tensor

from foveal.geometry.conversions import (
    axis_angle_to_quaternion,
    axis_angle_to_rotation_matrix,
    vector_to_skew_symmetric_matrix,
)
from tests.contract import Make, Sample, call
from tests.geometry.conversions.case import Conversion


class TestAxisAngleToRotationMatrix(Conversion):
    operation = staticmethod(axis_angle_to_rotation_matrix)
    wanted = "(*, 3)"

    def oracle(self, axis_angle: Tensor) -> Tensor:
        matrices = Rotation.from_rotvec(axis_angle.reshape(-1, 3).numpy()).as_matrix()
        return torch.from_numpy(matrices).view(*axis_angle.shape, 3)

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(make.normal(2, 3, 3))
        yield call(make.tensor([0.0, 0.0, 1e-3]))
        yield call(make.tensor([[2.0, -1.0, 2.0], [9.0, 2.0, 6.0]]))
        yield call(make.normal(0, 3))

    def large(self, make: Make) -> Iterator[Sample]:
        yield call(make.normal(12345, 3))

    def special(self, make: Make) -> Iterator[Sample]:
        yield call(make.tensor([[0.0, 0.0, 0.0], [torch.pi, 0.0, 0.0], [0.0, 2 * torch.pi, 0.0]]))


class TestAxisAngleToQuaternion(TestAxisAngleToRotationMatrix):
    operation = staticmethod(axis_angle_to_quaternion)
    oracle = staticmethod(kornia.axis_angle_to_quaternion)


class TestVectorToSkewSymmetricMatrix(Conversion):
    operation = staticmethod(vector_to_skew_symmetric_matrix)
    wanted = "(*, 3)"

    def oracle(self, vec: Tensor) -> Tensor:
        axes = torch.eye(3, dtype=vec.dtype)
        return torch.linalg.cross(vec[..., None, :], axes.expand(*vec.shape[:-1], 3, 3)).mT

    def samples(self, make: Make) -> Iterator[Sample]:
        yield call(make.normal(2, 3, 3))
        yield call(make.normal(3))


@pytest.mark.parametrize("length", [0.0, 1e-9, 1e-4, 0.5, 0.999, 1.001, torch.pi - 1e-7, torch.pi, 6.0])
def test_the_matrix_is_the_exponential(length: float) -> None:
    vector = torch.nn.functional.normalize(torch.randn(3, dtype=torch.float64), dim=0) * length
    x, y, z = vector.tolist()
    cross = torch.tensor([[0, -z, y], [z, 0, -x], [-y, x, 0]], dtype=torch.float64)
    expected = torch.linalg.matrix_exp(cross)
    torch.testing.assert_close(axis_angle_to_rotation_matrix(vector), expected, rtol=1e-14, atol=1e-14)


def test_the_gradient_at_the_identity_is_the_generator() -> None:
    for dtype in (torch.float16, torch.float64):
        slopes = torch.func.jacfwd(axis_angle_to_rotation_matrix)(torch.zeros(3, dtype=dtype))
        assert slopes[..., 2].tolist() == [[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 0.0]]
