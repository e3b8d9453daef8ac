# SPDX-License-Identifier: Apache-2.0
import kornia.geometry.liegroup as kornia
import pytest
import torch

from foveal.geometry.liegroup import So3
from foveal.geometry.liegroup.so3 import inverse_left_jacobian
from foveal.geometry.quaternion import Quaternion
from foveal.geometry.vector import Vector3
from tests.geometry.liegroup.case import Group


class TestSo3(Group):
    group = So3
    kornia = kornia.So3
    dimension = 3
    angular = slice(0, 3)

    def test_jacobians_are_the_derivatives_of_exp(self) -> None:
        for v in self.tangents():
            matrix = So3.exp(v).matrix()
            slopes = torch.func.jacfwd(lambda v: So3.exp(v).matrix())(v).movedim(-1, 0)
            left, right = So3.vee(slopes @ matrix.mT).mT, So3.vee(matrix.mT @ slopes).mT
            torch.testing.assert_close(So3.left_jacobian(v), left, rtol=1e-11, atol=1e-11)
            torch.testing.assert_close(So3.right_jacobian(v), right, rtol=1e-11, atol=1e-11)
            assert torch.equal(So3.Jl(v), So3.left_jacobian(v))
            assert torch.equal(So3.Jr(v), So3.right_jacobian(v))
            product = inverse_left_jacobian(v) @ So3.left_jacobian(v)
            torch.testing.assert_close(product, torch.eye(3).double(), rtol=1e-11, atol=1e-11)


def test_turns_about_the_axes() -> None:
    angle = torch.tensor([0.3, torch.pi], dtype=torch.float64)
    for axis, make in enumerate((So3.rot_x, So3.rot_y, So3.rot_z)):
        expected = torch.zeros(2, 3, dtype=torch.float64)
        expected[:, axis] = angle
        torch.testing.assert_close(make(angle).log(), expected)


def test_constructors() -> None:
    assert torch.equal(So3.from_wxyz(torch.ones(2, 4)).q.data, torch.ones(2, 4))
    assert type(So3.identity(1) * Vector3(torch.ones(1, 3))) is Vector3
    assert torch.equal(So3.hat(Vector3(torch.ones(3))), So3.hat(torch.ones(3)))
    with pytest.raises(TypeError, match="q must be a Quaternion, got Tensor"):
        So3(torch.ones(4))  # pyright: ignore[reportArgumentType]
    with pytest.raises(ValueError, match="rotation matrices"):
        So3.from_matrix(-torch.eye(3), check_rotation=True)
    assert [*So3(Quaternion(torch.nn.Parameter(torch.ones(4)))).state_dict()] == ["_q._data"]
