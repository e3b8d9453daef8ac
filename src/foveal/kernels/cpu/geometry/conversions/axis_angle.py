# SPDX-License-Identifier: Apache-2.0
"""CPU kernels from axis-angle vectors: one pass over the rows."""

import torch
from torch import Tensor

from foveal.kernels._kernel import kernel
from foveal.kernels.cpu._compile import compile_kernel
from foveal.kernels.cpu.geometry.conversions._exponential_loops import exponential, exponential_adjoint
from foveal.kernels.cpu.geometry.conversions._rows import ROWS, adjoint_of, convert, is_rows, u
from foveal.kernels.cpu.geometry.conversions._trigonometry import HALF, ONE, TWO, stumpff


@compile_kernel(**ROWS)
def _to_matrix(start, stop, vectors, matrices):
    vectors, matrices = vectors[3 * start : 3 * stop], matrices[9 * start : 9 * stop]
    for i in range(u(stop - start)):
        p, o = u(3) * i, u(9) * i
        x, y, z = vectors[p], vectors[p + u(1)], vectors[p + u(2)]
        first, second, _, _ = stumpff(x * x + y * y + z * z)
        sx, sy, sz = first * x, first * y, first * z
        bx, by, bz = second * x, second * y, second * z
        xx, yy, zz = bx * x, by * y, bz * z
        xy, xz, yz = bx * y, bx * z, by * z
        matrices[o] = ONE - yy - zz
        matrices[o + u(1)] = xy - sz
        matrices[o + u(2)] = xz + sy
        matrices[o + u(3)] = xy + sz
        matrices[o + u(4)] = ONE - xx - zz
        matrices[o + u(5)] = yz - sx
        matrices[o + u(6)] = xz - sy
        matrices[o + u(7)] = yz + sx
        matrices[o + u(8)] = ONE - xx - yy


@compile_kernel(**ROWS)
def _to_matrix_adjoint(start, stop, vectors, gradients, result):
    """The matrix is 1 + c1 K + c2 (v v^T - v^2); the slopes of c1 and c2 in v^2 are (c3 - c2) / 2 and c4 - c3 / 2."""
    vectors, gradients = vectors[3 * start : 3 * stop], gradients[9 * start : 9 * stop]
    result = result[3 * start : 3 * stop]
    for i in range(u(stop - start)):
        p, o = u(3) * i, u(9) * i
        x, y, z = vectors[p], vectors[p + u(1)], vectors[p + u(2)]
        a, b, c = gradients[o], gradients[o + u(1)], gradients[o + u(2)]
        d, e, f = gradients[o + u(3)], gradients[o + u(4)], gradients[o + u(5)]
        g, h, k = gradients[o + u(6)], gradients[o + u(7)], gradients[o + u(8)]
        first, second, third, fourth = stumpff(x * x + y * y + z * z)
        turn_x, turn_y, turn_z = h - f, c - g, d - b
        # Half the derivative of v^T G v - v^2 trace(G), twice.
        flat_x = (b + d) * y + (c + g) * z - TWO * (e + k) * x
        flat_y = (b + d) * x + (f + h) * z - TWO * (a + k) * y
        flat_z = (c + g) * x + (f + h) * y - TWO * (a + e) * z
        along = turn_x * x + turn_y * y + turn_z * z
        across = HALF * (flat_x * x + flat_y * y + flat_z * z)
        radial = along * (third - second) + across * (TWO * fourth - third)
        result[p] = first * turn_x + second * flat_x + radial * x
        result[p + u(1)] = first * turn_y + second * flat_y + radial * y
        result[p + u(2)] = first * turn_z + second * flat_z + radial * z


def _accepts(axis_angle: Tensor) -> bool:
    return is_rows(axis_angle, 3)


@kernel(
    accepts=_accepts,
    adjoint=adjoint_of(_to_matrix_adjoint),
    examples=lambda: [(torch.ones(1, 3),)],
    keep_outputs=False,
)
def axis_angle_to_rotation_matrix(axis_angle: Tensor) -> Tensor:
    """Rodrigues' formula in Stumpff's functions."""
    return convert(_to_matrix, axis_angle, 1, 3, 3)


@kernel(
    accepts=_accepts,
    adjoint=adjoint_of(exponential_adjoint(HALF)),
    examples=lambda: [(torch.ones(1, 3),)],
    keep_outputs=False,
)
def axis_angle_to_quaternion(axis_angle: Tensor) -> Tensor:
    """Cosine and sine of half the angle."""
    return convert(exponential(HALF), axis_angle, 1, 4)
