# SPDX-License-Identifier: Apache-2.0
"""Float32 exponentials that Numba vectorizes (a call of `math.exp` would end the vector loop).

Both split x into n + r, take a polynomial of r with the least relative error, and write 2^n into the exponent bits.
"""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import float32, int32
from numba.extending import intrinsic

from foveal.kernels.cpu._compile import compile_kernel

f32 = np.float32


@intrinsic
def _as_float(typing_context: Any, bits: Any) -> Any:
    """Read the bits of an int32 as a float32."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], ir.FloatType())

    return float32(int32), generate


@intrinsic
def _multiply_add(typing_context: Any, first: Any, second: Any, addend: Any) -> Any:
    """Return first * second + addend in one instruction, out of reach of reassociation."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        kind = ir.FloatType()
        function = builder.module.declare_intrinsic("llvm.fmuladd", [kind], ir.FunctionType(kind, [kind] * 3))
        return builder.call(function, arguments)

    return float32(float32, float32, float32), generate


@compile_kernel(inline="always")
def exp(x):
    """Return e^x to 2 ulp for x in [-87, 88]; below -87 the result is e^-87 = 1.6e-38.

    x = n ln 2 + r with |r| <= ln 2 / 2 (Cody and Waite's two-part ln 2), e^r by a polynomial of degree 6.
    """
    # Comparisons in this order keep NaN.
    x = f32(88.0) if x > f32(88.0) else x
    x = f32(-87.0) if x < f32(-87.0) else x
    n = np.rint(x * f32(1.44269504))
    # Written with operators, the two parts of ln 2 would be added up again.
    r = _multiply_add(n, f32(2.12194440e-4), _multiply_add(n, f32(-0.693359375), x))
    p = f32(0.001384364441037178)
    p = p * r + f32(0.008374162949621677)
    p = p * r + f32(0.04166800156235695)
    p = p * r + f32(0.16666431725025177)
    p = p * r + f32(0.4999999403953552)
    p = p * r + f32(1.0)
    p = p * r + f32(1.0)
    return p * _as_float((np.int32(n) + np.int32(127)) << np.int32(23))


@compile_kernel(inline="always")
def exp2(x):
    """Return 2^x to 3 ulp for x in [-126, 127]; below -126.5 the result is 0. Cheaper than `exp`.

    A softmax takes it on (score - largest) * log2(e): the rounding of that product is relative to the exponent, so
    that only weights near 0 carry more than an ulp of it.
    """
    # A comparison in this order keeps NaN. The exponent bits of 2^-127 would be those of 0.
    x = f32(-127.0) if x < f32(-127.0) else x
    n = np.rint(x)
    r = x - n
    p = f32(0.001326470053754747)
    p = p * r + f32(0.009671534411609173)
    p = p * r + f32(0.05550733953714371)
    p = p * r + f32(0.24022242426872253)
    p = p * r + f32(0.6931470036506653)
    p = p * r + f32(1.0)
    return p * _as_float((np.int32(n) + np.int32(127)) << np.int32(23))
