# SPDX-License-Identifier: Apache-2.0
"""Vectors of every second pixel of a row, of two rows in turns, and of the columns of a block."""

from typing import Any

from llvmlite import ir
from numba import float32, types, void
from numba.extending import intrinsic

from foveal.kernels.cpu._vector import Vector, pointer_to
from foveal.kernels.cpu.filters._lanes import FEW


@intrinsic
def load_every_second(typing_context: Any, row: Any, index: Any, like: Any) -> Any:
    """Read every second pixel of a row of floats: as many as `like` has."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        twice = Vector(float32, 2 * like.count).layout
        value = builder.load(pointer_to(context, builder, row, arguments[0], arguments[1], twice), align=4)
        chosen = ir.Constant(ir.VectorType(ir.IntType(32), like.count), list(range(0, 2 * like.count, 2)))
        return builder.shuffle_vector(value, ir.Constant(value.type, ir.Undefined), chosen)

    return like(row, types.intp, like), generate


@intrinsic
def interleave(typing_context: Any, even: Any, odd: Any) -> Any:
    """Return the pixels of two vectors in turns."""
    twice = Vector(float32, 2 * even.count)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        order = [lane // 2 + even.count * (lane % 2) for lane in range(twice.count)]
        return builder.shuffle_vector(*arguments, ir.Constant(ir.VectorType(ir.IntType(32), twice.count), order))

    return twice(even, odd), generate


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
