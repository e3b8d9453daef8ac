# SPDX-License-Identifier: Apache-2.0
"""Vectors of pixels taken from anywhere: positions, indices and tiles of 4 x 4 for compiled loops.

A tile of the result, unlike a run of its row, comes from a small window of the source however the image is turned.
"""

from typing import Any

import llvmlite.binding as llvm
import numba.core.config as numba_config
from llvmlite import ir
from numba import float32, int32, intp, types, uint8, void
from numba.core import cgutils
from numba.core.errors import TypingError
from numba.extending import intrinsic, models, register_model

from foveal.kernels.cpu._vector import FLOATS, LANES, pointer_to, spread

SIDE = 4
"""Rows and columns of a tile."""

_FLOAT, _NUMBER, _BYTE = ir.FloatType(), ir.IntType(32), ir.IntType(8)
_FLOATS, _NUMBERS = ir.VectorType(_FLOAT, LANES), ir.VectorType(_NUMBER, LANES)
_settings: Any = numba_config
HAS_PERMUTATION = (
    bool(llvm.get_host_cpu_features().get("avx512f")) and not _settings.CPU_NAME and not _settings.CPU_FEATURES
)


class Indices(types.Type):  # type: ignore[misc]
    """Numba's type of a vector of int32."""

    def __init__(self) -> None:
        super().__init__(name=f"vector(int32, {LANES})")


INDICES = Indices()


@register_model(Indices)
class _Model(models.PrimitiveModel):  # type: ignore[misc]
    def __init__(self, manager: Any, kind: Indices) -> None:
        super().__init__(manager, kind, _NUMBERS)


def _call(builder: Any, name: str, result: Any, *arguments: Any, flags: tuple[str, ...] = ()) -> Any:
    kind = ir.FunctionType(result, [argument.type for argument in arguments])
    return builder.call(cgutils.get_or_insert_function(builder.module, kind, name), arguments, fastmath=flags)


def _pixel(row: Any) -> Any:
    if not isinstance(row, types.Array) or row.ndim != 1 or row.dtype not in (float32, uint8) or row.layout != "C":
        raise TypingError(f"tiles are taken from contiguous rows of float32 or uint8, not from {row}")
    return _FLOAT if row.dtype == float32 else _BYTE


def _widen(builder: Any, pixels: Any) -> Any:
    """Return pixels, one or many, as floats."""
    if pixels.type in (_FLOAT, _FLOATS):
        return pixels
    return builder.uitofp(pixels, _FLOATS if isinstance(pixels.type, ir.VectorType) else _FLOAT)


@intrinsic
def across(typing_context: Any) -> Any:
    """Return the column of each pixel of a tile."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return ir.Constant(_FLOATS, [float(lane % SIDE) for lane in range(LANES)])

    return FLOATS(), generate


@intrinsic
def down(typing_context: Any) -> Any:
    """Return the row of each pixel of a tile."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return ir.Constant(_FLOATS, [float(lane // SIDE) for lane in range(LANES)])

    return FLOATS(), generate


def _unary(name: str) -> Any:
    @intrinsic
    def compute(typing_context: Any, vector: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            return _call(builder, f"llvm.{name}.v{LANES}f32", _FLOATS, *arguments)

        return FLOATS(FLOATS), generate

    return compute


floor = _unary("floor")
magnitude = _unary("fabs")


@intrinsic
def divide(typing_context: Any, first: Any, second: Any) -> Any:
    """Return the quotients, rounded once: 6 / 3 is 2."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.fdiv(*arguments)

    return FLOATS(FLOATS, FLOATS), generate


def _choice(condition: str, chosen: int, other: int, ordered: bool = True) -> Any:
    """Make `f(a, b, c, d)`: the argument `chosen` where a `condition` b, else the argument `other`."""

    @intrinsic
    def compute(typing_context: Any, a: Any, b: Any, c: Any, d: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            compare = builder.fcmp_ordered if ordered else builder.fcmp_unordered
            return builder.select(compare(condition, arguments[0], arguments[1]), arguments[chosen], arguments[other])

        return FLOATS(FLOATS, FLOATS, FLOATS, FLOATS), generate

    return compute


where_less = _choice("<", 2, 3)
"""Return c where a < b, else (also for NaN) d."""
where_equal = _choice("==", 2, 3)
"""Return c where a == b, else d."""


@intrinsic
def smallest(typing_context: Any, vector: Any) -> Any:
    """Return the least of the numbers, none of which is NaN."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return _call(builder, f"llvm.vector.reduce.fmin.v{LANES}f32", _FLOAT, *arguments, flags=("nnan", "nsz"))

    return float32(FLOATS), generate


@intrinsic
def largest(typing_context: Any, vector: Any) -> Any:
    """Return the greatest of the numbers, none of which is NaN."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return _call(builder, f"llvm.vector.reduce.fmax.v{LANES}f32", _FLOAT, *arguments, flags=("nnan", "nsz"))

    return float32(FLOATS), generate


@intrinsic
def total(typing_context: Any, vector: Any) -> Any:
    """Return the sum of the numbers."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        kind = ir.FunctionType(_FLOAT, [_FLOAT, _FLOATS])
        function = cgutils.get_or_insert_function(builder.module, kind, f"llvm.vector.reduce.fadd.v{LANES}f32")
        return builder.call(function, [ir.Constant(_FLOAT, 0.0), *arguments], fastmath=("reassoc",))

    return float32(FLOATS), generate


@intrinsic
def to_indices(typing_context: Any, vector: Any) -> Any:
    """Return whole numbers as integers."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.fptosi(arguments[0], _NUMBERS)

    return INDICES(FLOATS), generate


@intrinsic
def flatten(typing_context: Any, rows: Any, columns: Any, width: Any) -> Any:
    """Return rows * width + columns."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.add(builder.mul(arguments[0], spread(builder, arguments[2], _NUMBERS)), arguments[1])

    return INDICES(INDICES, INDICES, int32), generate


@intrinsic
def gather(typing_context: Any, row: Any, places: Any) -> Any:
    """Return `row[place]` for each place, as floats."""
    pixel = _pixel(row)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        start = pointer_to(context, builder, row, arguments[0], context.get_constant(intp, 0), pixel)
        if HAS_PERMUTATION and pixel is _FLOAT:
            bits = ir.VectorType(ir.IntType(1), LANES)
            everywhere = ir.Constant(bits, [1] * LANES)
            base = builder.bitcast(start, _BYTE.as_pointer())
            parts = [ir.Constant(_FLOATS, None), base, arguments[1], everywhere, ir.Constant(_NUMBER, 4)]
            return _call(builder, "llvm.x86.avx512.mask.gather.dps.512", _FLOATS, *parts)
        found = ir.Constant(_FLOATS, ir.Undefined)
        for lane in range(LANES):
            number = ir.Constant(_NUMBER, lane)
            place = builder.sext(builder.extract_element(arguments[1], number), ir.IntType(64))
            value = _widen(builder, builder.load(builder.gep(start, [place])))
            found = builder.insert_element(found, value, number)
        return found

    return FLOATS(row, INDICES), generate


@intrinsic
def load_tile(typing_context: Any, row: Any, index: Any, stride: Any) -> Any:
    """Return a tile whose first row begins at an index, each row `stride` behind the one before."""
    pixel = _pixel(row)
    layout = ir.VectorType(pixel, SIDE)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array, index, stride = arguments
        parts: list[Any] = []
        for _ in range(SIDE):
            parts.append(builder.load(pointer_to(context, builder, row, array, index, layout), align=1))
            index = builder.add(index, stride)
        halves = [join(builder, parts[0], parts[1]), join(builder, parts[2], parts[3])]
        return _widen(builder, join(builder, *halves))

    return FLOATS(row, intp, intp), generate


def join(builder: Any, first: Any, second: Any) -> Any:
    count = 2 * first.type.count
    return builder.shuffle_vector(first, second, ir.Constant(ir.VectorType(_NUMBER, count), list(range(count))))


@intrinsic
def store_tile(typing_context: Any, row: Any, index: Any, stride: Any, tile: Any) -> Any:
    """Write a tile; to bytes, rounded and clipped."""
    pixel = _pixel(row)
    layout = ir.VectorType(pixel, SIDE)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array, index, stride, tile = arguments
        if pixel is _BYTE:
            half, zero, top = (spread(builder, ir.Constant(_FLOAT, v), _FLOATS) for v in (0.5, 0.0, 255.0))
            tile = builder.fadd(tile, half)
            tile = builder.select(builder.fcmp_ordered(">", tile, zero), tile, zero)
            tile = builder.select(builder.fcmp_ordered("<", tile, top), tile, top)
            tile = builder.trunc(builder.fptosi(tile, _NUMBERS), ir.VectorType(_BYTE, LANES))
        for number in range(SIDE):
            lanes = ir.Constant(ir.VectorType(_NUMBER, SIDE), [SIDE * number + lane for lane in range(SIDE)])
            part = builder.shuffle_vector(tile, ir.Constant(tile.type, ir.Undefined), lanes)
            builder.store(part, pointer_to(context, builder, row, array, index, layout), align=1)
            index = builder.add(index, stride)
        return context.get_dummy_value()

    return void(row, intp, intp, FLOATS), generate


@intrinsic
def store_indices(typing_context: Any, row: Any, index: Any, indices: Any) -> Any:
    """Write indices to a row of int32 from an index on."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        builder.store(arguments[2], pointer_to(context, builder, row, *arguments[:2], _NUMBERS), align=1)
        return context.get_dummy_value()

    return void(row, intp, INDICES), generate
