# SPDX-License-Identifier: Apache-2.0
"""The way from a public function to its kernels.

A function marked `@op` is its own specification: plain PyTorch, called the *reference*. Where a kernel of the same name
stands at the same path under `foveal/kernels/<device>/` and accepts the arguments, the kernel runs in its place.
"""

import functools
import importlib
import importlib.util
import inspect
import os
from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Generic, NamedTuple, ParamSpec, Protocol, TypeVar, cast

import torch
from torch import Tensor, nn

from foveal.kernels._kernel import Kernel, is_transformed

P = ParamSpec("P")
R_co = TypeVar("R_co", covariant=True)

_PLAIN = (Tensor, nn.Parameter)
_MISSING: Any = inspect.Parameter.empty

_enabled: ContextVar[bool] = ContextVar(
    "foveal_kernels", default=os.environ.get("FOVEAL_KERNELS", "on").lower() not in ("off", "0", "false", "no")
)


class Operation(Protocol, Generic[P, R_co]):
    """A public function together with its bare reference."""

    reference: Callable[..., Any]
    __name__: str

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R_co: ...


@contextmanager
def use_kernels(enabled: bool) -> Generator[None]:
    """Switch kernels on or off for the calls of this thread (or task) inside the block.

    Args:
        enabled: `False` runs the reference of every operation, `True` its kernel where there is one.

    >>> import foveal, torch
    >>> with foveal.use_kernels(False):
    ...     _ = foveal.geometry.subpix.spatial_softmax2d(torch.zeros(1, 1, 3, 3))
    """
    token = _enabled.set(enabled)
    try:
        yield
    finally:
        _enabled.reset(token)


def op(reference: Callable[P, R_co]) -> Operation[P, R_co]:
    """Make a public operation of its reference: calls go to a kernel where one accepts them, else to the reference."""
    parameters = _Parameters.of(reference)
    first = next(iter(parameters.places), "")
    positional = parameters.by_position(reference)
    kernels: dict[str, Kernel | None] = {}

    @functools.wraps(reference)
    def operation(*args: P.args, **kwargs: P.kwargs) -> R_co:
        if torch.compiler.is_compiling() or not _enabled.get():
            return reference(*args, **kwargs)
        lead: Any = args[0] if args else kwargs.get(first)
        if type(lead) not in _PLAIN:
            return reference(*args, **kwargs)
        device = "cpu" if lead.is_cpu else lead.device.type
        if device not in kernels:
            kernels[device] = find_kernel(reference, device)
        kernel = kernels[device]
        if kernel is None or lead.numel() < kernel.least[lead.requires_grad] or is_transformed():
            return reference(*args, **kwargs)
        arguments = _positional(parameters, args, kwargs)
        if arguments is None or not _plain(arguments, device) or not kernel.accepts(*arguments):
            return reference(*args, **kwargs)
        return kernel.run(positional, arguments)

    wrapped: Any = operation
    wrapped.reference = reference
    # Code of its own: torch.compile counts recompilations by code object, and would add up those of all operations.
    wrapped.__code__ = wrapped.__code__.replace(co_name=reference.__name__)
    return cast(Operation[P, R_co], wrapped)


def find_kernel(reference: Callable[..., Any], device: str) -> Kernel | None:
    """Return the kernel at the path and of the name of `reference` for a device type, or `None` where there is none."""
    if device == "cuda" and importlib.util.find_spec("triton") is None:
        return None
    if device == "cpu" and os.environ.get("NUMBA_DISABLE_JIT", "0") not in ("", "0"):
        return None  # the user debugs Python loops: ours would be run uncompiled as well
    package, _, place = reference.__module__.partition(".")
    if package != "foveal":
        return None
    path = f"foveal.kernels.{device}.{place}"
    try:
        module = importlib.import_module(path)
    except ModuleNotFoundError as error:
        if error.name is not None and f"{path}.".startswith(f"{error.name}."):
            return None
        raise
    return getattr(module, reference.__name__, None)


class _Parameters(NamedTuple):
    """The parameters of an operation."""

    places: dict[str, int]
    defaults: tuple[Any, ...]
    """Default values, `_MISSING` where there is none."""
    limit: int
    """How many may be given by position."""
    required: int
    """The place behind the last one that has no default."""

    @classmethod
    def of(cls, function: Callable[..., Any]) -> "_Parameters":
        parameters = inspect.signature(function).parameters.values()
        return cls(
            places={parameter.name: place for place, parameter in enumerate(parameters)},
            defaults=tuple(parameter.default for parameter in parameters),
            limit=sum(parameter.kind is not inspect.Parameter.KEYWORD_ONLY for parameter in parameters),
            required=max((i for i, p in enumerate(parameters, 1) if p.default is _MISSING), default=0),
        )

    def by_position(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Let a function take its keyword-only arguments by position, as kernels do."""
        limit, options = self.limit, list(self.places)[self.limit :]
        if not options:
            return function
        return lambda *args: function(*args[:limit], **dict(zip(options, args[limit:], strict=True)))


def _positional(parameters: _Parameters, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, ...] | None:
    """Lay out a call's arguments in the signature's order; `None` for a call that the reference will refuse."""
    places, defaults, limit, required = parameters
    given = len(args)
    if given > limit:
        return None
    merged = args + defaults[given:]
    if kwargs:
        laid = list(merged)
        for name, value in kwargs.items():
            place = places.get(name, -1)
            if place < given:
                return None
            laid[place] = value
        merged = tuple(laid)
    for place in range(given, required):
        if merged[place] is _MISSING:
            return None
    return merged


def _plain(arguments: tuple[Any, ...], device: str) -> bool:
    """Say whether every tensor is a plain one on the device; autograd would not see tensors inside a sequence."""
    for value in arguments:
        if type(value) in _PLAIN:
            if not (value.is_cpu if device == "cpu" else value.device.type == device):
                return False
        elif isinstance(value, Tensor) or (
            isinstance(value, tuple | list) and any(isinstance(member, Tensor) for member in value)
        ):
            return False
    return True
