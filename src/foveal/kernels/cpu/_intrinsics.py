# SPDX-License-Identifier: Apache-2.0
"""Instructions that Numba has no name for.

Rows of some ten pixels are too short for loops: slices, checks for aliases and remainders cost more than the pixels.
For these there are steps of whole vectors, `LANES` pixels at a time; the last one of a row overlaps the one before.
"""

from typing import Any

from llvmlite import ir
from numba import boolean, float32, intp, void
from numba.core import cgutils
from numba.extending import intrinsic

LANES = 16

_INT8_POINTER = ir.IntType(8).as_pointer()
_INT32 = ir.IntType(32)
_VECTOR = ir.VectorType(ir.FloatType(), LANES)
_ZEROS = ir.Constant(_VECTOR, [0.0] * LANES)
_FLAGS = ("contract", "nsz")


@intrinsic
def select(typing_context: Any, condition: Any, chosen: Any, other: Any) -> Any:
    """Return `chosen` if `condition` else `other`, both computed: no branch, so that the loop around it vectorizes."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.select(*arguments)

    return float32(boolean, float32, float32), generate


@intrinsic
def prefetch(typing_context: Any, plane: Any, row: Any, column: Any) -> Any:
    """Bring the cache line of `plane[row, column]` near, for a row that no hardware prefetcher would guess."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        place = _place(context, builder, plane, *arguments)
        kind = ir.FunctionType(ir.VoidType(), [_INT8_POINTER, _INT32, _INT32, _INT32])
        function = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
        # For reading (0), to the nearest cache (3), data (1).
        options = [ir.Constant(_INT32, value) for value in (0, 3, 1)]
        builder.call(function, [builder.bitcast(place, _INT8_POINTER), *options])
        return context.get_dummy_value()

    return void(plane, intp, intp), generate


@intrinsic
def blend_rows(
    typing_context: Any,
    result: Any,
    i: Any,
    j: Any,
    plane: Any,
    near: Any,
    far: Any,
    column: Any,
    above: Any,
    below: Any,
) -> Any:
    """Mix `LANES` pixels of two rows: `plane[near] * above + plane[far] * below` from a column on, to `result[i, j:]`.

    A weight of zero leaves its pixel out, even one that is infinite or NaN. No index is checked.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        result_value, i, j, plane_value, near, far, column, above, below = arguments
        rows = [_load(context, builder, plane, plane_value, row, column) for row in (near, far)]
        upper, lower = (_mix(builder, row, _splat(builder, w)) for row, w in zip(rows, (above, below), strict=True))
        _store(context, builder, result, result_value, i, j, builder.fadd(upper, lower, flags=_FLAGS))
        return context.get_dummy_value()

    return void(result, intp, intp, plane, intp, intp, intp, float32, float32), generate


@intrinsic
def blend_cells(
    typing_context: Any, result: Any, i: Any, j: Any, plane: Any, near: Any, far: Any, column: Any, table: Any,
    above: Any, below: Any,
) -> Any:  # fmt: skip
    """Mix `LANES` cells of 2 x 2 pixels: columns by `table[:2, j:]`, then rows as `blend_rows` does."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        result_value, i, j, plane_value, near, far, column, table_value, above, below = arguments
        index = column.type
        right = builder.add(column, ir.Constant(index, 1))
        weights = [_load(context, builder, table, table_value, ir.Constant(index, k), j) for k in (0, 1)]
        lines = []
        for row, weight in ((near, above), (far, below)):
            pixels = [_load(context, builder, plane, plane_value, row, place) for place in (column, right)]
            left_part, right_part = (_mix(builder, p, w) for p, w in zip(pixels, weights, strict=True))
            line = builder.fadd(left_part, right_part, flags=_FLAGS)
            lines.append(_mix(builder, line, _splat(builder, weight)))
        _store(context, builder, result, result_value, i, j, builder.fadd(*lines, flags=_FLAGS))
        return context.get_dummy_value()

    return void(result, intp, intp, plane, intp, intp, intp, table, float32, float32), generate


def _place(context: Any, builder: Any, kind: Any, value: Any, row: Any, column: Any) -> Any:
    array = context.make_array(kind)(context, builder, value)
    return cgutils.get_item_pointer(context, builder, kind, array, [row, column], wraparound=False)


def _load(context: Any, builder: Any, kind: Any, value: Any, row: Any, column: Any) -> Any:
    place = _place(context, builder, kind, value, row, column)
    return builder.load(builder.bitcast(place, _VECTOR.as_pointer()), align=4)


def _store(context: Any, builder: Any, kind: Any, value: Any, row: Any, column: Any, vector: Any) -> None:
    place = _place(context, builder, kind, value, row, column)
    builder.store(vector, builder.bitcast(place, _VECTOR.as_pointer()), align=4)


def _splat(builder: Any, scalar: Any) -> Any:
    undefined = ir.Constant(_VECTOR, ir.Undefined)
    first = builder.insert_element(undefined, scalar, ir.Constant(_INT32, 0))
    return builder.shuffle_vector(first, undefined, ir.Constant(ir.VectorType(_INT32, LANES), [0] * LANES))


def _mix(builder: Any, vector: Any, weight: Any) -> Any:
    wanted = builder.fcmp_unordered("!=", weight, _ZEROS)
    return builder.select(wanted, builder.fmul(vector, weight, flags=_FLAGS), _ZEROS)
