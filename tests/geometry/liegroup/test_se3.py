# SPDX-License-Identifier: Apache-2.0
import kornia.geometry.liegroup as kornia
import pytest
import torch

from foveal.geometry.liegroup import Se3, So3
from foveal.geometry.quaternion import Quaternion
from foveal.geometry.vector import Vector3
from tests.geometry.liegroup.case import Group


class TestSe3(Group):
    group = Se3
    kornia = kornia.Se3
    dimension = 6
    angular = slice(3, 6)


def test_translations_and_turns() -> None:
    x, y, z = torch.rand(3, 2)
    zero = 0 * x
    for motion, expected in (
        (Se3.trans(x, y, z), [x, y, z, zero, zero, zero]),
        (Se3.trans_x(x), [x, zero, zero, zero, zero, zero]),
        (Se3.trans_y(y), [zero, y, zero, zero, zero, zero]),
        (Se3.trans_z(z), [zero, zero, z, zero, zero, zero]),
        (Se3.rot_x(x), [zero, zero, zero, x, zero, zero]),
        (Se3.rot_y(y), [zero, zero, zero, zero, y, zero]),
        (Se3.rot_z(z), [zero, zero, zero, zero, zero, z]),
    ):
        torch.testing.assert_close(motion.log(), torch.stack(expected, dim=-1))


def test_constructors() -> None:
    motion = Se3.from_qxyz(torch.tensor([[1.0, 0.0, 0.0, 0.0, 5.0, 6.0, 7.0]]))
    assert motion.t.tolist() == motion.translation.tolist() == [[5.0, 6.0, 7.0]]
    assert motion.so3 is motion.r is motion.rotation
    assert motion.quaternion is motion.r.q
    assert type(Se3(Quaternion.identity(1), Vector3(torch.ones(1, 3))) * Vector3(torch.ones(1, 3))) is Vector3
    with pytest.raises(TypeError, match="rotation must be a So3 or a Quaternion, got Tensor"):
        Se3(torch.eye(3), torch.ones(3))  # pyright: ignore[reportArgumentType]
    with pytest.raises(ValueError, match=r"translation must have shape \(\*, 3\)"):
        Se3(So3.identity(), torch.ones(2))


def test_translations_keep_their_graph_and_parameters_stay() -> None:
    tangents = torch.rand(2, 6, requires_grad=True)
    assert torch.autograd.grad(Se3.exp(tangents).t.sum(), tangents)[0].abs().sum() > 0
    learned = Se3(So3.identity(), torch.nn.Parameter(torch.zeros(3)))
    assert [*dict(learned.named_parameters())] == ["_translation"]
