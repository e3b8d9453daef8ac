# SPDX-License-Identifier: Apache-2.0
"""Vectors of pixels for compiled loops that Numba cannot vectorize well.

Rows of some tens or hundreds of pixels are short: slices, checks for aliases and remainders of a loop over them cost
more than the pixels. Steps of whole vectors have none of these; the last step of a row overlaps the one before.

    left, right = load(plane, y, x), load(plane, y, x + 1)
    store(result, y, x, (left + right) * splat(f32(0.5)))

A vector is as wide as the widest register there is (64 bytes); the compiler splits it where registers are narrower. No
index is checked, and a negative one does not count from the end.
"""

import operator
from typing import Any

from llvmlite import ir
from numba import boolean, float32, intp, types, uint8, void
from numba.core import cgutils
from numba.core.errors import TypingError
from numba.extending import intrinsic, models, overload, register_model

BYTES = 64
LANES = BYTES // 4
"""Pixels in a vector of float32."""

FLAGS = ("reassoc", "contract", "nsz")


class Vector(types.Type):  # type: ignore[misc]
    """Numba's type of a vector of float32 or uint8."""

    def __init__(self, pixel: Any) -> None:
        self.pixel = pixel
        super().__init__(name=f"vector({pixel})")


FLOATS, OCTETS = Vector(float32), Vector(uint8)
_KINDS: dict[Any, tuple[Vector, Any]] = {
    float32: (FLOATS, ir.VectorType(ir.FloatType(), LANES)),
    uint8: (OCTETS, ir.VectorType(ir.IntType(8), BYTES)),
}


@register_model(Vector)
class _Model(models.PrimitiveModel):  # type: ignore[misc]
    def __init__(self, manager: Any, kind: Vector) -> None:
        super().__init__(manager, kind, _KINDS[kind.pixel][1])


def _vector_of(array: Any) -> tuple[Vector, Any]:
    if not isinstance(array, types.Array) or array.ndim != 2 or array.dtype not in _KINDS or array.layout != "C":
        raise TypingError(f"vectors are loaded from contiguous matrices of float32 or uint8, not from {array}")
    return _KINDS[array.dtype]


def _place(context: Any, builder: Any, kind: Any, value: Any, row: Any, column: Any, target: Any) -> Any:
    array = context.make_array(kind)(context, builder, value)
    place = cgutils.get_item_pointer(context, builder, kind, array, [row, column], wraparound=False)
    return builder.bitcast(place, target.as_pointer())


@intrinsic
def load(typing_context: Any, array: Any, row: Any, column: Any) -> Any:
    """Return the pixels of a row from a column on."""
    vector, layout = _vector_of(array)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.load(_place(context, builder, array, *arguments, layout), align=1)

    return vector(array, intp, intp), generate


@intrinsic
def store(typing_context: Any, array: Any, row: Any, column: Any, vector: Any) -> Any:
    """Write pixels to a row from a column on."""
    expected, layout = _vector_of(array)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        builder.store(arguments[3], _place(context, builder, array, *arguments[:3], layout), align=1)
        return context.get_dummy_value()

    return void(array, intp, intp, expected), generate


@intrinsic
def splat(typing_context: Any, value: Any) -> Any:
    """Return a vector of one number."""
    vector, layout = _KINDS[value]

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        undefined = ir.Constant(layout, ir.Undefined)
        number = ir.IntType(32)
        first = builder.insert_element(undefined, arguments[0], ir.Constant(number, 0))
        return builder.shuffle_vector(first, undefined, ir.Constant(ir.VectorType(number, layout.count), None))

    return vector(value), generate


def _define(operation: Any, instruction: str) -> None:
    """Give vectors of float32 an operator."""

    @intrinsic
    def compute(typing_context: Any, first: Any, second: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            return getattr(builder, instruction)(*arguments, flags=FLAGS)

        return FLOATS(FLOATS, FLOATS), generate

    @overload(operation)
    def choose(first, second):
        if first == second == FLOATS:

            def implementation(first, second):
                return compute(first, second)

            return implementation
        return None


_define(operator.add, "fadd")
_define(operator.sub, "fsub")
_define(operator.mul, "fmul")


@intrinsic
def mix(typing_context: Any, pixels: Any, weights: Any) -> Any:
    """Return pixels * weights, where a weight of zero gives zero even if the pixel is infinite or NaN."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        zeros = ir.Constant(_KINDS[float32][1], None)
        wanted = builder.fcmp_unordered("!=", arguments[1], zeros)
        return builder.select(wanted, builder.fmul(*arguments, flags=FLAGS), zeros)

    return FLOATS(FLOATS, FLOATS), generate


@intrinsic
def select(typing_context: Any, condition: Any, chosen: Any, other: Any) -> Any:
    """Return `chosen` if `condition` else `other`, both computed: no branch, so that the loop around it vectorizes."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.select(*arguments)

    return float32(boolean, float32, float32), generate


@intrinsic
def prefetch(typing_context: Any, array: Any, row: Any, column: Any) -> Any:
    """Bring the cache line of `array[row, column]` near, for a row that no hardware prefetcher would guess."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        number = ir.IntType(32)
        pointer = ir.IntType(8).as_pointer()
        kind = ir.FunctionType(ir.VoidType(), [pointer, number, number, number])
        function = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
        # For reading (0), to the nearest cache (3), data (1).
        options = [ir.Constant(number, value) for value in (0, 3, 1)]
        builder.call(function, [_place(context, builder, array, *arguments, ir.IntType(8)), *options])
        return context.get_dummy_value()

    return void(array, intp, intp), generate
