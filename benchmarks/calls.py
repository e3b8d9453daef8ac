# SPDX-License-Identifier: Apache-2.0
"""Makers of timed calls, for the races to share."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from benchmarks.race import Call, tensors_of


class Forward:
    """Makes the call alone."""

    def __init__(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
        self.function, self.args, self.kwargs = function, args, kwargs

    def __call__(self) -> Call:
        """Make the call."""
        return lambda: self.function(*self.args, **self.kwargs)

    def tensors(self) -> list[Tensor]:
        """Return the inputs."""
        return [value for value in (*self.args, *self.kwargs.values()) if isinstance(value, Tensor)]


class ForwardBackward(Forward):
    """Makes the call and pulls a gradient of ones back from its float outputs to every float tensor given by position.

    The ones lie in memory, as the gradient that comes out of another layer would: a sum's, which is a single number,
    could be pulled back for less.
    """

    def __call__(self) -> Call:
        """Make the leaves, the gradient of the outputs and the call."""
        leaves = [a.detach().clone().requires_grad_() if _is_float(a) else a for a in self.args]
        wanted = [leaf for leaf in leaves if _is_float(leaf)]

        def outputs() -> list[Tensor]:
            result = self.function(*leaves, **self.kwargs)
            return [output for output in tensors_of(result) if output.requires_grad]

        gradients = [torch.ones_like(output) for output in outputs()]
        return lambda: torch.autograd.grad(outputs(), wanted, gradients)


# As the lists of races name them.
forward = Forward
forward_backward = ForwardBackward


def _is_float(value: Any) -> bool:
    return isinstance(value, Tensor) and value.is_floating_point()
