# SPDX-License-Identifier: Apache-2.0
"""What vectors of float32 need so that one formula serves a pixel and a vector of pixels.

Importing this gives `Vector`s division, comparisons, operators with one number, `abs` and `np.floor`. Such a formula is
inlined by Numba (`inline="always"`) and chooses by `select`, never by a branch.
"""

import operator
from typing import Any

import numpy as np
from llvmlite import ir
from numba import boolean, float32
from numba.core import cgutils
from numba.extending import intrinsic, overload

from foveal.kernels.cpu._vector import FLOATS, LANES, MASKS, spread

# Without reassociation: an eps that is added to what divides stays.
_FLAGS = ("contract", "nsz")


def _define(operation: Any, instruction: str, *, of_vectors: bool = True) -> None:
    """Give an operator to a vector and a number, in either order, and to two vectors."""

    @intrinsic
    def compute(typing_context: Any, first: Any, second: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            a, b = (
                value if kind == FLOATS else spread(builder, value, FLOATS.layout)
                for kind, value in zip(signature.args, arguments, strict=True)
            )
            if result == FLOATS:
                return getattr(builder, instruction)(a, b, flags=_FLAGS)
            compare = builder.fcmp_unordered if instruction == "!=" else builder.fcmp_ordered
            return compare(instruction, a, b)

        return result(first, second), generate

    result = FLOATS if instruction.isalpha() else MASKS
    pairs = {(FLOATS, float32), (float32, FLOATS)} | ({(FLOATS, FLOATS)} if of_vectors else set())

    @overload(operation)
    def choose(first, second):
        if (first, second) in pairs:

            def implementation(first, second):
                return compute(first, second)

            return implementation
        return None


# Of two vectors these are `_vector`'s.
_define(operator.add, "fadd", of_vectors=False)
_define(operator.sub, "fsub", of_vectors=False)
_define(operator.mul, "fmul", of_vectors=False)
_define(operator.truediv, "fdiv")
_define(operator.lt, "<")
_define(operator.gt, ">")
_define(operator.ge, ">=")
_define(operator.eq, "==")
_define(operator.ne, "!=")


def _define_function(function: Any, name: str) -> None:
    """Give vectors a function of one number that LLVM has."""

    @intrinsic
    def compute(typing_context: Any, vector: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            kind = ir.FunctionType(FLOATS.layout, [FLOATS.layout])
            called = cgutils.get_or_insert_function(builder.module, kind, f"llvm.{name}.v{LANES}f32")
            return builder.call(called, arguments)

        return FLOATS(FLOATS), generate

    @overload(function)
    def choose(vector):
        if vector == FLOATS:

            def implementation(vector):
                return compute(vector)

            return implementation
        return None


_define_function(abs, "fabs")
_define_function(np.floor, "floor")


@intrinsic
def either(typing_context: Any, first: Any, second: Any) -> Any:
    """Return whether one of two conditions holds, for a pixel or for each of a vector."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.or_(*arguments)

    kind = MASKS if first == MASKS else boolean
    return kind(kind, kind), generate
