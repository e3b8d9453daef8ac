# SPDX-License-Identifier: Apache-2.0
"""CPU kernel from angles to rotations of the plane: one pass over the angles."""

import math

import numpy as np
import torch
from torch import Tensor

from foveal.kernels._kernel import kernel
from foveal.kernels.cpu._compile import compile_kernel
from foveal.kernels.cpu._vector import select
from foveal.kernels.cpu.geometry.conversions._rows import ROWS, adjoint_of, convert, u
from foveal.kernels.cpu.geometry.conversions._trigonometry import HALF, ONE, TWO, ZERO, reduced_sine_cosine

f32 = np.float32
_QUARTER, _QUARTERS, RADIANS = f32(90), f32(1 / 90), f32(math.pi / 180)
# Zeros keep their sign, so that the sum with zero can take it away.
SIGNED = {**ROWS, "fastmath": ROWS["fastmath"] - {"nsz"}}


@compile_kernel(inline="always")
def cosine_sine(degrees):
    """Return cosine and sine, exact at quarter turns."""
    quarter = np.floor(degrees * _QUARTERS + HALF)
    sine, cosine, _ = reduced_sine_cosine((degrees - _QUARTER * quarter) * RADIANS)
    half = np.floor(quarter * HALF)
    odd = quarter - TWO * half > ZERO
    sign = ONE - TWO * (half - TWO * np.floor(half * HALF))
    return select(odd, -sine, cosine) * sign + ZERO, select(odd, cosine, sine) * sign + ZERO


@compile_kernel(**SIGNED)
def _to_matrix(start, stop, angles, matrices):
    angles, matrices = angles[start:stop], matrices[4 * start : 4 * stop]
    for i in range(u(stop - start)):
        o = u(4) * i
        x, y = cosine_sine(angles[i])
        matrices[o] = x
        matrices[o + u(1)] = y
        matrices[o + u(2)] = ZERO - y
        matrices[o + u(3)] = x


@compile_kernel(**SIGNED)
def _to_matrix_adjoint(start, stop, angles, gradients, result):
    angles, gradients, result = angles[start:stop], gradients[4 * start : 4 * stop], result[start:stop]
    for i in range(u(stop - start)):
        o = u(4) * i
        x, y = cosine_sine(angles[i])
        a, b, c, d = gradients[o], gradients[o + u(1)], gradients[o + u(2)], gradients[o + u(3)]
        result[i] = RADIANS * (x * (b - c) - y * (a + d))


def _accepts(angle: Tensor) -> bool:
    return angle.dtype is torch.float32 and angle.numel() > 0


@kernel(
    accepts=_accepts,
    adjoint=adjoint_of(_to_matrix_adjoint, inner=0),
    examples=lambda: [(torch.ones(1),)],
    keep_outputs=False,
)
def angle_to_rotation_matrix(angle: Tensor) -> Tensor:
    """Sine and cosine of what an angle has beyond quarter turns."""
    return convert(_to_matrix, angle, 0, 2, 2)
