# SPDX-License-Identifier: Apache-2.0
"""The larger or the smaller of two pixels, as one choice made while compiling.

Dilation and erosion share their loops. The loops are given `LARGEST` or `SMALLEST`, whose *types* tell them apart, so
that each compiles to its own instructions.
"""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import boolean, types
from numba.core import cgutils
from numba.core.errors import TypingError
from numba.extending import intrinsic

from foveal.kernels.cpu._vector import FLOATS, LANES, OCTETS, Vector

LARGEST, SMALLEST = np.float64(1), np.int64(-1)

# The same of pixels none of which is NaN, at a third of the instructions.
OF_NUMBERS = {LARGEST: np.float32(1), SMALLEST: np.int32(-1)}


@intrinsic
def stronger(typing_context: Any, kind: Any, first: Any, second: Any) -> Any:
    """Return the larger (or smaller) of two pixels, or vectors of pixels; NaN if either is NaN."""
    largest = _is_largest(kind)
    pixel = first if isinstance(first, Vector) and first == second else _pixel_of(first, second)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        _, a, b = arguments
        if pixel in (types.uint8, OCTETS):
            return builder.select(builder.icmp_unsigned(">" if largest else "<", a, b), a, b)
        if kind in (types.float32, types.int32):
            return builder.select(builder.fcmp_ordered(">" if largest else "<", a, b), a, b)
        name = f"llvm.{'maximum' if largest else 'minimum'}.{f'v{LANES}' if pixel == FLOATS else ''}f32"
        function = cgutils.get_or_insert_function(builder.module, ir.FunctionType(a.type, [a.type, a.type]), name)
        # Which of -0 and 0 it is does not matter.
        return builder.call(function, [a, b], fastmath=("nsz",))

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
