# SPDX-License-Identifier: Apache-2.0
"""A float32 exponential that Numba vectorizes (a call of `math.exp` would end the vector loop)."""

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


@compile_kernel(inline="always")
def exp(x):
    """Return e^x to 2 ulp for x in [-87, 88]; below -87 the result is e^-87 = 1.6e-38.

    x = n ln 2 + r with |r| <= ln 2 / 2 (Cody and Waite's two-part ln 2), e^r by a polynomial of degree 6 whose
    error is under 1e-7 relative, and 2^n written into the exponent bits.
    """
    # Comparisons in this order keep NaN.
    x = f32(88.0) if x > f32(88.0) else x
    x = f32(-87.0) if x < f32(-87.0) else x
    n = np.floor(x * f32(1.44269504) + f32(0.5))
    r = (x - n * f32(0.693359375)) - n * f32(-2.12194440e-4)
    p = f32(1 / 720)
    p = p * r + f32(1 / 120)
    p = p * r + f32(1 / 24)
    p = p * r + f32(1 / 6)
    p = p * r + f32(0.5)
    p = p * r + f32(1.0)
    p = p * r + f32(1.0)
    return p * _as_float((np.int32(n) + np.int32(127)) << np.int32(23))
