# SPDX-License-Identifier: Apache-2.0
"""The larger or the smaller of two pixels, as one choice made while compiling.

Dilation and erosion share their loops. The loops are given `LARGEST` or `SMALLEST`, whose *types* tell them apart, so
that each compiles to its own instructions.
"""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import boolean, types
from numba.core.errors import TypingError
from numba.extending import intrinsic

LARGEST, SMALLEST = np.float64(1), np.int64(-1)


@intrinsic
def stronger(typing_context: Any, kind: Any, first: Any, second: Any) -> Any:
    """Return the larger (or smaller) of two pixels; NaN if either is NaN."""
    pixel, largest = _pixel_of(first, second), _is_largest(kind)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        _, a, b = arguments
        if pixel is types.uint8:
            return builder.select(builder.icmp_unsigned(">" if largest else "<", a, b), a, b)
        number = ir.FloatType()
        name = "llvm.maximum" if largest else "llvm.minimum"
        return builder.call(
            builder.module.declare_intrinsic(name, [number], ir.FunctionType(number, [number, number])), [a, b]
        )

    return pixel(kind, pixel, pixel), generate


@intrinsic
def beats(typing_context: Any, kind: Any, first: Any, second: Any) -> Any:
    """Say whether the first float32 is strictly larger (or smaller) than the second."""
    pixel, largest = _pixel_of(first, second), _is_largest(kind)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.fcmp_ordered(">" if largest else "<", arguments[1], arguments[2])

    return boolean(kind, pixel, pixel), generate


def _pixel_of(first: Any, second: Any) -> Any:
    if first not in (types.float32, types.uint8) or first != second:
        raise TypingError(f"pixels must be two float32 or two uint8, got {first} and {second}")
    return first


def _is_largest(kind: Any) -> bool:
    return isinstance(kind, types.Float)
