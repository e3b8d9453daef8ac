# SPDX-License-Identifier: Apache-2.0
import kornia.geometry.liegroup as kornia
import pytest
import torch

from foveal.geometry.liegroup import So2
from foveal.geometry.vector import Vector2
from tests.geometry.liegroup.case import Group


class TestSo2(Group):
    group = So2
    kornia = kornia.So2
    dimension = 1
    angular = slice(0, 1)


def test_columns_of_numbers_are_read_as_rows() -> None:
    angles = torch.rand(3, 1)
    assert So2.exp(angles).z.shape == (3,)
    assert So2.hat(angles).shape == (3, 2, 2)


def test_vectors_stay_vectors() -> None:
    assert type(So2.identity(1) * Vector2(torch.ones(1, 2))) is Vector2


def test_bad_arguments() -> None:
    with pytest.raises(TypeError, match=r"z must have a complex dtype, got torch\.float32"):
        So2(torch.ones(2))
    with pytest.raises(TypeError, match="theta must have a dtype that has complex numbers"):
        So2.exp(torch.ones(2, dtype=torch.bfloat16))
