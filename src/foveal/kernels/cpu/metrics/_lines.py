# SPDX-License-Identifier: Apache-2.0
"""Rows that lie in sixteen segments side by side, and symmetric windows that run down or along them.

A row of 16 S pixels is S vectors, of which lane l holds pixels l S, l S + 1, ... Its neighbour is then the next vector,
not a load that crosses cache lines, so that a window along the row is the same loop as one down the columns: four
results at once, for which a vector is loaded once.
"""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types, void
from numba.core import cgutils
from numba.extending import intrinsic

from foveal.kernels.cpu._compile import BARE, compile_kernel
from foveal.kernels.cpu._vector import FLOATS, LANES, load, pointer_to, spread, store
from foveal.kernels.cpu.filters._lanes import multiply_add
from foveal.kernels.cpu.geometry.transform._strides import turn

FOUR = 4
"""Results at once."""


def _make_fold(squared: bool) -> Any:
    def fold(
        typing_context: Any, source: Any, places: Any, start: Any, target: Any, targets: Any, first: Any, weights: Any,
        width: Any, step: Any, side: Any,
    ) -> Any:  # fmt: skip
        taps = side.count

        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            def begin(row: int, numbers: int, number: int, shift: int) -> Any:
                """Return the pointer to the first pixel of a source or a target."""
                index = context.get_constant(types.intp, number)
                kind = signature.args[numbers]
                place = builder.load(pointer_to(context, builder, kind, arguments[numbers], index, ir.IntType(64)))
                place = builder.add(place, arguments[shift])
                return pointer_to(context, builder, signature.args[row], arguments[row], place, ir.FloatType())

            def factor(number: int) -> Any:
                index = context.get_constant(types.intp, number)
                pointer = pointer_to(context, builder, weights, arguments[6], index, ir.FloatType())
                return spread(builder, builder.load(pointer), FLOATS.layout)

            def at(pointer: Any, x: Any) -> Any:
                return builder.bitcast(builder.gep(pointer, [x]), FLOATS.layout.as_pointer())

            froms = [begin(0, 1, i, 2) for i in range(FOUR + taps - 1)]
            tos = [begin(3, 4, i, 5) for i in range(FOUR)]
            middle = taps // 2
            factors = [factor(middle + k) for k in range(middle + 1)]
            with cgutils.for_range_slice(
                builder, context.get_constant(types.intp, 0), arguments[7], arguments[8], inc=True
            ) as (x, _):
                pixels = [builder.load(at(pointer, x), align=4) for pointer in froms]
                if squared:
                    pixels = [builder.fmul(value, value) for value in pixels]
                for row in range(FOUR):
                    total = builder.fmul(pixels[row + middle], factors[0])
                    for k in range(1, middle + 1):
                        pair = builder.fadd(pixels[row + middle - k], pixels[row + middle + k])
                        total = multiply_add(builder, pair, factors[k], total)
                    builder.store(total, at(tos[row], x), align=4)
            return context.get_dummy_value()

        return void(
            source, places, types.intp, target, targets, types.intp, weights, types.intp, types.intp, side
        ), generate  # fmt: skip

    fold.__doc__ = f"""Write four weighted sums of vectors{", squared," * squared} in each of `width / step` places.

        target[targets[r] + first + x] = sum of weights[k] * source[places[r + k] + start + x] over the taps k, for r
        from 0 to 3. The weights are symmetric; their number is the length of the tuple `side`.
        """
    return intrinsic(fold)


fold, fold_squares = _make_fold(squared=False), _make_fold(squared=True)


@compile_kernel(**BARE)
def weave(row, size, ends, target, place):
    """Lay a row into `size` vectors, and some vectors with the pixels that come behind them after these."""
    position = 0
    while position < size:
        # The last block overlaps the one before; a single one goes too far.
        position = max(0, min(position, size - LANES))
        turn(row, position, size, target, place + LANES * position)
        position += LANES
    for k in range(ends):
        store(target, place + LANES * (size + k), load(row, LANES * (size + k)))


@compile_kernel(**BARE)
def unweave(source, place, size, block, row):
    """Undo `weave`."""
    position = 0
    while position < size:
        position = max(0, min(position, size - LANES))
        turn(source, place + LANES * position, LANES, block, 0)
        # In this order, for what goes too far is overwritten.
        for lane in range(LANES):
            store(row, lane * size + position, load(block, LANES * lane))
        position += LANES


@compile_kernel(**BARE)
def extend(line, place, size, count, ends):
    """Write the vectors behind those of a row: the neighbours' pixels, and in the last lane those behind the row.

    These lie behind the row as `weave` left them; `ends` is scratch.
    """
    behind = place + LANES * size
    for k in range(count):
        ends[k] = line[behind + k]
    for k in range(count):
        store(line, behind + LANES * k, load(line, place + LANES * k + 1))
        line[np.uintp(behind + LANES * k + LANES - 1)] = ends[k]
