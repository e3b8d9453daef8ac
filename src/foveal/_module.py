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
    _parameters_of: ClassVar[dict[str, str]]
    """The function's parameter behind each option of the constructor."""

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
        options = {parameter: getattr(self, name) for name, parameter in self._parameters_of.items()}
        return self._function(**inputs, **kwargs, **options)

    def extra_repr(self) -> str:
        return ", ".join(f"{name}={getattr(self, name)!r}" for name in self._options.parameters)


def module(
    function: Callable[..., Any],
    *,
    inputs: tuple[str, ...] | None = None,
    names: dict[str, str] | None = None,
    keywords: tuple[str, ...] = (),
    **defaults: Any,
) -> type[OperationModule]:
    """Derive the base class of a function's module form.

    Args:
        function: the public operation.
        inputs: names of the parameters that are given at each call; by default the tensors that have no default value.
        names: the constructor's names of parameters where they differ from the function's.
        keywords: parameters that the constructor takes by keyword only, though the function takes them by position.
        defaults: default values of the constructor that differ from the function's.

    Raises:
        TypeError: `inputs`, `names`, `keywords` or `defaults` names no parameter, or an option has the name of a
            method of `nn.Module`.
        ValueError: a parameter that must be given follows one that got a default value.
    """
    parameters = inspect.signature(function).parameters
    if inputs is None:
        inputs = tuple(name for name, p in parameters.items() if p.default is _EMPTY and _is_tensor(p.annotation))
    names = names or {}
    if unknown := [name for name in (*inputs, *names, *keywords, *defaults) if name not in parameters]:
        raise TypeError(f"{function.__name__} has no parameter {', '.join(unknown)}")
    options = [
        p.replace(
            name=names.get(n, n),
            default=defaults.get(n, p.default),
            kind=inspect.Parameter.KEYWORD_ONLY if n in keywords else p.kind,
        )
        for n, p in parameters.items()
        if n not in inputs
    ]
    options.sort(key=lambda option: option.kind)
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
        "_parameters_of": {names.get(name, name): name for name in parameters if name not in inputs},
    }
    return type(f"{function.__name__}_module", (OperationModule,), body)


def _is_tensor(annotation: Any) -> bool:
    if annotation is Tensor or getattr(annotation, "array_type", None) is Tensor:
        return True
    return any(_is_tensor(member) for member in get_args(annotation))
