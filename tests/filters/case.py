# SPDX-License-Identifier: Apache-2.0
"""What the tests of linear filters share."""

from collections.abc import Callable, Iterator
from typing import Any, ClassVar, cast

import torch
from torch import Tensor

from foveal._op import Operation
from tests.contract import Contract, Make, Sample, call, outputs

BORDERS = ("reflect", "constant", "replicate", "circular")


class FilterCase(Contract):
    """A linear filter whose peer is Kornia's function of the same name."""

    peer: ClassVar[Callable[..., Any]]
    """Kornia's function, as a `staticmethod`."""

    axes: ClassVar[int] = 2
    """Of images: gradients with fewer dimensions are those to kernels."""

    def oracle(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return self.peer(*args, **kwargs)
        except RuntimeError:
            # Kornia has no border wider than the image, and no image without channels.
            return NotImplemented

    def close(self, actual: Any, expected: Any, dtype: torch.dtype, what: str) -> None:
        if dtype is not torch.float32 or "gradients" not in what:
            super().close(actual, expected, dtype, what)
            return
        for found, wanted in zip(outputs(actual), outputs(expected), strict=True):
            if wanted.ndim >= self.axes + 2:
                super().close(found, wanted, dtype, what)
            else:
                # The reference's float32 sums over all pixels carry this much; `taps_gradient_error` measures ours.
                torch.testing.assert_close(found, wanted, rtol=2e-2, atol=2e-2)


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


def taps_gradient_error(operation: Callable[..., Tensor], image: Tensor, *taps: Tensor) -> float:
    """Return the error of the gradients to taps in float32, relative to what they could at most be.

    The reference in float64 says what is right: in float32 its own sums over all pixels are not.
    """
    found = []
    reference = cast(Operation[..., Tensor], operation).reference
    for function, dtype in ((operation, torch.float32), (reference, torch.float64)):
        leaves = [tap.to(dtype).requires_grad_() for tap in taps]
        result = function(image.to(dtype), *leaves)
        weights = torch.randn(result.shape, generator=torch.Generator().manual_seed(2)).to(dtype)
        found.append(torch.autograd.grad(result, leaves, weights))
    scale = image.double().norm() * image.numel() ** 0.5
    return max(float((a.double() - e).abs().max() / scale) for a, e in zip(*found, strict=True))
