# SPDX-License-Identifier: Apache-2.0
"""Windows of 8 x 8 pixels in registers, from which compiled loops pick the pixels around many positions at once.

A window is read row by row, eight pixels a load; all that a tile of 4 x 4 mixes, however the image is turned, is then
picked out of it by permutations, without another look at memory.
"""

from typing import Any

import llvmlite.binding as llvm
from llvmlite import ir
from numba import float32, int32, intp, types, uint8
from numba.core import cgutils
from numba.core.errors import TypingError
from numba.extending import intrinsic

from foveal.kernels.cpu._gather import HAS_PERMUTATION, INDICES, join
from foveal.kernels.cpu._vector import FLOATS, LANES, OCTETS, Vector, pointer_to, spread

TABLE = 8
"""Rows and columns of a window."""

_SIZE = TABLE * TABLE
_NUMBER, _FLOAT, _BYTE = ir.IntType(32), ir.FloatType(), ir.IntType(8)
_NUMBERS, _FLOATS = ir.VectorType(_NUMBER, LANES), ir.VectorType(_FLOAT, LANES)
_TABLES = {float32: Vector(float32, _SIZE), uint8: OCTETS}
_HAS_BYTE_PERMUTATION = HAS_PERMUTATION and bool(llvm.get_host_cpu_features().get("avx512vbmi"))


@intrinsic
def load_table(typing_context: Any, row: Any, index: Any, stride: Any) -> Any:
    """Return the window of a plane whose first row begins at an index, each row `stride` behind the one before."""
    if not isinstance(row, types.Array) or row.ndim != 1 or row.dtype not in _TABLES or row.layout != "C":
        raise TypingError(f"windows are taken from contiguous planes of float32 or uint8, not from {row}")
    line = ir.VectorType(_FLOAT if row.dtype == float32 else _BYTE, TABLE)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array, index, stride = arguments
        parts: list[Any] = []
        for _ in range(TABLE):
            parts.append(builder.load(pointer_to(context, builder, row, array, index, line), align=1))
            index = builder.add(index, stride)
        while len(parts) > 1:
            parts = [join(builder, *parts[i : i + 2]) for i in range(0, len(parts), 2)]
        return parts[0]

    return _TABLES[row.dtype](row, intp, intp), generate


@intrinsic
def empty_table(typing_context: Any) -> Any:
    """Return a window of zeros."""
    table = _TABLES[float32]

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return ir.Constant(table.layout, None)

    return table(), generate


@intrinsic
def add_tables(typing_context: Any, first: Any, second: Any) -> Any:
    """Return the sum of two windows of floats."""
    table = _TABLES[float32]

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.fadd(*arguments)

    return table(table, table), generate


@intrinsic
def pick_at(typing_context: Any, table: Any, places: Any, offset: Any) -> Any:
    """Return `table[place + offset]` for each place, which counts modulo the size of a window, from floats."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        table, places, offset = arguments
        return _pick(builder, table, builder.add(places, spread(builder, offset, _NUMBERS)))

    return FLOATS(_TABLES[float32], INDICES, int32), generate


@intrinsic
def pick_four(typing_context: Any, table: Any, places: Any) -> Any:
    """Return, as floats, the pixels of a window at each place, to the right of it, below it, and below on the right.

    Places count modulo the size of the window.
    """
    result = types.UniTuple(FLOATS, 4)
    taps = (0, 1, TABLE, TABLE + 1)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        table, places = arguments
        if signature.args[0] == OCTETS and _HAS_BYTE_PERMUTATION:
            # A permutation of 64 bytes finds all four, side by side in each number.
            places = builder.and_(places, _repeat(_SIZE - 1))
            offsets = sum(tap << 8 * number for number, tap in enumerate(taps))
            places = builder.add(builder.mul(places, _repeat(0x01010101)), _repeat(offsets))
            kind = ir.FunctionType(OCTETS.layout, [OCTETS.layout] * 2)
            permute = cgutils.get_or_insert_function(builder.module, kind, "llvm.x86.avx512.permvar.qi.512")
            found = builder.call(permute, [table, builder.bitcast(places, OCTETS.layout)])
            found = builder.bitcast(found, _NUMBERS)
            quarters = [builder.and_(builder.lshr(found, _repeat(8 * tap)), _repeat(255)) for tap in range(4)]
            return context.make_tuple(builder, result, [builder.sitofp(pixels, _FLOATS) for pixels in quarters])
        if signature.args[0] == OCTETS:
            table = builder.uitofp(table, _TABLES[float32].layout)
        found = [_pick(builder, table, builder.add(places, _repeat(tap))) for tap in taps]
        return context.make_tuple(builder, result, found)

    return result(table, INDICES), generate


def _pick(builder: Any, table: Any, places: Any) -> Any:
    """Pick floats: sixteen out of each half of a window by one permutation, then the right one of the two."""
    if not HAS_PERMUTATION:
        places, found = builder.and_(places, _repeat(_SIZE - 1)), ir.Constant(_FLOATS, ir.Undefined)
        for lane in range(LANES):
            number = ir.Constant(_NUMBER, lane)
            pixel = builder.extract_element(table, builder.extract_element(places, number))
            found = builder.insert_element(found, pixel, number)
        return found
    kind = ir.FunctionType(_FLOATS, [_FLOATS, _NUMBERS, _FLOATS])
    permute = cgutils.get_or_insert_function(builder.module, kind, "llvm.x86.avx512.vpermi2var.ps.512")
    halves: list[Any] = []
    for half in range(2):
        parts = [_cut(builder, table, (2 * half + part) * LANES) for part in range(2)]
        halves.append(builder.call(permute, [parts[0], places, parts[1]]))
    is_lower = builder.icmp_unsigned("==", builder.and_(places, _repeat(_SIZE // 2)), _repeat(0))
    return builder.select(is_lower, *halves)


def _cut(builder: Any, table: Any, first: int) -> Any:
    lanes = ir.Constant(_NUMBERS, list(range(first, first + LANES)))
    return builder.shuffle_vector(table, ir.Constant(table.type, ir.Undefined), lanes)


def _repeat(number: int) -> Any:
    return ir.Constant(_NUMBERS, [number] * LANES)
