# SPDX-License-Identifier: Apache-2.0
"""Tensors that know that they hold scalars, or vectors of the plane or of space."""

import copy
from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

import torch
from torch import Tensor

from foveal._check import check_shape, check_tensor

__all__ = ["Scalar", "Vector2", "Vector3"]

V = TypeVar("V", bound="_Vector")


class _Wrapped(Tensor):
    """A tensor whose results keep its class where they hold the same kind of thing."""

    _size: ClassVar[int | None] = None
    """The size of the last dimension, `None` where any will do."""

    used_attrs: ClassVar[set[str]] = set()
    """Names of the tensor's attributes that were read, for debugging; shared by all."""

    used_calls: ClassVar[set[Callable[..., Any]]] = set()
    """Functions that were called, for debugging; shared by all."""

    @classmethod
    def __torch_function__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        with torch._C.DisableTorchFunctionSubclass():
            result = func(*args, **(kwargs or {}))
        if not torch.compiler.is_compiling():
            cls._note(func)
        if func in torch.overrides.get_default_nowrap_functions():
            return result
        kinds = sorted({kind for kind in types if issubclass(kind, _Wrapped)}, key=lambda kind: kind._size or 0)
        index = args[1] if func is Tensor.__getitem__ else None
        return _wrap(result, kinds[-1], index, args) if kinds else result

    @classmethod
    def _note(cls, func: Any) -> None:
        if getattr(func, "__name__", "") == "__get__":
            cls.used_attrs.add(func.__self__.__name__)
        else:
            cls.used_calls.add(func)

    @property
    def data(self) -> Tensor:  # pyright: ignore[reportIncompatibleVariableOverride]
        """The tensor without its class."""
        return self.unwrap()

    def __deepcopy__(self, memo: dict[int, Any]) -> Tensor:
        return copy.deepcopy(self.unwrap(), memo).as_subclass(type(self))

    def unwrap(self) -> Tensor:
        """Return the tensor without its class."""
        return self.as_subclass(Tensor)


def _wrap(result: Any, kind: type[_Wrapped], index: Any, args: Any) -> Any:
    """Give a result a class where it still holds what the class says."""
    if type(result) in (tuple, list):
        return type(result)(_wrap(member, kind, index, args) for member in result)
    if not isinstance(result, Tensor):
        return result
    whole = result.as_subclass(Tensor)
    if kind._size is None:
        return whole.as_subclass(kind)
    depth = max((argument.ndim for argument in args if isinstance(argument, kind)), default=0)
    whole_axis = whole.ndim >= depth if index is None else not _reaches_last(index, depth)
    return whole.as_subclass(kind) if whole_axis and whole.shape[-1:] == (kind._size,) else whole


def _reaches_last(index: Any, depth: int) -> bool:
    """Say whether an index of a tensor of so many dimensions takes places of the last one."""
    entries = index if isinstance(index, tuple) else (index,)
    places = [entry for entry in entries if entry is not None]
    if not places or places[-1] is Ellipsis or isinstance(places[-1], slice):
        return False
    if any(entry is Ellipsis for entry in places):
        return True
    return sum(entry.ndim if _is_mask(entry) else 1 for entry in places) >= depth


def _is_mask(entry: Any) -> bool:
    return isinstance(entry, Tensor) and entry.dtype is torch.bool


class Scalar(_Wrapped):
    """A tensor of scalars.

    Args:
        data: the scalars, any shape.

    Raises:
        TypeError: `data` is not a tensor.

    >>> Scalar(torch.tensor(2.0)).unwrap()
    tensor(2.)
    """

    def __new__(cls, data: Tensor) -> "Scalar":
        """Give a tensor the class."""
        check_tensor(data, "data")
        return data.as_subclass(cls)


class _Vector(_Wrapped):
    """What vectors of the plane and of space share."""

    def __new__(cls: type[V], vector: Tensor) -> V:
        check_tensor(vector, "vector")
        check_shape(vector, "vector", "*", cls._size or "N")
        return vector.as_subclass(cls)

    @property
    def x(self) -> Tensor:
        """The coordinates along x."""
        return self.unwrap()[..., 0]

    @property
    def y(self) -> Tensor:
        """The coordinates along y."""
        return self.unwrap()[..., 1]

    def normalized(self: V) -> V:
        """Return the vectors of length one; zero stays zero."""
        return torch.nn.functional.normalize(self.unwrap(), dim=-1).as_subclass(type(self))

    def dot(self, right: "_Vector") -> Scalar:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Return the dot products."""
        other = right.unwrap() if isinstance(right, _Wrapped) else right
        return Scalar((self.unwrap() * other).sum(dim=-1))

    def squared_norm(self) -> Scalar:
        """Return the squared lengths."""
        return self.dot(self)

    @classmethod
    def _from(cls: type[V], coordinates: tuple[Any, ...], device: Any, dtype: Any) -> V:
        if isinstance(coordinates[0], Tensor):
            return cls(torch.stack(coordinates, dim=-1))
        return cls(torch.tensor(coordinates, device=device, dtype=dtype))

    @classmethod
    def _random(cls: type[V], shape: tuple[int, ...] | None, device: Any, dtype: Any, generator: Any) -> V:
        sizes = (*(shape or ()), cls._size or 0)
        return cls(torch.rand(sizes, device=device, dtype=dtype, generator=generator))


class Vector2(_Vector):
    """A tensor of vectors of the plane.

    Args:
        vector: the vectors (x, y), (*, 2).

    Raises:
        TypeError: `vector` is not a tensor.
        ValueError: `vector` is not (*, 2).

    >>> Vector2(torch.tensor([3.0, 4.0])).squared_norm().item()
    25.0
    """

    _size = 2

    def __new__(cls, vector: Tensor) -> "Vector2":
        """Give a tensor the class."""
        return super().__new__(cls, vector)

    @classmethod
    def from_coords(
        cls,
        x: float | Tensor,
        y: float | Tensor,
        device: str | torch.device | None = None,
        dtype: torch.dtype | None = None,
    ) -> "Vector2":
        """Make vectors of numbers, or of tensors of one shape."""
        return cls._from((x, y), device, dtype)

    @classmethod
    def random(
        cls,
        shape: tuple[int, ...] | None = None,
        device: str | torch.device | None = None,
        dtype: torch.dtype | None = None,
        *,
        generator: torch.Generator | None = None,
    ) -> "Vector2":
        """Draw vectors uniformly from the unit square, a batch of the given shape."""
        return cls._random(shape, device, dtype, generator)


class Vector3(_Vector):
    """A tensor of vectors of space.

    Args:
        vector: the vectors (x, y, z), (*, 3).

    Raises:
        TypeError: `vector` is not a tensor.
        ValueError: `vector` is not (*, 3).

    >>> Vector3(torch.tensor([3.0, 0.0, 4.0])).normalized().z
    tensor(0.8000)
    """

    _size = 3

    def __new__(cls, vector: Tensor) -> "Vector3":
        """Give a tensor the class."""
        return super().__new__(cls, vector)

    @property
    def z(self) -> Tensor:
        """The coordinates along z."""
        return self.unwrap()[..., 2]

    @classmethod
    def from_coords(
        cls,
        x: float | Tensor,
        y: float | Tensor,
        z: float | Tensor,
        device: str | torch.device | None = None,
        dtype: torch.dtype | None = None,
    ) -> "Vector3":
        """Make vectors of numbers, or of tensors of one shape."""
        return cls._from((x, y, z), device, dtype)

    @classmethod
    def random(
        cls,
        shape: tuple[int, ...] | None = None,
        device: str | torch.device | None = None,
        dtype: torch.dtype | None = None,
        *,
        generator: torch.Generator | None = None,
    ) -> "Vector3":
        """Draw vectors uniformly from the unit cube, a batch of the given shape."""
        return cls._random(shape, device, dtype, generator)
