# SPDX-License-Identifier: Apache-2.0
"""What holds for every Lie group."""

from typing import Any, ClassVar

import pytest
import torch
from torch import Tensor

# Lengths of tangents: at zero, where series end, at half a turn.
ANGLES = (0.0, 1e-9, 1e-4, 0.3, 0.99, 1.01, 2.0, 3.1, torch.pi - 1e-6)


class Group:
    """Laws of a group, its exponential and its adjoint, on tangents of a few angles."""

    group: ClassVar[Any]
    kornia: ClassVar[Any]
    dimension: ClassVar[int]
    angular: ClassVar[slice]
    """The part of a tangent that turns."""

    def tangents(self, dtype: torch.dtype = torch.float64) -> Tensor:
        found = torch.randn(len(ANGLES), self.dimension, dtype=torch.float64)
        turning = torch.nn.functional.normalize(found[:, self.angular], dim=-1)
        found[:, self.angular] = turning * torch.tensor(ANGLES).double()[:, None]
        return (found[:, 0] if self.dimension == 1 else found).to(dtype)

    def test_exp_is_that_of_the_matrix(self) -> None:
        tangents = self.tangents()
        expected = torch.linalg.matrix_exp(self.group.hat(tangents))
        torch.testing.assert_close(self.group.exp(tangents).matrix(), expected, rtol=1e-12, atol=1e-12)

    def test_log_undoes_exp(self) -> None:
        tangents = self.tangents()
        torch.testing.assert_close(self.group.exp(tangents).log(), tangents, rtol=1e-9, atol=1e-12)

    def test_vee_undoes_hat(self) -> None:
        tangents = self.tangents()
        assert torch.equal(self.group.vee(self.group.hat(tangents)), tangents)

    def test_laws_of_a_group(self) -> None:
        a, b = self.group.random(4, dtype=torch.float64), self.group.random(4, dtype=torch.float64)
        for found, expected in (
            ((a * b).matrix(), a.matrix() @ b.matrix()),
            (a.inverse().matrix(), torch.linalg.inv(a.matrix())),
            ((a * self.group.identity(4, dtype=torch.float64)).matrix(), a.matrix()),
            (self.group.from_matrix(a.matrix()).matrix(), a.matrix()),
            (a[1:3].matrix(), a.matrix()[1:3]),
        ):
            torch.testing.assert_close(found, expected, rtol=1e-12, atol=1e-12)

    def test_the_adjoint_moves_tangents(self) -> None:
        """g exp(v) g^-1 = exp(Ad v)."""
        tangents = self.tangents()
        g = self.group.random(len(tangents), dtype=torch.float64)
        column = tangents[:, None] if self.dimension == 1 else tangents
        moved = (g.adjoint()[:, : self.dimension, : self.dimension] @ column[..., None])[..., 0]
        found = (g * self.group.exp(tangents) * g.inverse()).matrix()
        expected = self.group.exp(moved[:, 0] if self.dimension == 1 else moved).matrix()
        torch.testing.assert_close(found, expected, rtol=1e-12, atol=1e-12)

    def test_points_move_as_by_the_matrix(self) -> None:
        size = {1: 2, 3: 3 if self.angular == slice(0, 3) else 2, 6: 3}[self.dimension]
        g = self.group.random(4, dtype=torch.float64)
        matrix = torch.eye(size + 1).double().repeat(4, 1, 1)
        matrix[:, : g.matrix().shape[-1], : g.matrix().shape[-1]] = g.matrix()
        for shape in ((4, size), (4, 5, size), (size,)):
            points = torch.randn(shape, dtype=torch.float64)
            expected = points.expand(4, *shape[-1:]) if len(shape) == 1 else points
            spread = matrix[:, *([None] * (expected.ndim - 2))]
            expected = (spread[..., :size, :size] @ expected[..., None])[..., 0] + spread[..., :size, size]
            torch.testing.assert_close(g * points, expected, rtol=1e-12, atol=1e-12)
        one = self.group.exp(self.tangents()[4])
        points = torch.randn(5, size, dtype=torch.float64)
        torch.testing.assert_close((one * points)[2], one * points[2])

    def test_it_is_as_with_kornia(self) -> None:
        tangents = self.tangents()[1:-1]
        found, expected = self.group.exp(tangents), self.kornia.exp(tangents)
        for name in ("matrix", "log", "adjoint"):
            theirs = getattr(expected, name)()
            torch.testing.assert_close(getattr(found, name)(), theirs, rtol=1e-6, atol=1e-6)

    @pytest.mark.parametrize("dtype", [torch.float16, torch.float32, torch.float64], ids=str)
    def test_gradients_are_finite(self, dtype: torch.dtype) -> None:
        tangents = self.tangents(dtype).requires_grad_()
        element = self.group.exp(tangents)
        for result in (element.matrix(), element.log()):
            (found,) = torch.autograd.grad(result.float().sum(), tangents, retain_graph=True)
            assert found.isfinite().all()

    def test_constructors_take_device_and_dtype(self) -> None:
        generator = torch.Generator().manual_seed(1)
        first = self.group.random(3, dtype=torch.float64, generator=generator)
        again = self.group.random(3, dtype=torch.float64, generator=generator.manual_seed(1))
        assert first.matrix().dtype is torch.float64
        assert torch.equal(first.matrix(), again.matrix())
        assert self.group.identity().matrix().shape == first.matrix().shape[1:]
        assert self.group.__name__ in repr(first)
