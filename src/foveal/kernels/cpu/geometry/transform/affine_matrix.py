# SPDX-License-Identifier: Apache-2.0
"""CPU kernel of the matrices that turn and scale the plane about a point: one pass over the rows.

With c and s the scaled cosine and sine, the matrix is A = [[c w, s h], [-s w, c h]] beside p - A p.
"""

from typing import Any

import torch
from torch import Tensor

from foveal.kernels._kernel import kernel
from foveal.kernels.cpu._compile import compile_kernel
from foveal.kernels.cpu.geometry.conversions._rows import is_rows, map_rows, u
from foveal.kernels.cpu.geometry.conversions._trigonometry import ONE, ZERO
from foveal.kernels.cpu.geometry.conversions.angle import RADIANS, SIGNED, cosine_sine


@compile_kernel(**SIGNED)
def _turn(start, stop, centers, angles, scales, matrices):
    centers, angles, scales = centers[2 * start : 2 * stop], angles[start:stop], scales[2 * start : 2 * stop]
    matrices = matrices[6 * start : 6 * stop]
    for i in range(u(stop - start)):
        cosine, sine = cosine_sine(angles[i])
        x, y, across, down = centers[u(2) * i], centers[u(2) * i + u(1)], scales[u(2) * i], scales[u(2) * i + u(1)]
        a, b, c, d = cosine * across, sine * down, ZERO - sine * across, cosine * down
        o = u(6) * i
        matrices[o], matrices[o + u(1)], matrices[o + u(2)] = a, b, x - (a * x + b * y)
        matrices[o + u(3)], matrices[o + u(4)], matrices[o + u(5)] = c, d, y - (c * x + d * y)


@compile_kernel(**SIGNED)
def _turn_adjoint(start, stop, centers, angles, scales, gradients, to_centers, to_angles, to_scales):
    for i in range(u(start), u(stop)):
        cosine, sine = cosine_sine(angles[i])
        x, y, across, down = centers[u(2) * i], centers[u(2) * i + u(1)], scales[u(2) * i], scales[u(2) * i + u(1)]
        o = u(6) * i
        to_x, to_y = gradients[o + u(2)], gradients[o + u(5)]
        a, b = gradients[o] - to_x * x, gradients[o + u(1)] - to_x * y
        c, d = gradients[o + u(3)] - to_y * x, gradients[o + u(4)] - to_y * y
        to_centers[u(2) * i] = to_x * (ONE - cosine * across) + to_y * sine * across
        to_centers[u(2) * i + u(1)] = to_y * (ONE - cosine * down) - to_x * sine * down
        by_across, by_down = a * cosine - c * sine, b * sine + d * cosine
        to_scales[u(2) * i], to_scales[u(2) * i + u(1)] = by_across, by_down
        to_angles[i] = RADIANS * (down * (b * cosine - d * sine) - across * (a * sine + c * cosine))


def _accepts(center: Tensor, angle: Any, scale: Any) -> bool:
    return (
        center.ndim == 2
        and is_rows(center, 2)
        and isinstance(angle, Tensor)
        and angle.dtype is torch.float32
        and angle.shape == center.shape[:1]
        and isinstance(scale, Tensor)
        and scale.dtype is torch.float32
        and scale.shape == center.shape
    )


def _adjoint(
    needs: tuple[bool, ...], gradients: tuple[Tensor, ...], outputs: tuple[Tensor, ...], center: Tensor, angle: Tensor,
    scale: Tensor,
) -> tuple[Tensor | None, ...]:  # fmt: skip
    count = len(center)
    found = map_rows(_turn_adjoint, (center, angle, scale, gradients[0]), count, (count, 2), (count,), (count, 2))
    return tuple(part if need else None for part, need in zip(found, needs, strict=True))


@kernel(
    accepts=_accepts,
    adjoint=_adjoint,
    examples=lambda: [(torch.zeros(1, 2), torch.ones(1), torch.ones(1, 2))],
    keep_outputs=False,
)
def get_rotation_matrix2d(center: Tensor, angle: Tensor, scale: Tensor) -> Tensor:
    """Sine and cosine of what an angle has beyond quarter turns, times the scales."""
    (matrices,) = map_rows(_turn, (center, angle, scale), len(center), (len(center), 2, 3))
    return matrices
