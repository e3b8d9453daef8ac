# SPDX-License-Identifier: Apache-2.0
import kornia.geometry.liegroup as kornia
import pytest
import torch

from foveal.geometry.liegroup import Se2, So2
from foveal.geometry.vector import Vector2
from tests.geometry.liegroup.case import Group


class TestSe2(Group):
    group = Se2
    kornia = kornia.Se2
    dimension = 3
    angular = slice(2, 3)


def test_translations() -> None:
    x, y = torch.rand(2, 3)
    for motion, expected in (
        (Se2.trans(x, y), [x, y]),
        (Se2.trans_x(x), [x, 0 * x]),
        (Se2.trans_y(y), [0 * x, y]),
    ):
        assert torch.equal(motion.t, torch.stack(expected, dim=-1))
        assert torch.equal(motion.translation, motion.t)
        assert motion.r.z.tolist() == [1 + 0j] * 3
        assert motion.so2 is motion.r is motion.rotation


def test_matrices_are_not_checked() -> None:
    mirror = torch.diag(torch.tensor([1.0, -1.0, 1.0]))
    assert torch.equal(Se2.from_matrix(mirror).matrix(), torch.eye(3))
    assert not [*Se2.from_matrix(mirror).parameters()]


def test_constructors() -> None:
    motion = Se2(So2.identity(1), Vector2(torch.ones(1, 2)))
    assert type(motion.t) is torch.Tensor
    assert type(motion * Vector2(torch.ones(1, 2))) is Vector2
    with pytest.raises(TypeError, match="rotation must be a So2, got Tensor"):
        Se2(torch.ones(2), torch.ones(2))  # pyright: ignore[reportArgumentType]
    with pytest.raises(ValueError, match=r"translation must have shape \(\*, 2\)"):
        Se2(So2.identity(), torch.ones(3))
