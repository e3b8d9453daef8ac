# SPDX-License-Identifier: Apache-2.0
"""Kornia's check of a type, which its package of quaternions exports."""

from typing import Any


def KORNIA_CHECK_TYPE(x: Any, typ: Any, msg: Any = None, raises: bool = True) -> bool:  # noqa: N802 - Kornia's name
    """Say whether `x` is of a type.

    Args:
        x: any object.
        typ: a type, or a tuple of types.
        msg: what the error says first: a text, or a function that returns one.
        raises: raise where it is not.

    Returns:
        Whether it is.

    Raises:
        TypeError: it is not, and `raises` is set.

    >>> KORNIA_CHECK_TYPE("text", (str, bytes))
    True
    """
    if isinstance(x, typ):
        return True
    if raises:
        names = ", ".join(kind.__name__ for kind in (typ if isinstance(typ, tuple) else (typ,)))
        said = f"{msg() if callable(msg) else msg}: " if msg is not None else ""
        raise TypeError(f"{said}wanted {names}, got {type(x).__name__}")
    return False
