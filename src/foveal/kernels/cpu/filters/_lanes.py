# SPDX-License-Identifier: Apache-2.0
"""Vectors of pixels that a loop over taps keeps in registers.

A weighted sum of many rows, or of many shifts of one row, is bound by its loads: it pays to keep the sums of as many
pixels as the registers hold while tap after tap is added. Numba's own loops put them back into memory after each tap.
The vectors are LLVM's, which lays them out over the registers of whatever processor there is.
"""

from collections.abc import Callable
from typing import Any

import llvmlite.binding as llvm
from llvmlite import ir
from numba import float32, types, void
from numba.core import cgutils
from numba.extending import intrinsic

from foveal.kernels.cpu._vector import BYTES, Vector, pointer_to, spread

# Eight registers of sums hide the latency of their additions; AVX2 has but sixteen, of half the width.
MANY = 128 if llvm.get_host_cpu_features().get("avx512f", False) else 64
# Four rows of the result at once share them.
SOME = MANY // 4
FEW = 16


def _zeros(count: int) -> Any:
    """Make the maker of zero vectors of so many lanes."""

    def zeros(typing_context: Any) -> Any:
        kind = Vector(float32, count)

        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            return ir.Constant(kind.layout, None)

        return kind(), generate

    return intrinsic(zeros)


many_zeros, some_zeros, few_zeros, one_zero = _zeros(MANY), _zeros(SOME), _zeros(FEW), _zeros(1)


def _zeros_like(count: Callable[[Any], int]) -> Any:
    """Make the maker of zero vectors of a row's kind of pixels."""

    def zeros(typing_context: Any, row: Any) -> Any:
        kind = Vector(row.dtype, count(row.dtype))

        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            return ir.Constant(kind.layout, None)

        return kind(row), generate

    return intrinsic(zeros)


few_like, whole_like = _zeros_like(lambda pixel: FEW), _zeros_like(lambda pixel: 8 * BYTES // pixel.bitwidth)


@intrinsic
def load(typing_context: Any, row: Any, index: Any, like: Any) -> Any:
    """Read the pixels of a row, floats or bytes, from an index on: as many as `like` has."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        place = pointer_to(context, builder, row, *arguments[:2], context.get_data_type(row.dtype))
        return pixels_at(builder, row.dtype, place, like)

    return like(row, types.intp, like), generate


def pixels_at(builder: Any, dtype: Any, place: Any, like: Any) -> Any:
    """Return LLVM's floats of as many pixels as `like` has, floats or bytes, from a pointer on."""
    if dtype == like.pixel:
        return builder.load(builder.bitcast(place, like.layout.as_pointer()), align=like.pixel.bitwidth // 8)
    bytes = Vector(types.uint8, like.count).layout
    return builder.uitofp(builder.load(builder.bitcast(place, bytes.as_pointer()), align=1), like.layout)


@intrinsic
def store(typing_context: Any, row: Any, index: Any, lanes: Any) -> Any:
    """Write pixels to a row, floats or (rounded and clipped) bytes, from an index on."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        place = pointer_to(context, builder, row, *arguments[:2], context.get_data_type(row.dtype))
        put_pixels(builder, row.dtype, place, arguments[2])
        return context.get_dummy_value()

    return void(row, types.intp, lanes), generate


def put_pixels(builder: Any, dtype: Any, place: Any, value: Any) -> None:
    """Write LLVM's floats as floats, or as rounded and clipped bytes, to a pointer."""
    kind = value.type
    if dtype == types.uint8 and kind.element == ir.FloatType():
        value = builder.fadd(value, _constant(kind, 0.5))
        for bound, order in ((0.0, ">"), (255.0, "<")):
            limit = _constant(kind, bound)
            value = builder.select(builder.fcmp_ordered(order, value, limit), value, limit)
        value = builder.fptosi(value, ir.VectorType(ir.IntType(32), kind.count))
        value = builder.trunc(value, Vector(types.uint8, kind.count).layout)
    builder.store(value, builder.bitcast(place, value.type.as_pointer()), align=1 if dtype == types.uint8 else 4)


@intrinsic
def add_product(typing_context: Any, total: Any, lanes: Any, weight: Any) -> Any:
    """Return total + lanes * weight."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return multiply_add(builder, arguments[1], spread(builder, arguments[2], total.layout), arguments[0])

    return total(total, lanes, float32), generate


@intrinsic
def add_lanes(typing_context: Any, total: Any, first: Any, second: Any) -> Any:
    """Return total + first * second, lane by lane."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return multiply_add(builder, arguments[1], arguments[2], arguments[0])

    return total(total, first, second), generate


@intrinsic
def sum_of(typing_context: Any, lanes: Any) -> Any:
    """Return the sum of all lanes."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        (value,) = arguments
        while value.type.count > 1:
            half = value.type.count // 2
            halves = [
                builder.shuffle_vector(
                    value,
                    ir.Constant(value.type, ir.Undefined),
                    ir.Constant(ir.VectorType(ir.IntType(32), half), list(range(begin, begin + half))),
                )
                for begin in (0, half)
            ]
            value = builder.fadd(*halves)
        return builder.extract_element(value, ir.Constant(ir.IntType(32), 0))

    return float32(lanes), generate


def _constant(kind: Any, value: float) -> Any:
    return ir.Constant(kind, [ir.Constant(ir.FloatType(), value)] * kind.count)


def multiply_add(builder: Any, first: Any, second: Any, addend: Any) -> Any:
    kind = addend.type
    function = cgutils.get_or_insert_function(
        builder.module, ir.FunctionType(kind, [kind] * 3), f"llvm.fmuladd.v{kind.count}f32"
    )
    return builder.call(function, [first, second, addend])
