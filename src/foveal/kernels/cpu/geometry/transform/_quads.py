# SPDX-License-Identifier: Apache-2.0
"""Pixels of four channels side by side, so that one addition to a pixel serves them all."""

from typing import Any

from llvmlite import ir
from numba import float32, intp, types, void
from numba.core.errors import TypingError
from numba.extending import intrinsic

from foveal.kernels.cpu._vector import FLAGS, FLOATS, LANES, pointer_to, spread

QUAD = 4
"""Channels side by side."""

_NUMBER, _FLOAT = ir.IntType(32), ir.FloatType()
_QUADS, _ALL = ir.VectorType(_FLOAT, QUAD), ir.VectorType(_FLOAT, QUAD * LANES)


def _check(row: Any) -> None:
    if not isinstance(row, types.Array) or row.ndim != 1 or row.dtype != float32 or row.layout != "C":
        raise TypingError(f"quads are kept in contiguous rows of float32, not in {row}")


def _shuffle(builder: Any, first: Any, second: Any, places: list[int]) -> Any:
    return builder.shuffle_vector(first, second, ir.Constant(ir.VectorType(_NUMBER, len(places)), places))


@intrinsic
def interleave(typing_context: Any, row: Any, a: Any, b: Any, c: Any, d: Any) -> Any:
    """Write a[0], b[0], c[0], d[0], a[1] and so on to the beginning of a row."""
    _check(row)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array, *tiles = arguments
        joined = list(range(2 * LANES))
        halves = [_shuffle(builder, tiles[i], tiles[i + 1], joined) for i in (0, 2)]
        places = [channel * LANES + lane for lane in range(LANES) for channel in range(QUAD)]
        pointer = pointer_to(context, builder, row, array, context.get_constant(intp, 0), _ALL)
        builder.store(_shuffle(builder, *halves, places), pointer, align=4)
        return context.get_dummy_value()

    return void(row, FLOATS, FLOATS, FLOATS, FLOATS), generate


@intrinsic
def add_quad(typing_context: Any, row: Any, index: Any, quads: Any, lane: Any, weight: Any) -> Any:
    """Add a weighted quad of others to one of a row."""
    _check(row)
    _check(quads)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array, index, others, lane, weight = arguments
        four = context.get_constant(intp, QUAD)
        target = pointer_to(context, builder, row, array, builder.mul(index, four), _QUADS)
        source = pointer_to(context, builder, quads, others, builder.mul(lane, four), _QUADS)
        weights = spread(builder, weight, _QUADS)
        term = builder.fmul(builder.load(source, align=4), weights, flags=FLAGS)
        builder.store(builder.fadd(builder.load(target, align=4), term, flags=FLAGS), target, align=4)
        return context.get_dummy_value()

    return void(row, intp, quads, intp, float32), generate
