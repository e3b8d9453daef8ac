# SPDX-License-Identifier: Apache-2.0
from collections.abc import Callable
from typing import Any

import kornia.geometry.quaternion as kornia
import pytest
import torch
from scipy.spatial.transform import Rotation, Slerp

from foveal.geometry.quaternion import Quaternion

OPERATIONS: list[Callable[..., Any]] = [
    lambda p, q: p + q,
    lambda p, q: p - q,
    lambda p, q: p * q,
    lambda p, q: p / q,
    lambda p, q: 2 * p + 1,
    lambda p, q: 1 - p / 2,
    lambda p, q: 2 / p,
    lambda p, q: p * p.w + p.w,
    lambda p, q: -p,
    lambda p, q: p**2,
    lambda p, q: p**-0.5,
    lambda p, q: p ** q.w[:, None],
    lambda p, q: p[1:],
    lambda p, q: p.inv(),
    lambda p, q: p.conj(),
    lambda p, q: p.normalize(),
    lambda p, q: p.slerp(q, 0.3),
    lambda p, q: p.slerp(q, q.x.abs()),
    lambda p, q: p.slerp(q, q.x.abs()[:, None]),
    lambda p, q: p.data,
    lambda p, q: p.q,
    lambda p, q: p.coeffs,
    lambda p, q: torch.stack([p.w, p.x, p.y, p.z, p.real, p.scalar]),
    lambda p, q: p.vec,
    lambda p, q: p.norm(),
    lambda p, q: p.norm(keepdim=True),
    lambda p, q: p.squared_norm(),
    lambda p, q: p.polar_angle,
    lambda p, q: p.matrix(),
    lambda p, q: p.to_axis_angle(),
    lambda p, q: p.to_euler(),
    lambda p, q: torch.tensor(p.shape),
]


def tensor_of(result: Any) -> Any:
    return result.data if hasattr(result, "conj") and hasattr(result, "slerp") else result


@pytest.mark.parametrize("number", range(len(OPERATIONS)))
def test_everything_is_as_with_kornia(number: int) -> None:
    data = torch.randn(2, 5, 4, dtype=torch.float64)
    found = OPERATIONS[number](*(Quaternion(d) for d in data))
    expected = OPERATIONS[number](*(kornia.Quaternion(d) for d in data))
    torch.testing.assert_close(tensor_of(found), tensor_of(expected), rtol=1e-12, atol=1e-12)


def test_constructors() -> None:
    assert Quaternion.identity(2).data.tolist() == [[1.0, 0.0, 0.0, 0.0]] * 2
    assert Quaternion.identity(dtype=torch.float64).data.dtype is torch.float64
    assert Quaternion.from_coeffs(1.0, 2.0, 3.0, 4.0).data.tolist() == [1.0, 2.0, 3.0, 4.0]
    vectors = torch.randn(3, 3, dtype=torch.float64)
    quaternion = Quaternion.from_axis_angle(vectors)
    torch.testing.assert_close(Quaternion.from_matrix(quaternion.matrix()).matrix(), quaternion.matrix())
    torch.testing.assert_close(Quaternion.from_euler(*quaternion.to_euler()).matrix(), quaternion.matrix())
    with pytest.raises(ValueError, match="rotation matrices"):
        Quaternion.from_matrix(2 * torch.eye(3), check_rotation=True)


def test_random_rotations_are_uniform_and_repeat() -> None:
    generator = torch.Generator().manual_seed(1)
    drawn = Quaternion.random(20_000, generator=generator)
    again = Quaternion.random(20_000, generator=generator.manual_seed(1))
    torch.testing.assert_close(drawn.norm(), torch.ones(20_000))
    # The mean of a uniformly distributed rotation matrix is zero.
    assert drawn.matrix().mean(0).abs().max() < 0.02
    assert torch.equal(again.data, drawn.data)


def test_slerp_is_scipys() -> None:
    ends = torch.randn(2, 4, dtype=torch.float64)
    times = torch.linspace(0, 1, 5, dtype=torch.float64)
    scipy = Slerp([0, 1], Rotation.from_quat(ends.numpy(), scalar_first=True))(times.numpy())
    start, end = (Quaternion(e.expand(5, 4)) for e in ends)
    for last in (end, -end):
        torch.testing.assert_close(start.slerp(last, times).matrix(), torch.from_numpy(scipy.as_matrix()))


@pytest.mark.parametrize("dtype", [torch.float16, torch.float32, torch.float64], ids=str)
def test_powers_and_slerp_at_the_identity_have_gradients(dtype: torch.dtype) -> None:
    one = torch.tensor([[1.0, 0.0, 0.0, 0.0]], dtype=dtype, requires_grad=True)
    for result in (Quaternion(one) ** 0.5, Quaternion(one).slerp(Quaternion(one), 0.5)):
        assert result.data.tolist() == [[1.0, 0.0, 0.0, 0.0]]
        assert torch.autograd.grad(result.data.sum(), one)[0].isfinite().all()
    assert Quaternion(one).polar_angle.item() == 0
    root = Quaternion(-one) ** 0.5
    torch.testing.assert_close((root * root).data, -one, rtol=0, atol=1e-3 if dtype is torch.float16 else 1e-6)


def test_data_keeps_its_graph_and_parameters_stay() -> None:
    leaf = torch.ones(4, requires_grad=True)
    assert torch.autograd.grad((Quaternion(leaf * 2).matrix() * torch.rand(3, 3)).sum(), leaf)[0].isfinite().all()
    assert [*dict(Quaternion(torch.nn.Parameter(torch.ones(4))).named_parameters())] == ["_data"]
    assert Quaternion(torch.ones(4)).to(torch.float64).data.dtype is torch.float64
    assert repr(Quaternion(torch.ones(4))) == "Quaternion(tensor([1., 1., 1., 1.]))"


def test_bad_data() -> None:
    with pytest.raises(TypeError, match=r"data must be a torch\.Tensor, got list"):
        Quaternion([1.0])  # pyright: ignore[reportArgumentType]
    with pytest.raises(ValueError, match=r"data must have shape \(\*, 4\), got \(3,\)"):
        Quaternion(torch.ones(3))
    with pytest.raises(ValueError, match="batch_size must be at least 0"):
        Quaternion.identity(-1)
