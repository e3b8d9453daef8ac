# SPDX-License-Identifier: Apache-2.0
"""Checks at the public edge: type, shape, dtype and option names, never values (a value read syncs the GPU).

Every message names the argument, what was wanted and what came.
"""

from collections.abc import Collection
from typing import Any

import numpy as np
import torch
from torch import Tensor

_INTEGERS = (torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8)


# The numbers that code and its traces use: a size or a temperature may be symbolic while exported.
_WHOLE = (int, np.integer, torch.SymInt)
_REAL = (*_WHOLE, float, np.floating, torch.SymFloat)


def check_tensor(value: Any, name: str) -> None:
    """Raise TypeError unless `value` is a tensor."""
    if not isinstance(value, Tensor):
        raise TypeError(f"{name} must be a torch.Tensor, got {type(value).__name__}")


def check_floating(value: Any, name: str) -> None:
    """Raise TypeError unless `value` is a tensor of a floating-point dtype."""
    check_tensor(value, name)
    if not value.is_floating_point():
        raise TypeError(f"{name} must have a floating-point dtype, got {value.dtype}")


def check_real(value: Any, name: str) -> None:
    """Raise TypeError unless `value` is a tensor of real numbers."""
    check_tensor(value, name)
    if value.is_complex():
        raise TypeError(f"{name} must hold real numbers, got {value.dtype}")


def check_integer(value: Any, name: str) -> None:
    """Raise TypeError unless `value` is a tensor of an integer dtype."""
    check_tensor(value, name)
    if value.dtype not in _INTEGERS:
        raise TypeError(f"{name} must have an integer dtype, got {value.dtype}")


def check_boolean(value: Any, name: str) -> None:
    """Raise TypeError unless `value` is a boolean tensor."""
    check_tensor(value, name)
    if value.dtype is not torch.bool:
        raise TypeError(f"{name} must be a boolean tensor, got {value.dtype}")


def check_shape(value: Any, name: str, *shape: str | int) -> None:
    """Raise unless `value` is a tensor of the given shape.

    Args:
        value: the argument.
        name: its name.
        shape: one entry per dimension, a name (any size) or an exact size; a leading `"*"` stands for any number of
            dimensions.
    """
    check_tensor(value, name)
    sizes = value.shape
    first = 1 if shape[:1] == ("*",) else 0
    ahead = len(sizes) - len(shape)
    fits = ahead >= -1 if first else ahead == 0
    # By place, and without a generator: this runs at every call, and slices of sizes are slow.
    for place in range(first, len(shape)) if fits else ():
        wanted = shape[place]
        if isinstance(wanted, int) and wanted != sizes[place + ahead]:
            fits = False
    if not fits:
        raise ValueError(f"{name} must have shape ({', '.join(map(str, shape))}), got {tuple(sizes)}")


def check_same_shape(value: Any, name: str, other: Tensor) -> None:
    """Raise unless `value` is a tensor of the shape of another one, and on its device."""
    check_tensor(value, name)
    if value.shape != other.shape:
        raise ValueError(f"{name} must have shape ({', '.join(map(str, other.shape))}), got {tuple(value.shape)}")
    check_device(value, name, other)


def check_pixels(value: Any, name: str, channels: int) -> None:
    """Raise unless `value` is images (*, channels, H, W) of a floating-point dtype or uint8."""
    check_tensor(value, name)
    if not value.is_floating_point() and value.dtype is not torch.uint8:
        raise TypeError(f"{name} must have a floating-point dtype or be uint8, got {value.dtype}")
    check_shape(value, name, "*", channels, "H", "W")


def check_option(value: Any, name: str, options: Collection[Any]) -> None:
    """Raise ValueError unless `value` is one of `options`."""
    if value not in options:
        raise ValueError(f"{name} must be one of {', '.join(map(repr, options))}, got {value!r}")


def check_size(value: Any, name: str, length: int, *, smallest: int = 1) -> None:
    """Raise unless `value` is a tuple or list of `length` integers, none less than `smallest`."""
    if not isinstance(value, tuple | list):
        raise TypeError(f"{name} must be a tuple of {length} integers, got {type(value).__name__}")
    if len(value) != length or any(not isinstance(side, _WHOLE) or side < smallest for side in value):
        raise ValueError(f"{name} must be {length} integers of at least {smallest}, got {tuple(value)}")


def check_count(value: Any, name: str, *, smallest: int = 0) -> None:
    """Raise unless `value` is an integer of at least `smallest`."""
    if not isinstance(value, _WHOLE) or isinstance(value, bool):
        raise TypeError(f"{name} must be an integer, got {type(value).__name__}")
    if value < smallest:
        raise ValueError(f"{name} must be at least {smallest}, got {value}")


def check_positive(value: Any, name: str) -> None:
    """Raise ValueError for a number that is not above zero, TypeError for no number; tensors and `None` pass unread."""
    if value is None or isinstance(value, Tensor):
        return
    if not isinstance(value, _REAL):
        raise TypeError(f"{name} must be a number, got {type(value).__name__}")
    if not value > 0:
        raise ValueError(f"{name} must be positive, got {value}")


def check_not_negative(value: Any, name: str) -> None:
    """Raise ValueError for a number below zero, TypeError for no number; tensors pass unread."""
    if isinstance(value, Tensor):
        return
    if not isinstance(value, _REAL):
        raise TypeError(f"{name} must be a number or a tensor, got {type(value).__name__}")
    if not value >= 0:  # so that NaN is none
        raise ValueError(f"{name} must be at least 0, got {value}")


def check_number(value: Any, name: str) -> None:
    """Raise TypeError unless `value` is a number or a tensor."""
    if not isinstance(value, (*_REAL, Tensor)):
        raise TypeError(f"{name} must be a number or a tensor, got {type(value).__name__}")


def check_scalar(value: Any, name: str, *, least: float | None = None, positive: bool = False) -> None:
    """Raise unless `value` is one number, and in its range; a tensor without dimensions passes unread."""
    if type(value) is not float and type(value) is not int:
        if isinstance(value, Tensor):
            if value.ndim:
                raise ValueError(f"{name} must be one number, got a tensor of shape {tuple(value.shape)}")
            return
        if not isinstance(value, _REAL) or isinstance(value, bool):
            raise TypeError(f"{name} must be a number, got {type(value).__name__}")
    if least is not None and not value >= least:
        raise ValueError(f"{name} must be at least {least}, got {value}")
    if positive and not value > 0:
        raise ValueError(f"{name} must be positive, got {value}")


def check_ignore_index(value: Any) -> None:
    """Raise TypeError unless `value` is a label, or `None`."""
    if value is not None and (not isinstance(value, _WHOLE) or isinstance(value, bool)):
        raise TypeError(f"ignore_index must be an integer or None, got {type(value).__name__}")


def check_device(value: Tensor, name: str, other: Tensor) -> None:
    """Raise ValueError unless `value` is on the device of another tensor."""
    if value.device != other.device:
        raise ValueError(f"{name} must be on {other.device}, got {value.device}")
