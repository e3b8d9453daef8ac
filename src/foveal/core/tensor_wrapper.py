# SPDX-License-Identifier: Apache-2.0
"""A tensor that notes what is done to it."""

import functools
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor

# What NumPy and other libraries ask a tensor for its memory by.
_EXPORTS = ("__array__", "__dlpack__", "__dlpack_device__")


class TensorWrapper:
    """A tensor that notes which attributes are read and which functions are called.

    Args:
        data: a tensor, or a wrapper, whose tensor is taken.

    Raises:
        TypeError: `data` is neither.

    Functions of torch, operators and methods compute on the tensor, and wrap the tensors that they give in the class of
    the first wrapper among their arguments. Operators such as `+=` change the tensor.

    >>> values = TensorWrapper(torch.tensor([3.0, 4.0]))
    >>> torch.linalg.norm(values * 2)
    TensorWrapper(10.0)
    """

    __slots__ = ("_data", "used_attrs", "used_calls")

    def __init__(self, data: Tensor) -> None:
        value: Any = data
        value = value._data if isinstance(value, TensorWrapper) else value
        if not isinstance(value, Tensor):
            raise TypeError(f"data must be a torch.Tensor or a TensorWrapper, got {type(data).__name__}")
        self._data = value
        self.used_attrs: set[str] = set()
        self.used_calls: set[Any] = set()

    def unwrap(self) -> Tensor:
        """Return the tensor."""
        return self._data

    @property
    def data(self) -> Tensor:
        """The tensor."""
        return self._data

    @classmethod
    def __torch_function__(
        cls, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        """Run a function of torch on the tensors of wrappers, and wrap what it gives."""
        return _run(func, args, kwargs or {})

    def __getattr__(self, name: str) -> Any:
        if name in TensorWrapper.__slots__ or (name.startswith("__") and name not in _EXPORTS):
            raise AttributeError(f"{type(self).__name__!r} has no attribute {name!r}")
        self.used_attrs.add(name)
        value = getattr(self._data, name)
        if not callable(value) or isinstance(value, Tensor):
            return _wrapped(value, type(self))

        @functools.wraps(value)
        def method(*args: Any, **kwargs: Any) -> Any:
            return _run(getattr(type(self._data), name), (self, *args), kwargs)

        return value if name in _EXPORTS else method

    def __getitem__(self, key: Any) -> Any:
        return _wrapped(self._data[_bare(key)], type(self))

    def __setitem__(self, key: Any, value: Any) -> None:
        self._data[_bare(key)] = _bare(value)

    def __len__(self) -> int:
        return len(self._data)

    def __iter__(self) -> Iterator[Any]:
        return (_wrapped(member, type(self)) for member in self._data)

    def __bool__(self) -> bool:
        return bool(self._data)

    def __int__(self) -> int:
        return int(self._data)

    def __float__(self) -> float:
        return float(self._data)

    def __complex__(self) -> complex:
        return complex(self._data)

    def __index__(self) -> int:
        return self._data.__index__()

    def __hash__(self) -> int:
        return id(self)

    def __eq__(self, other: object) -> Any:
        return _run(torch.Tensor.__eq__, (self, other), {})

    def __ne__(self, other: object) -> Any:
        return _run(torch.Tensor.__ne__, (self, other), {})

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._data,)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._data.item() if self._data.ndim == 0 else self._data})"


def _bare(value: Any) -> Any:
    """Return a value with the tensors of wrappers in their place."""
    if isinstance(value, TensorWrapper):
        return value._data
    if type(value) in (tuple, list):
        return type(value)(map(_bare, value))
    return {name: _bare(member) for name, member in value.items()} if type(value) is dict else value


def _wrapped(value: Any, kind: type[TensorWrapper]) -> Any:
    if isinstance(value, Tensor):
        return kind(value)
    return type(value)(_wrapped(member, kind) for member in value) if type(value) in (tuple, list) else value


def _wrappers(value: Any) -> Iterator[TensorWrapper]:
    if isinstance(value, TensorWrapper):
        yield value
    elif isinstance(value, tuple | list):
        for member in value:
            yield from _wrappers(member)


def _run(function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    wrappers = [*_wrappers(args), *_wrappers(tuple(kwargs.values()))]
    for wrapper in wrappers:
        wrapper.used_calls.add(function)
    result = function(*_bare(args), **_bare(kwargs))
    return _wrapped(result, type(wrappers[0])) if wrappers else result


def _operator(name: str) -> Callable[..., Any]:
    def operator(self: TensorWrapper, *others: Any) -> Any:
        return _run(getattr(torch.Tensor, name), (self, *others), {})

    return operator


def _change(name: str) -> Callable[..., Any]:
    def operator(self: TensorWrapper, other: Any) -> TensorWrapper:
        self.used_calls.add(getattr(torch.Tensor, name))
        self._data = getattr(self._data, name)(_bare(other))
        return self

    return operator


_BINARY = ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "and", "or", "xor", "lshift", "rshift")
for _name in (*_BINARY, *(f"r{name}" for name in _BINARY), "matmul", "rmatmul", "lt", "le", "gt", "ge", "neg", "pos",
              "abs", "invert"):  # fmt: skip
    setattr(TensorWrapper, f"__{_name}__", _operator(f"__{_name}__"))
for _name in _BINARY:
    if hasattr(torch.Tensor, f"__i{_name}__"):
        setattr(TensorWrapper, f"__i{_name}__", _change(f"__i{_name}__"))
