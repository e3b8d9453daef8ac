# SPDX-License-Identifier: Apache-2.0
"""Module forms, derived from the signature of their function so that the two cannot differ."""

import inspect
from collections.abc import Callable
from typing import Any, ClassVar, get_args

from torch import Tensor, nn

_EMPTY: Any = inspect.Parameter.empty


class OperationModule(nn.Module):
    """Base of every module form: the options are given once, the tensors at each call."""

    _function: ClassVar[Callable[..., Any]]
    _inputs: ClassVar[tuple[str, ...]]
    _options: ClassVar[inspect.Signature]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()
        try:
            options = self._options.bind(*args, **kwargs)
        except TypeError as error:
            raise TypeError(f"{type(self).__name__}{self._options}: {error}") from None
        options.apply_defaults()
        for name, value in options.arguments.items():
            if isinstance(value, Tensor) and not isinstance(value, nn.Parameter):
                self.register_buffer(name, value, persistent=False)
            else:
                setattr(self, name, value)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if cls.__doc__ is None:
            cls.__doc__ = f"Module form of `{cls._function.__name__}`.\n\n{inspect.getdoc(cls._function)}"

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Call the function on `args` with the options of the constructor."""
        if len(args) > len(self._inputs):
            raise TypeError(f"{type(self).__name__} takes {', '.join(self._inputs)}, got {len(args)} inputs")
        inputs = dict(zip(self._inputs, args, strict=False))
        return self._function(**inputs, **kwargs, **{name: getattr(self, name) for name in self._options.parameters})

    def extra_repr(self) -> str:
        return ", ".join(f"{name}={getattr(self, name)!r}" for name in self._options.parameters)


def module(
    function: Callable[..., Any], *, inputs: tuple[str, ...] | None = None, **defaults: Any
) -> type[OperationModule]:
    """Derive the base class of a function's module form.

    Args:
        function: the public operation.
        inputs: names of the parameters that are given at each call; by default the tensors that have no default value.
        defaults: default values of the constructor that differ from the function's.

    Raises:
        TypeError: `inputs` or `defaults` names no parameter, or an option has the name of a method of `nn.Module`.
        ValueError: a parameter that must be given follows one that got a default value.
    """
    parameters = inspect.signature(function).parameters
    if inputs is None:
        inputs = tuple(name for name, p in parameters.items() if p.default is _EMPTY and _is_tensor(p.annotation))
    if unknown := [name for name in (*inputs, *defaults) if name not in parameters]:
        raise TypeError(f"{function.__name__} has no parameter {', '.join(unknown)}")
    options = [p.replace(default=defaults.get(n, p.default)) for n, p in parameters.items() if n not in inputs]
    if taken := [option.name for option in options if option.name == "training" or hasattr(nn.Module, option.name)]:
        raise TypeError(f"{', '.join(taken)}: an option would hide what nn.Module has under its name")
    signature = inspect.Signature(options)

    def initialize(self: OperationModule, *args: Any, **kwargs: Any) -> None:
        OperationModule.__init__(self, *args, **kwargs)

    def forward(self: OperationModule, *args: Any, **kwargs: Any) -> Any:
        return OperationModule.forward(self, *args, **kwargs)

    # Code of its own: torch.compile counts recompilations by code object, and would add up those of all classes.
    forward.__code__ = forward.__code__.replace()
    forward.__doc__ = OperationModule.forward.__doc__
    itself = inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    initialize.__signature__ = inspect.Signature([itself, *options])  # pyright: ignore[reportFunctionMemberAccess]
    body = {
        "__init__": initialize,
        "forward": forward,
        "__doc__": f"Base of the module form of `{function.__name__}`.",
        "_function": staticmethod(function),
        "_inputs": inputs,
        "_options": signature,
    }
    return type(f"{function.__name__}_module", (OperationModule,), body)


def _is_tensor(annotation: Any) -> bool:
    if annotation is Tensor or getattr(annotation, "array_type", None) is Tensor:
        return True
    return any(_is_tensor(member) for member in get_args(annotation))
