# SPDX-License-Identifier: Apache-2.0
"""Vectors of every second pixel of a row, of two rows in turns, of any pixels of a window, and of a block's columns."""

from typing import Any

from llvmlite import ir
from numba import float32, types, void
from numba.core import cgutils
from numba.extending import intrinsic

from foveal.kernels.cpu._vector import Vector, pointer_to
from foveal.kernels.cpu.filters._lanes import FEW, multiply_add


@intrinsic
def interleave(typing_context: Any, even: Any, odd: Any) -> Any:
    """Return the pixels of two vectors in turns."""
    twice = Vector(float32, 2 * even.count)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        order = [lane // 2 + even.count * (lane % 2) for lane in range(twice.count)]
        return builder.shuffle_vector(*arguments, ir.Constant(ir.VectorType(ir.IntType(32), twice.count), order))

    return twice(even, odd), generate


def _every_second(begin: int) -> Any:
    """Make the function that takes every second pixel of a vector, as many as `like` has."""

    def every_second(typing_context: Any, pixels: Any, like: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            order = ir.Constant(ir.VectorType(ir.IntType(32), like.count), list(range(begin, 2 * like.count, 2)))
            return builder.shuffle_vector(arguments[0], ir.Constant(arguments[0].type, ir.Undefined), order)

        return like(pixels, like), generate

    return intrinsic(every_second)


first_of_pairs, second_of_pairs = _every_second(0), _every_second(1)


def _slide(by: int) -> Any:
    """Make the function that takes the pixels of a row so many places on, from two vectors that follow each other."""

    def slide(typing_context: Any, low: Any, high: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            order = ir.Constant(ir.VectorType(ir.IntType(32), low.count), list(range(by, by + low.count)))
            return builder.shuffle_vector(*arguments, order)

        return low(low, high), generate

    return intrinsic(slide)


slide_one, slide_two = _slide(1), _slide(2)


@intrinsic
def add_chosen(typing_context: Any, total: Any, row: Any, begin: Any, places: Any, weights: Any, index: Any) -> Any:
    """Return total + chosen * weights: sixteen pixels of the 32 from `row[begin]` on, and weights, from an index on."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        value, pixels, first, numbers, factors, at = arguments
        floats, integers = total.layout, ir.VectorType(ir.IntType(32), FEW)

        def read(kind: Any, array: Any, place: Any, layout: Any) -> Any:
            return builder.load(pointer_to(context, builder, kind, array, place, layout), align=4)

        low = read(row, pixels, first, floats)
        high = read(row, pixels, builder.add(first, ir.Constant(first.type, FEW)), floats)
        chosen = read(places, numbers, at, integers)
        kind = ir.FunctionType(floats, [floats, integers, floats])
        name = "llvm.x86.avx512.vpermi2var.ps.512"
        permute = cgutils.get_or_insert_function(builder.module, kind, name)
        mixed = builder.call(permute, [low, chosen, high])
        return multiply_add(builder, mixed, read(weights, factors, at, floats), value)

    return total(total, row, types.intp, places, weights, types.intp), generate


@intrinsic
def turn(typing_context: Any, source: Any, first: Any, pitch: Any, target: Any, place: Any) -> Any:
    """Write sixteen rows of sixteen floats, a pitch apart, as sixteen columns."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        vector = Vector(float32, FEW).layout
        begin, index = arguments[1], arguments[4]
        lines = []
        for line in range(FEW):
            offset = builder.add(begin, builder.mul(arguments[2], ir.Constant(begin.type, line)))
            pointer = pointer_to(context, builder, source, arguments[0], offset, vector)
            lines.append(builder.load(pointer, align=4))
        # Lines that are `distance` apart swap blocks of so many pixels.
        distance = FEW // 2
        while distance:
            swapped = list(lines)
            low = [i if not i & distance else FEW + i - distance for i in range(FEW)]
            for line in range(FEW):
                if not line & distance:
                    pair = (lines[line], lines[line + distance])
                    for to, order in ((line, low), (line + distance, [i + distance for i in low])):
                        chosen = ir.Constant(ir.VectorType(ir.IntType(32), FEW), order)
                        swapped[to] = builder.shuffle_vector(*pair, chosen)
            lines, distance = swapped, distance // 2
        for line in range(FEW):
            offset = builder.add(index, ir.Constant(index.type, FEW * line))
            pointer = pointer_to(context, builder, target, arguments[3], offset, vector)
            builder.store(lines[line], pointer, align=4)
        return context.get_dummy_value()

    return void(source, types.intp, types.intp, target, types.intp), generate
