# SPDX-License-Identifier: Apache-2.0
"""The larger of two float32 as one instruction, NaN first.

LLVM does not vectorize a running maximum that is written as a comparison (its result would hang on the order of NaN),
but it does this one: the loop `best = maximum(best, row[j])` takes 16 elements per cycle.
"""

from typing import Any

from llvmlite import ir
from numba import float32
from numba.extending import intrinsic


@intrinsic
def maximum(typing_context: Any, first: Any, second: Any) -> Any:
    """Return the larger of two float32; NaN if either is NaN."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        kind = ir.FloatType()
        function = builder.module.declare_intrinsic("llvm.maximum", [kind], ir.FunctionType(kind, [kind, kind]))
        return builder.call(function, arguments)

    return float32(float32, float32), generate
