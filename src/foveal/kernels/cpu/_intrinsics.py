# SPDX-License-Identifier: Apache-2.0
"""Instructions that Numba has no name for."""

from typing import Any

from llvmlite import ir
from numba import boolean, float32, intp, void
from numba.core import cgutils
from numba.extending import intrinsic

_INT8_POINTER = ir.IntType(8).as_pointer()
_INT32 = ir.IntType(32)


@intrinsic
def select(typing_context: Any, condition: Any, chosen: Any, other: Any) -> Any:
    """Return `chosen` if `condition` else `other`, both computed: no branch, so that the loop around it vectorizes."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.select(*arguments)

    return float32(boolean, float32, float32), generate


@intrinsic
def prefetch(typing_context: Any, row: Any, index: Any) -> Any:
    """Bring the cache line of `row[index]` near, for a row that no hardware prefetcher would guess."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array = context.make_array(row)(context, builder, arguments[0])
        place = cgutils.get_item_pointer(context, builder, row, array, [arguments[1]], wraparound=False)
        kind = ir.FunctionType(ir.VoidType(), [_INT8_POINTER, _INT32, _INT32, _INT32])
        function = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
        # For reading (0), to the nearest cache (3), data (1).
        options = [ir.Constant(_INT32, value) for value in (0, 3, 1)]
        builder.call(function, [builder.bitcast(place, _INT8_POINTER), *options])
        return context.get_dummy_value()

    return void(row, intp), generate
