# SPDX-License-Identifier: Apache-2.0
"""Makers of timed calls, for the races to share."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from benchmarks.race import Call


def forward(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Callable[[], Call]:
    """Time the call alone."""
    return lambda: lambda: function(*args, **kwargs)


def forward_backward(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Callable[[], Call]:
    """Time the call and the gradient of the sum of its float outputs to every float tensor argument."""

    def make() -> Call:
        leaves = [a.detach().clone().requires_grad_() if _is_float(a) else a for a in args]
        wanted = [leaf for leaf in leaves if _is_float(leaf)]

        def call() -> object:
            result = function(*leaves, **kwargs)
            outputs = result if isinstance(result, tuple) else (result,)
            total = sum(output.sum() for output in outputs if output.requires_grad)
            return torch.autograd.grad(total, wanted)

        return call

    return make


def _is_float(value: Any) -> bool:
    return isinstance(value, Tensor) and value.is_floating_point()
