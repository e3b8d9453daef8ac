# SPDX-License-Identifier: Apache-2.0
"""Waiting without sleep, for some microseconds, outside the interpreter's lock.

To wake a thread takes the waker some 15 microseconds and the sleeper 30, on a virtual machine more: as long as a small
image takes. What is awaited is a number in memory, an array of one uint32, that another thread changes.
"""

import platform
from typing import Any

from llvmlite import ir
from numba import types, void
from numba.extending import intrinsic

from foveal.kernels.cpu._compile import compile_kernel
from foveal.kernels.cpu._vector import pointer_to

_WORD = ir.IntType(32)


@intrinsic
def _read(typing_context: Any, word: Any) -> Any:
    """Read the number anew, which a plain load in a loop would not."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        index = context.get_constant(types.intp, 0)
        return builder.load_atomic(pointer_to(context, builder, word, *arguments, index, _WORD), "acquire", 4)

    return types.uint32(word), generate


@intrinsic
def _increase(typing_context: Any, word: Any) -> Any:
    """Add one, whichever other threads do so as well."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        index = context.get_constant(types.intp, 0)
        place = pointer_to(context, builder, word, *arguments, index, _WORD)
        builder.atomic_rmw("add", place, ir.Constant(_WORD, 1), "release")
        return context.get_dummy_value()

    return void(word), generate


@intrinsic
def _pause(typing_context: Any) -> Any:
    """Tell the processor that this is a loop that waits."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        if platform.machine().lower() in ("x86_64", "amd64"):
            kind = ir.FunctionType(ir.VoidType(), [])
            builder.call(builder.module.declare_intrinsic("llvm.x86.sse2.pause", (), kind), [])
        return context.get_dummy_value()

    return void(), generate


@compile_kernel
def await_number(word, number, limit):
    """Wait until a number is reached, for so many pauses at the most."""
    for _ in range(limit):
        if _read(word) == number:
            break
        _pause()


@compile_kernel
def linger(left, bell, heard, limit, delay):
    """Count this thread in `left`; wait until `bell` is another number than `heard`, and a little longer."""
    _increase(left)
    for _ in range(limit):
        if _read(bell) != heard:
            for _ in range(delay):
                _pause()
            break
        _pause()
