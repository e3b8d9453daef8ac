# SPDX-License-Identifier: Apache-2.0
"""Float32 powers and cube roots that Numba vectorizes: both begin from the bits of their argument."""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import float32, int32
from numba.extending import intrinsic

from foveal.kernels.cpu._compile import compile_kernel
from foveal.kernels.cpu._exp import _as_float, _multiply_add

f32, i32 = np.float32, np.int32

_HALF_ROOT = i32(0x3F3504F3)  # the bits of sqrt(1/2)
_THIRD = i32(0x54A1F400)  # 4/3 of the bits of 1, tuned: the first guess of x^(-1/3) is then within 3.5%


@intrinsic
def _as_bits(typing_context: Any, number: Any) -> Any:
    """Read the bits of a float32 as an int32."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], ir.IntType(32))

    return int32(float32), generate


@compile_kernel(inline="always")
def log2(x):
    """Return the binary logarithm to 1.5e-7 relative for normal x > 0; the result for other x means nothing.

    x = 2^n m with m in [sqrt(1/2), sqrt(2)), log2(m) = (m - 1) p(m - 1) with the polynomial p of least error (6e-9).
    """
    n = (_as_bits(x) - _HALF_ROOT) >> i32(23)
    t = _as_float(_as_bits(x) - (n << i32(23))) - f32(1.0)
    p = f32(-0.11297488957643509)
    p = p * t + f32(0.1878267079591751)
    p = p * t + f32(-0.19061264395713806)
    p = p * t + f32(0.2042960226535797)
    p = p * t + f32(-0.2396365851163864)
    p = p * t + f32(0.28858527541160583)
    p = p * t + f32(-0.3606964349746704)
    p = p * t + f32(0.4808979034423828)
    p = p * t + f32(-0.7213473320007324)
    p = p * t + f32(1.4426950216293335)
    return _multiply_add(p, t, f32(n))


@compile_kernel(inline="always")
def power(x, exponent):
    """Return x^exponent = 2^(exponent log2 x) for normal x > 0 and infinity; the result for other x means nothing.

    The error is an ulp or two, and 6e-8 relative more per unit of the exponent |exponent log2 x|.
    """
    y = exponent * log2(x)
    # 2^128 is infinity.
    y = f32(128.0) if y > f32(128.0) else y
    y = f32(-126.0) if y < f32(-126.0) else y
    n = np.rint(y)
    r = y - n
    p = f32(0.0001546973508084193)
    p = p * r + f32(0.0013390866806730628)
    p = p * r + f32(0.009618030861020088)
    p = p * r + f32(0.055503569543361664)
    p = p * r + f32(0.24022650718688965)
    p = p * r + f32(0.6931471824645996)
    p = p * r + f32(1.0)
    return p * _as_float((i32(n) + i32(127)) << i32(23))


@compile_kernel(inline="always")
def cube_root(x):
    """Return the cube root of a normal x > 0 to 1 ulp; the result for other x means nothing.

    r near x^(-1/3) comes from a third of the exponent bits. With h = 1 - x r^3, x^(-1/3) = r (1 - h)^(-1/3): a step
    multiplies r by 1 + h/3 + 2h^2/9 + 14h^3/81, which takes the error from 3.5% to 2e-5, a second one by 1 + h/3, and
    a last Newton step on y = x r^2 corrects its rounding.
    """
    r = _as_float(_THIRD - i32(f32(_as_bits(x)) * f32(1 / 3)))
    h = f32(1.0) - x * r * r * r
    r = r + r * h * (f32(1 / 3) + h * (f32(2 / 9) + h * f32(14 / 81)))
    h = f32(1.0) - x * r * r * r
    r = r + r * h * f32(1 / 3)
    y = x * r * r
    return y + _multiply_add(-y * y, y, x) * (r * r * f32(1 / 3))
