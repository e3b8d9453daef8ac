# SPDX-License-Identifier: Apache-2.0
"""What no operation may take: calls with one argument replaced, with kernels and without, and by the module form."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor

import foveal

Form = type[torch.nn.Module] | None
OPTIONAL = ("alpha", "ignore_index", "weight", "pos_weight", "valid_mask", "input_mask", "target_mask")
# NaN is refused where it is compared with a bound; elsewhere it gives NaN.
BOUNDED = ("data_range", "eps", "gamma", "max_val", "window_radius")


def replacements(name: str, value: Any, alone: bool) -> Iterator[Any]:
    """Yield what is wrong in the place of a good value; `alone` says that no other argument is a tensor."""
    yield from ("a", object(), 1j)
    if name not in OPTIONAL:
        yield None
    if isinstance(value, Tensor):
        yield from (1.0, value.tolist(), value.numpy())
        if name != "valid_mask":  # of any dtype
            yield torch.zeros(value.shape, dtype=torch.complex64)
        if not alone:
            yield from (value.to("meta"), torch.zeros(1, 2, 3, 4, 5, 6, 7))
    elif isinstance(value, list):
        yield from (value[0], value[:1], [None] * len(value), [member.to("meta") for member in value])
        yield [torch.zeros(member.shape, dtype=torch.complex64) for member in value]
    elif isinstance(value, tuple):
        yield from (True, (None,), ("b",), (1j, 1j), (-1, -1))
    elif isinstance(value, int | float):
        yield from (True, b"1", torch.ones(3), [1])
        if name in BOUNDED:
            yield float("nan")


def assert_refused(function: Callable[..., Any], form: Form, arguments: dict[str, Any]) -> None:
    """Replace each argument in turn: one error, that names an argument, on every way to the operation."""
    tensors = sum(isinstance(value, Tensor) for value in arguments.values())
    for name, value in arguments.items():
        for bad in replacements(name, value, tensors == 1):
            messages = {_message(way, {**arguments, name: bad}) for way in _ways(function, form)}
            assert len(messages) == 1, f"{name} = {bad!r}: {messages}"
            (message,) = messages
            assert re.match(rf"\w+Error: ({'|'.join(arguments)})\b", message), f"{name} = {bad!r}: {message}"


def _ways(function: Callable[..., Any], form: Form) -> Iterator[Callable[..., Any]]:
    yield function
    yield foveal.use_kernels(False)(function)
    if form is not None:
        yield lambda **call: _by_module(form, call)


def _by_module(form: Any, call: dict[str, Any]) -> Any:
    options = {option: call[name] for option, name in form._parameters_of.items()}
    return form(**options)(*(call[name] for name in form._inputs))


def _message(way: Callable[..., Any], call: dict[str, Any]) -> str:
    try:
        way(**call)
    except (TypeError, ValueError) as error:
        return f"{type(error).__name__}: {error}"
    return "nothing was refused"
