# SPDX-License-Identifier: Apache-2.0
"""Vectors of pixels for compiled loops that Numba cannot vectorize well.

Rows of some tens or hundreds of pixels are short: slices, checks for aliases and remainders of a loop over them cost
more than the pixels. Steps of whole vectors have none of these; the last step of a row overlaps the one before.

    for step in range(steps(result)):
        j = place(step, result)
        store(result, j, (load(row, j) + load(row, j + 1)) * splat(f32(0.5)))

A vector is as wide as the widest register there is (64 bytes); the compiler splits it where registers are narrower. No
index is checked, and a negative one does not count from the end: rows must be at least one vector long.
"""

import operator
from typing import Any

from llvmlite import ir
from numba import boolean, float32, intp, types, uint8, void
from numba.core import cgutils
from numba.core.errors import TypingError
from numba.extending import intrinsic, models, overload, register_model

from foveal.kernels.cpu._compile import compile_kernel

BYTES = 64
LANES = BYTES // 4
"""Pixels in a vector of float32."""

FLAGS = ("reassoc", "contract", "nsz")


class Vector(types.Type):  # type: ignore[misc]
    """Numba's type of a vector of so many float32, uint8 or booleans."""

    def __init__(self, pixel: Any, count: int) -> None:
        self.pixel, self.count = pixel, count
        super().__init__(name=f"vector({pixel}, {count})")

    @property
    def layout(self) -> Any:
        """LLVM's type."""
        pixels = {float32: ir.FloatType(), uint8: ir.IntType(8), boolean: ir.IntType(1)}
        return ir.VectorType(pixels[self.pixel], self.count)


FLOATS, OCTETS = Vector(float32, LANES), Vector(uint8, BYTES)
MASKS = Vector(boolean, LANES)
"""What a comparison of `FLOATS` gives."""

_KINDS = {kind.pixel: (kind, kind.layout) for kind in (FLOATS, OCTETS)}


@register_model(Vector)
class _Model(models.PrimitiveModel):  # type: ignore[misc]
    def __init__(self, manager: Any, kind: Vector) -> None:
        super().__init__(manager, kind, kind.layout)


def _vector_of(row: Any) -> tuple[Vector, Any]:
    if not isinstance(row, types.Array) or row.ndim != 1 or row.dtype not in _KINDS or row.layout != "C":
        raise TypingError(f"vectors are loaded from contiguous rows of float32 or uint8, not from {row}")
    return _KINDS[row.dtype]


def pointer_to(context: Any, builder: Any, kind: Any, value: Any, index: Any, target: Any) -> Any:
    """Return LLVM's pointer to the element of an array, as one to `target`."""
    array = context.make_array(kind)(context, builder, value)
    pointer = cgutils.get_item_pointer(context, builder, kind, array, [index], wraparound=False)
    return builder.bitcast(pointer, target.as_pointer())


@intrinsic
def lanes(typing_context: Any, row: Any) -> Any:
    """Return how many pixels of a row are a vector."""
    count = _vector_of(row)[1].count

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return context.get_constant(intp, count)

    return intp(row), generate


@compile_kernel(inline="always")
def steps(row):
    """Return how many vectors cover a row."""
    return (row.shape[0] + lanes(row) - 1) // lanes(row)


@compile_kernel(inline="always")
def place(step, row):
    """Return where the vector of a step begins: the last one ends with the row."""
    return min(step * lanes(row), row.shape[0] - lanes(row))


@intrinsic
def load(typing_context: Any, row: Any, index: Any) -> Any:
    """Return the pixels of a row from an index on."""
    vector, layout = _vector_of(row)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.load(pointer_to(context, builder, row, *arguments, layout), align=1)

    return vector(row, intp), generate


@intrinsic
def store(typing_context: Any, row: Any, index: Any, vector: Any) -> Any:
    """Write pixels to a row from an index on."""
    expected, layout = _vector_of(row)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        builder.store(arguments[2], pointer_to(context, builder, row, *arguments[:2], layout), align=1)
        return context.get_dummy_value()

    return void(row, intp, expected), generate


@intrinsic
def stream(typing_context: Any, row: Any, index: Any, vector: Any) -> Any:
    """Write pixels past the caches to a row from an index on, which must lie on a multiple of 64 bytes."""
    expected, layout = _vector_of(row)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        pointer = pointer_to(context, builder, row, *arguments[:2], layout)
        written = builder.store(arguments[2], pointer, align=BYTES)
        written.set_metadata("nontemporal", builder.module.add_metadata([ir.Constant(ir.IntType(32), 1)]))
        return context.get_dummy_value()

    return void(row, intp, expected), generate


@compile_kernel(inline="always")
def write(row, index, vector, streamed):
    """Store or stream."""
    if streamed:
        stream(row, index, vector)
    else:
        store(row, index, vector)


@intrinsic
def reverse(typing_context: Any, vector: Any) -> Any:
    """Return the pixels of a vector from the last one to the first."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        order = ir.Constant(ir.VectorType(ir.IntType(32), vector.count), list(range(vector.count))[::-1])
        return builder.shuffle_vector(arguments[0], ir.Constant(vector.layout, ir.Undefined), order)

    return vector(vector), generate


@intrinsic
def splat(typing_context: Any, value: Any) -> Any:
    """Return a vector of one number."""
    vector, layout = _KINDS[value]

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return spread(builder, arguments[0], layout)

    return vector(value), generate


def spread(builder: Any, scalar: Any, layout: Any) -> Any:
    """Return LLVM's vector of one number."""
    undefined = ir.Constant(layout, ir.Undefined)
    number = ir.IntType(32)
    first = builder.insert_element(undefined, scalar, ir.Constant(number, 0))
    return builder.shuffle_vector(first, undefined, ir.Constant(ir.VectorType(number, layout.count), None))


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
def mix_onto(typing_context: Any, total: Any, pixels: Any, weights: Any) -> Any:
    """Return total + pixels * weights, where a weight of zero adds nothing even if the pixel is infinite or NaN."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        total, pixels, weights = arguments
        wanted = builder.fcmp_unordered("!=", weights, ir.Constant(_KINDS[float32][1], None))
        more = builder.fadd(total, builder.fmul(pixels, weights, flags=FLAGS), flags=FLAGS)
        return builder.select(wanted, more, total)

    return FLOATS(FLOATS, FLOATS, FLOATS), generate


@intrinsic
def keep_nan(typing_context: Any, kept: Any, pixels: Any) -> Any:
    """Return `kept`, but NaN where a pixel is NaN; bytes never are."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        if kept == OCTETS:
            return arguments[0]
        nan = builder.fcmp_unordered("uno", arguments[1], arguments[1])
        return builder.select(nan, arguments[1], arguments[0])

    return kept(kept, kept), generate


@intrinsic
def has_nan(typing_context: Any, pixels: Any) -> Any:
    """Say whether one of the pixels is NaN."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        if pixels == OCTETS:
            return context.get_constant(boolean, False)
        nan = builder.fcmp_unordered("uno", arguments[0], arguments[0])
        bits = ir.IntType(LANES)
        return builder.icmp_unsigned("!=", builder.bitcast(nan, bits), ir.Constant(bits, 0))

    return boolean(pixels), generate


@intrinsic
def select(typing_context: Any, condition: Any, chosen: Any, other: Any) -> Any:
    """Return `chosen` if `condition` else `other`, both computed: no branch, so that the loop around it vectorizes.

    Of vectors, whose condition `_formula` gives, `chosen` or `other` may be one number.
    """
    kind = FLOATS if condition == MASKS else float32

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        values = (
            spread(builder, value, FLOATS.layout) if kind == FLOATS and given == float32 else value
            for given, value in zip(signature.args[1:], arguments[1:], strict=True)
        )
        return builder.select(arguments[0], *values)

    choices = (FLOATS if choice == FLOATS else float32 for choice in (chosen, other))
    return kind(MASKS if kind == FLOATS else boolean, *choices), generate


@intrinsic
def prefetch(typing_context: Any, row: Any, index: Any) -> Any:
    """Bring the cache line of `row[index]` near, for a row that no hardware prefetcher would guess."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        number = ir.IntType(32)
        pointer = ir.IntType(8).as_pointer()
        kind = ir.FunctionType(ir.VoidType(), [pointer, number, number, number])
        function = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
        # For reading (0), to the nearest cache (3), data (1).
        options = [ir.Constant(number, value) for value in (0, 3, 1)]
        builder.call(function, [pointer_to(context, builder, row, *arguments, ir.IntType(8)), *options])
        return context.get_dummy_value()

    return void(row, intp), generate
