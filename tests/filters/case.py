# SPDX-License-Identifier: Apache-2.0
"""What the tests of linear filters share."""

from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import torch
from torch import Tensor

from tests.contract import Contract, Make, Sample, call

BORDERS = ("reflect", "constant", "replicate", "circular")


class FilterCase(Contract):
    """A linear filter whose peer is Kornia's function of the same name."""

    peer: ClassVar[Callable[..., Any]]
    """Kornia's function, as a `staticmethod`."""

    def oracle(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return self.peer(*args, **kwargs)
        except RuntimeError:
            # Kornia has no border wider than the image, and no image without channels.
            return NotImplemented


def inner_product_error(operation: Callable[[Tensor], Tensor], image: Tensor) -> float:
    """Return the relative difference of <Ax, y> and <x, A'y> for a random y, summed in float64."""
    image = image.detach().clone().requires_grad_()
    result = operation(image)
    other = torch.randn(result.shape, generator=torch.Generator().manual_seed(1))
    (gradient,) = torch.autograd.grad(result, image, other)
    result, image = result.detach().double(), image.detach().double()
    left, right = (result * other.double()).sum(), (image * gradient.double()).sum()
    return float((left - right).abs() / (result.norm() * other.double().norm()))


def invalid_border(make: Make, *arguments: Any) -> Iterator[tuple[type[Exception], str, Sample]]:
    """Yield the bad images and borders that every linear filter refuses; `arguments` follow the image."""
    image = make.uniform(1, 1, 4, 4)
    yield TypeError, "input must be a torch.Tensor, got list", call([1.0], *arguments)
    yield TypeError, "input must hold real numbers, got torch.complex64", call(image.to(torch.complex64), *arguments)
    yield ValueError, r"input must have shape \(B, C, H, W\), got \(1, 4, 4\)", call(image[0], *arguments)
    yield (
        ValueError,
        "border_type must be one of .*'circular', got 'zeros'",
        call(image, *arguments, border_type="zeros"),
    )
