# SPDX-License-Identifier: Apache-2.0
"""Sample calls of an operation, and what the contract does with one."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor


@dataclass(frozen=True)
class Sample:
    """One call of an operation."""

    args: tuple[Any, ...]
    kwargs: dict[str, Any] = field(default_factory=dict)

    def map(self, function: Callable[[Tensor], Any]) -> "Sample":
        """Apply a function to every tensor argument."""

        def mapped(value: Any) -> Any:
            return function(value) if isinstance(value, Tensor) else value

        return Sample(tuple(map(mapped, self.args)), {name: mapped(value) for name, value in self.kwargs.items()})

    def tensors(self) -> list[Tensor]:
        return [value for value in (*self.args, *self.kwargs.values()) if isinstance(value, Tensor)]

    def floats(self) -> list[Tensor]:
        return [tensor for tensor in self.tensors() if tensor.is_floating_point()]

    def with_gradients(self) -> "Sample":
        return self.map(lambda tensor: tensor.detach().clone().requires_grad_(tensor.is_floating_point()))


def call(*args: Any, **kwargs: Any) -> Sample:
    """Write down a call: `call(x, size=3)`."""
    return Sample(args, kwargs)


class Make:
    """Draws reproducible tensors of one dtype on one device."""

    def __init__(self, dtype: torch.dtype, device: torch.device | str = "cpu", seed: int = 0) -> None:
        self.dtype, self.device = dtype, torch.device(device)
        self._generator = torch.Generator().manual_seed(seed)

    def uniform(self, *shape: int, low: float = 0.0, high: float = 1.0) -> Tensor:
        values = torch.rand(shape, generator=self._generator, dtype=torch.float64) * (high - low) + low
        return values.to(self.device, self.dtype)

    def normal(self, *shape: int) -> Tensor:
        return torch.randn(shape, generator=self._generator, dtype=torch.float64).to(self.device, self.dtype)

    def tensor(self, values: Any) -> Tensor:
        return torch.as_tensor(values, dtype=torch.float64).to(self.device, self.dtype)

    def integers(self, low: int, high: int, *shape: int) -> Tensor:
        return torch.randint(low, high, shape, generator=self._generator).to(self.device)


def outputs(result: Any) -> tuple[Tensor, ...]:
    if isinstance(result, dict):
        return tuple(result.values())
    return tuple(result) if isinstance(result, tuple | list) else (result,)


def pull_back(
    operation: Callable[..., Any], sample: Sample, only: int | None = None
) -> tuple[tuple[Tensor, ...], list[Tensor]]:
    """Return the outputs and the gradient of a fixed weighting of them to every float argument, or to one only."""
    leaves = sample.with_gradients()
    floats = leaves.floats()
    for place, leaf in enumerate(floats):
        leaf.requires_grad_(only in (None, place))
    wanted = [leaf for leaf in floats if leaf.requires_grad]
    result = outputs(operation(*leaves.args, **leaves.kwargs))
    return result, _gradients(_weighted(result), wanted)


def pull_back_twice(operation: Callable[..., Any], sample: Sample) -> list[Tensor]:
    """Return the gradients of a fixed weighting of the gradients of `pull_back`."""
    leaves = sample.with_gradients()
    first = _weighted(outputs(operation(*leaves.args, **leaves.kwargs)))
    return _gradients(_weighted(tuple(_gradients(first, leaves.floats(), create_graph=True))), leaves.floats())


def _weighted(results: tuple[Tensor, ...]) -> Tensor | None:
    """Return a sum with another weight for every element, `None` where no gradient flows."""
    weighted = []
    for result in results:
        if result.requires_grad:
            weights = torch.linspace(-1, 1, max(result.numel(), 1), dtype=result.dtype, device=result.device)
            weighted.append((result * weights[: result.numel()].view(result.shape)).sum())
    return sum(weighted) if weighted else None  # pyright: ignore[reportReturnType]


def _gradients(total: Tensor | None, leaves: list[Tensor], create_graph: bool = False) -> list[Tensor]:
    if total is None or not leaves:
        return [torch.zeros_like(leaf) for leaf in leaves]
    gradients = torch.autograd.grad(total, leaves, allow_unused=True, create_graph=create_graph)
    return [
        torch.zeros_like(leaf) if gradient is None else gradient
        for leaf, gradient in zip(leaves, gradients, strict=True)
    ]


@contextmanager
def default_dtype(dtype: torch.dtype) -> Iterator[None]:
    """Set torch's default dtype inside the block."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        yield
    finally:
        torch.set_default_dtype(before)


@contextmanager
def threads(count: int) -> Iterator[None]:
    """Set torch's number of threads inside the block."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def as_function_of_floats(
    operation: Callable[..., Any], sample: Sample
) -> tuple[Callable[..., Any], tuple[Tensor, ...]]:
    """Return the call as a function of its float tensors that gives the outputs which have a gradient."""
    function, tensors = as_function_of_tensors(operation, sample)
    places = [i for i, tensor in enumerate(tensors) if tensor.is_floating_point()]
    graded = [i for i, output in enumerate(outputs(function(*tensors))) if output.requires_grad]

    def of_floats(*floats: Tensor) -> tuple[Tensor, ...]:
        arguments = list(tensors)
        for place, tensor in zip(places, floats, strict=True):
            arguments[place] = tensor
        results = outputs(function(*arguments))
        return tuple(results[i] for i in graded)

    return of_floats, tuple(tensors[place] for place in places)


def as_function_of_tensors(operation: Callable[..., Any], sample: Sample) -> tuple[Callable[..., Any], list[Tensor]]:
    """Return the call as a function of all its tensors."""

    def of_tensors(*tensors: Tensor) -> Any:
        remaining = iter(tensors)
        filled = sample.map(lambda _: next(remaining))
        return operation(*filled.args, **filled.kwargs)

    return of_tensors, sample.tensors()
