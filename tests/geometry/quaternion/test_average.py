# SPDX-License-Identifier: Apache-2.0
import pytest
import torch
from scipy.spatial.transform import Rotation

from foveal.geometry.quaternion import Quaternion, average_quaternions


@pytest.mark.parametrize("weighted", [False, True])
def test_the_average_is_scipys(weighted: bool) -> None:
    data = torch.tensor([2.0, 0.0, 0.0, 0.0], dtype=torch.float64) + torch.randn(6, 4, dtype=torch.float64)
    weights = torch.rand(6, dtype=torch.float64) if weighted else None
    scipy = Rotation.from_quat(data.numpy(), scalar_first=True).mean(None if weights is None else weights.numpy())
    found = average_quaternions(Quaternion(data * torch.randn(6, 1).double()), weights)
    assert found.shape == (1, 4)
    torch.testing.assert_close(found.matrix()[0], torch.from_numpy(scipy.as_matrix()))


def test_the_average_is_differentiable_twice_and_where_all_are_equal() -> None:
    def average(data: torch.Tensor) -> torch.Tensor:
        return average_quaternions(Quaternion(data)).matrix()

    data = torch.randn(4, 4, dtype=torch.float64, requires_grad=True)
    torch.autograd.gradcheck(average, data)
    torch.autograd.gradgradcheck(average, data)
    equal = torch.tensor([[1.0, 0.0, 0.0, 0.0]] * 3, requires_grad=True)
    weights = torch.arange(9.0).view(3, 3)
    assert torch.autograd.grad((average(equal) * weights).sum(), equal)[0].isfinite().all()


def test_bad_arguments() -> None:
    with pytest.raises(TypeError, match="Q must be a Quaternion, got Tensor"):
        average_quaternions(torch.ones(3, 4))  # pyright: ignore[reportArgumentType]
    with pytest.raises(ValueError, match=r"w must have shape \(3\), got \(2,\)"):
        average_quaternions(Quaternion.identity(3), torch.ones(2))
    with pytest.raises(ValueError, match=r"Q must have shape \(M, 4\)"):
        average_quaternions(Quaternion.identity())
