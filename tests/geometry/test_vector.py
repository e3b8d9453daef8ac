# SPDX-License-Identifier: Apache-2.0
import copy
import pickle

import pytest
import torch
from torch import Tensor

from foveal.geometry.vector import Scalar, Vector2, Vector3


def test_coordinates_and_products() -> None:
    vector = Vector3(torch.tensor([[3.0, 0.0, 4.0], [0.0, 0.0, 0.0]]))
    assert [type(c) for c in (vector.x, vector.y, vector.z)] == [Tensor] * 3
    assert vector.z.tolist() == [4.0, 0.0]
    torch.testing.assert_close(vector.normalized().unwrap(), torch.tensor([[0.6, 0.0, 0.8], [0.0, 0.0, 0.0]]))
    assert type(vector.squared_norm()) is Scalar
    assert vector.squared_norm().data.tolist() == [25.0, 0.0]
    assert Vector2.from_coords(1.0, 2.0).dot(Vector2(torch.tensor([3.0, 4.0]))).item() == 11.0


def test_results_keep_their_class_while_they_hold_vectors() -> None:
    vector, scalar = Vector3(torch.rand(3, 3)), Scalar(torch.rand(3, 1))
    kept = (
        vector + 1,
        -vector,
        torch.sin(vector),
        vector.clone(),
        scalar * vector,
        vector * scalar,
        vector[0],
        vector[1:],
    )
    assert [type(result) for result in kept] == [Vector3] * 8
    lost = (vector.norm(dim=-1), vector[:, :2], vector.sum(0), vector[..., 0])
    assert [type(result) for result in lost] == [Tensor] * 4
    assert type(scalar + 1) is Scalar
    assert type(torch.cat([vector, vector])) is Vector3
    assert [type(c) for c in (copy.deepcopy(vector), pickle.loads(pickle.dumps(vector)))] == [Vector3] * 2


def test_gradients_flow() -> None:
    leaf = torch.rand(4, 2, requires_grad=True)
    length = Vector2(leaf * 2).squared_norm().unwrap().sum()
    torch.testing.assert_close(torch.autograd.grad(length, leaf)[0], 8 * leaf)


def test_constructors() -> None:
    assert Vector3.from_coords(*torch.arange(6.0).view(3, 2)).unwrap().tolist() == [[0.0, 2.0, 4.0], [1.0, 3.0, 5.0]]
    assert Vector2.from_coords(1, 2, dtype=torch.float64).dtype is torch.float64
    generator = torch.Generator().manual_seed(1)
    drawn = Vector2.random((5,), generator=generator)
    assert drawn.shape == (5, 2)
    assert torch.equal(drawn.unwrap(), Vector2.random((5,), generator=generator.manual_seed(1)).unwrap())
    assert Vector3.random().shape == (3,)
    with pytest.raises(ValueError, match=r"vector must have shape \(\*, 3\), got \(2,\)"):
        Vector3(torch.ones(2))
    with pytest.raises(TypeError, match=r"data must be a torch\.Tensor, got float"):
        Scalar(1.0)  # pyright: ignore[reportArgumentType]


def test_what_was_used_is_noted() -> None:
    vector = Vector3(torch.ones(3))
    assert torch.cosh(vector).shape == (3,)
    assert torch.cosh in Vector3.used_calls
    assert "shape" in Vector3.used_attrs
