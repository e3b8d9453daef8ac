# SPDX-License-Identifier: Apache-2.0
"""An operation with a kernel, made for the tests of the way through autograd."""

from typing import Any

import torch
from torch import Tensor


def products(x: Tensor, y: Tensor, *, power: float = 3.0) -> tuple[Tensor, Tensor, Tensor]:
    """Two smooth outputs, the second of `y` alone, and an integer one."""
    return x**power * y, y.exp(), (x > y).long()


class Counted:
    """A kernel of `products` and its adjoint, with a count of their calls."""

    def __init__(self) -> None:
        self.forwards = 0
        self.needs: list[tuple[bool, ...]] = []

    def forward(self, x: Tensor, y: Tensor, power: float) -> tuple[Tensor, ...]:
        self.forwards += 1
        with torch.no_grad():
            return products(x, y, power=power)

    def adjoint(
        self, needs: tuple[bool, ...], gradients: tuple[Tensor, ...], outputs: tuple[Tensor, ...], *arguments: Any
    ) -> tuple[Tensor | None, ...]:
        self.needs.append(needs)
        (x, y, power), (_, exponential, _) = arguments, outputs
        by_x = gradients[0] * power * x ** (power - 1) * y if needs[0] else None
        by_y = gradients[0] * x**power + gradients[1] * exponential if needs[1] else None
        return by_x, by_y, None


def leaves(count: int = 2) -> list[Tensor]:
    return [torch.rand(4, dtype=torch.float64, requires_grad=True) for _ in range(count)]


def weigh(*tensors: Tensor) -> Tensor:
    return sum((t * torch.linspace(1, 2, t.numel(), dtype=t.dtype).view(t.shape)).sum() for t in tensors)
