# SPDX-License-Identifier: Apache-2.0
"""What the adjustments' tests share: a case of functions of an image and some factors."""

from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import torch
from torch import Tensor

from foveal import use_kernels
from tests.contract import Contract, Make, Sample, call

SHAPES = ((2, 3, 4, 5), (3, 7, 5), (1, 3, 1, 1), (2, 2, 3, 2, 3), (0, 3, 2, 2))


class AdjustmentCase(Contract):
    """An operation on an image and options."""

    peer: ClassVar[Callable[..., Any]]
    """Kornia's function, as a `staticmethod`."""

    options: ClassVar[tuple[dict[str, Any], ...]] = ({},)
    """Options of the samples; lists of numbers become tensors, one number an image, for a batch of two."""

    low, high = 0.0, 1.0
    """Range of the pixels."""

    image_name: ClassVar[str] = "image"

    takes_bytes: ClassVar[bool] = True

    unit_options: ClassVar[bool] = True
    """Whether the options of bytes are those of floats in [0, 1]."""

    def oracle(self, *args: Any, **kwargs: Any) -> Any:
        return self.peer(*args, **kwargs)

    def images(self, make: Make, *shape: int) -> Tensor:
        return make.uniform(*shape, low=self.low, high=self.high)

    def filled(self, make: Make, options: dict[str, Any]) -> dict[str, Any]:
        return {name: make.tensor(value) if isinstance(value, list) else value for name, value in options.items()}

    def samples(self, make: Make) -> Iterator[Sample]:
        for options in self.options:
            yield call(self.images(make, *SHAPES[0]), **self.filled(make, options))
        for shape in SHAPES[1:]:
            yield call(self.images(make, *shape), **self.numbers())

    def numbers(self) -> dict[str, Any]:
        """Return the first options without tensors."""
        return next(o for o in self.options if not any(isinstance(value, list) for value in o.values()))

    def large(self, make: Make) -> Iterator[Sample]:
        for options in self.options:
            if not any(isinstance(value, list) for value in options.values()):
                yield call(self.images(make, 2, 3, 97, 131), **options)

    def test_gradients_of_factors_add_up_all_pixels(self) -> None:
        """In float32 the error of such a sum goes by its terms: the contract's weights would cancel them."""
        for options in self.options if self.differentiable else ():
            if any(isinstance(value, list) for value in options.values()):
                check_sums(self.operation, self.images(Make(torch.float64), 2, 3, 97, 131), options)

    def special(self, make: Make) -> Iterator[Sample]:
        pixels = make.tensor([(0, 0, 0), (0.5, 0.5, 0.5), (1, 1, 1), (1, 0, 0), (0, 1, 1), (0, 0.5, 1)]).T
        for options in self.options:
            yield call(pixels.reshape(1, 3, 2, 3).expand(2, 3, 2, 3).contiguous(), **self.filled(make, options))

    def invalid(self, make: Make) -> Iterator[tuple[type[Exception], str, Sample]]:
        name, options = self.image_name, self.numbers()
        yield TypeError, f"{name} must be a torch.Tensor, got list", call([1.0], **options)
        wanted = f"{name} must have a floating-point dtype" + (" or be uint8" if self.takes_bytes else "")
        yield TypeError, f"{wanted}, got torch.int64", call(make.integers(0, 2, 1, 3, 4, 4), **options)
        for option, value in options.items():
            if isinstance(value, float):
                bad = {**options, option: "1"}
                yield (
                    TypeError,
                    f"{option} must be a number or a tensor, got str",
                    call(make.uniform(2, 3, 4, 4), **bad),
                )
                bad[option] = make.uniform(5)
                yield ValueError, f"{option} must .*got shape \\(5,\\)", call(make.uniform(2, 3, 4, 4), **bad)

    def test_bytes_are_the_floats_rounded(self) -> None:
        if not self.takes_bytes:
            return
        image = torch.randint(0, 256, (2, 3, 97, 131), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
        make = Make(torch.float64)
        for options in self.options if self.unit_options else ():
            filled = self.filled(make, options)
            exact = self.operation(image.double() / 255, **filled).clamp(0, 1) * 255
            for enabled in (True, False):
                with use_kernels(enabled):
                    found = self.operation(image, **filled)
                assert found.dtype is torch.uint8
                # Rounding, and half a level between float32 and float64.
                assert (found.double() - exact).abs().max() <= 0.5 + 1e-3, f"{options}, kernels {enabled}"


def check_sums(operation: Any, image: Tensor, options: dict[str, Any]) -> None:
    """Gradients to factors, given as lists, equal those of the reference in float64.

    Args:
        operation: what to differentiate.
        image: in float64, of many pixels.
        options: the others arguments.
    """
    weights = Make(torch.float64, seed=1).uniform(*image.shape)
    found: list[list[Tensor]] = []
    for function, dtype in ((operation, torch.float32), (operation.reference, torch.float64)):
        filled = {
            name: torch.tensor(value, dtype=dtype, requires_grad=True) if isinstance(value, list) else value
            for name, value in options.items()
        }
        factors = [value for value in filled.values() if isinstance(value, Tensor)]
        total = (function(image.to(dtype), **filled) * weights.to(dtype)).sum()
        parts = torch.autograd.grad(total, factors, allow_unused=True)
        found.append([torch.zeros(()) if p is None else p for p in parts])
    for actual, expected in zip(*found, strict=True):
        torch.testing.assert_close(
            actual.double(), expected.double().expand_as(actual), rtol=1e-5, atol=1e-7 * image.numel()
        )
