# SPDX-License-Identifier: Apache-2.0
"""The larger of two float32 as one instruction, NaN first.

LLVM does not vectorize a running maximum that is written as a comparison (its result would hang on the order of NaN),
but it does this one: the loop `best = maximum(best, row[j])` takes 16 elements per cycle.
"""

from typing import Any

from llvmlite import ir
from numba import float32
from numba.core import cgutils
from numba.extending import intrinsic

from foveal.kernels.cpu._vector import FLOATS, LANES


@intrinsic
def maximum(typing_context: Any, first: Any, second: Any) -> Any:
    """Return the larger of two float32, or of each pair in two vectors of them; NaN if either is NaN."""
    kind, suffix = (FLOATS, f"v{LANES}f32") if first == FLOATS else (float32, "f32")

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        layout = arguments[0].type
        function = ir.FunctionType(layout, [layout, layout])
        larger = cgutils.get_or_insert_function(builder.module, function, f"llvm.maximum.{suffix}")
        # Which of -0 and 0 it is costs four instructions more; pixels leave that to the flags of their loop.
        return builder.call(larger, arguments, fastmath=("nsz",) if kind == FLOATS else ())

    return kind(kind, kind), generate
