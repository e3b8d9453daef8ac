# SPDX-License-Identifier: Apache-2.0
"""Bytes looked up in a table of 256 bytes.

Where the processor has AVX-512 VBMI, the table lies in four registers, and two permutations of 128 bytes look 64 bytes
up at once: bits 0 to 6 of a byte choose from each half of the table, bit 7 between the halves. Elsewhere, one by one.
"""

from typing import Any

from llvmlite import ir
from numba import intp, void
from numba.core.registry import cpu_target
from numba.extending import intrinsic

from foveal.kernels.cpu._compile import compile_kernel

CHUNK = 64
"""Rows that `look_up` writes to, or reads from, must go on for so many bytes behind their last one."""

_BYTES = ir.VectorType(ir.IntType(8), CHUNK)


def has_permutation() -> bool:
    """Say whether compiled kernels may use the permutation of 128 bytes."""
    context: Any = cpu_target.target_context
    return "+avx512vbmi," in f"{context.codegen()._tm_features},"


@intrinsic
def _look_up_chunk(
    typing_context: Any, source: Any, source_at: Any, table: Any, table_at: Any, target: Any, target_at: Any
) -> Any:
    """Look up the 64 bytes of a row from a place on, in the table from a place on, into another row from a place on."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        def pointer(position: int, offset: Any) -> Any:
            array = context.make_array(signature.args[position])(context, builder, arguments[position])
            return builder.bitcast(builder.gep(array.data, [offset]), _BYTES.as_pointer())

        def part(number: int) -> Any:
            place = builder.add(arguments[3], ir.Constant(ir.IntType(64), number * CHUNK))
            return builder.load(pointer(2, place), align=1)

        permutation = builder.module.declare_intrinsic(
            "llvm.x86.avx512.vpermi2var.qi.512", (), ir.FunctionType(_BYTES, [_BYTES] * 3)
        )
        index = builder.load(pointer(0, arguments[1]), align=1)
        low = builder.call(permutation, [part(0), index, part(1)])
        high = builder.call(permutation, [part(2), index, part(3)])
        is_high = builder.icmp_signed("<", index, ir.Constant(_BYTES, None))
        builder.store(builder.select(is_high, high, low), pointer(4, arguments[5]), align=1)
        return context.get_dummy_value()

    return void(source, intp, table, intp, target, intp), generate


def _look_up_chunks(source: Any, table: Any, target: Any, count: Any) -> None:
    for chunk in range((count + CHUNK - 1) // CHUNK):
        _look_up_chunk(source, chunk * CHUNK, table, 0, target, chunk * CHUNK)


def _look_up_singly(source: Any, table: Any, target: Any, count: Any) -> None:
    levels, result = source[:count], target[:count]
    for j in range(count):
        result[j] = table[levels[j]]


def _look_up_four_in_chunks(
    source: Any, tables: Any, upper: Any, lower: Any, left: Any, right: Any, runs: Any, target: Any, pitch: Any
) -> None:
    for run in range(runs.shape[0] - 1):
        first = runs[run]
        a, b = left[first] * 256, right[first] * 256
        for place in range(first, runs[run + 1], CHUNK):
            _look_up_chunk(source, place, tables, upper + a, target, place)
            _look_up_chunk(source, place, tables, upper + b, target, pitch + place)
            _look_up_chunk(source, place, tables, lower + a, target, 2 * pitch + place)
            _look_up_chunk(source, place, tables, lower + b, target, 3 * pitch + place)


def _look_up_four_singly(
    source: Any, tables: Any, upper: Any, lower: Any, left: Any, right: Any, runs: Any, target: Any, pitch: Any
) -> None:
    for run in range(runs.shape[0] - 1):
        first, last = runs[run], runs[run + 1]
        a, b = left[first] * 256, right[first] * 256
        levels = source[first:last]
        for number, begin in enumerate((upper + a, upper + b, lower + a, lower + b)):
            table, result = tables[begin : begin + 256], target[number * pitch + first : number * pitch + last]
            for j in range(levels.shape[0]):
                result[j] = table[levels[j]]


# look_up(source, table, target, count): target[:count] = table[source[:count]], and some bytes behind.
look_up = compile_kernel(_look_up_chunks if has_permutation() else _look_up_singly)

# look_up_four(source, tables, upper, lower, left, right, runs, target, pitch): a row looked up in the four tables
# around each pixel, into four rows that are `pitch` apart. The tables begin at `upper` and `lower` plus 256 times the
# tile `left` or `right`; within a run these do not change.
look_up_four = compile_kernel(_look_up_four_in_chunks if has_permutation() else _look_up_four_singly)
