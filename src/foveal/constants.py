# SPDX-License-Identifier: Apache-2.0
"""Names of options as enumerations."""

from enum import Enum
from typing import Any, Self

import torch

__all__ = ["BorderType", "DType", "Resample", "SamplePadding"]


class _Option(Enum):
    """An enumeration whose members can be got by name, number or themselves."""

    @classmethod
    def get(cls, value: "str | int | _Option") -> Self:
        """Return the member of a name (in any case), of a number, or the member itself.

        Args:
            value: a name, a number or a member.

        Raises:
            TypeError: `value` is none of these.
            ValueError: there is no such member.
        """
        if isinstance(value, cls):
            return value
        if isinstance(value, str):
            if value.upper() not in cls.__members__:
                known = ", ".join(repr(name.lower()) for name in cls.__members__)
                raise ValueError(f"{cls.__name__} must be one of {known}, got {value!r}")
            return cls[value.upper()]
        if isinstance(value, int):
            return cls(value)
        raise TypeError(f"{cls.__name__} must be a name, a number or a member, got {type(value).__name__}")


class Resample(_Option):
    """How values between pixels are found."""

    NEAREST = 0
    BILINEAR = 1
    BICUBIC = 2


class BorderType(_Option):
    """What lies beyond the border of a filtered image."""

    CONSTANT = 0
    REFLECT = 1
    REPLICATE = 2
    CIRCULAR = 3


class SamplePadding(_Option):
    """What lies beyond the border of a warped image."""

    ZEROS = 0
    BORDER = 1
    REFLECTION = 2
    FILL = 3


class DType(_Option):
    """The type of numbers."""

    INT64 = 0
    FLOAT16 = 1
    FLOAT32 = 2
    FLOAT64 = 3
    BFLOAT16 = 4

    @classmethod
    def get(cls, value: Any) -> "DType":
        """Return the member of a name, a number, a `torch.dtype`, or the member itself.

        Args:
            value: one of these; a tensor of one integer counts as a number.

        Raises:
            TypeError: `value` is none of these.
            ValueError: there is no such member.
        """
        if isinstance(value, torch.dtype):
            return super().get(str(value).removeprefix("torch."))
        return super().get(int(value) if isinstance(value, torch.Tensor) else value)

    @classmethod
    def to_torch(cls, value: Any) -> torch.dtype:
        """Return the `torch.dtype` of whatever `get` takes.

        Args:
            value: a name, a number, a `torch.dtype` or a member.
        """
        return getattr(torch, cls.get(value).name.lower())
