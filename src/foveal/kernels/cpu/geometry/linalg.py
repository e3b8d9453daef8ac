# SPDX-License-Identifier: Apache-2.0
"""CPU kernel that maps points by homographies of the plane and of space: one pass over pieces of each set of points."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from foveal.geometry.linalg import INFINITY
from foveal.kernels._kernel import kernel
from foveal.kernels.cpu._array import as_array, empty
from foveal.kernels.cpu._compile import compile_kernel
from foveal.kernels.cpu._parallel import parallel_for
from foveal.kernels.cpu.geometry.conversions._rows import EASE, u
from foveal.kernels.cpu.geometry.conversions.homogeneous import inverse_weight

f32 = np.float32
EPS = f32(INFINITY)
ZERO = f32(0)

# Points of a piece: a thread's share, and the length of a sum in float32 before the pieces are added.
PIECE = 4096
# Without references to arrays, but with reassociation: the adjoints sum.
SUMS: dict[str, Any] = {"_nrt": False}


@compile_kernel(**SUMS)
def _plane(start, stop, pieces, matrices, points, result):
    for task in range(start, stop):
        matrix = matrices[task // pieces]
        row, mapped = points[task // pieces], result[task // pieces]
        first = (task % pieces) * PIECE
        row, mapped = row[2 * first : 2 * (first + PIECE)], mapped[2 * first : 2 * (first + PIECE)]
        a, b, c, d, e, f, g, h, k = (
            matrix[0], matrix[1], matrix[2], matrix[3], matrix[4], matrix[5], matrix[6], matrix[7], matrix[8]
        )  # fmt: skip
        for i in range(u(row.shape[0] // 2)):
            p = u(2) * i
            x, y = row[p], row[p + u(1)]
            inverse, _ = inverse_weight(g * x + h * y + k, EPS)
            mapped[p] = (a * x + b * y + c) * inverse
            mapped[p + u(1)] = (d * x + e * y + f) * inverse


@compile_kernel(**SUMS)
def _space(start, stop, pieces, matrices, points, result):
    for task in range(start, stop):
        m = matrices[task // pieces]
        row, mapped = points[task // pieces], result[task // pieces]
        first = (task % pieces) * PIECE
        row, mapped = row[3 * first : 3 * (first + PIECE)], mapped[3 * first : 3 * (first + PIECE)]
        a, b, c, d, e, f, g, h = m[0], m[1], m[2], m[3], m[4], m[5], m[6], m[7]
        k, j, n, o, q, r, s, t = m[8], m[9], m[10], m[11], m[12], m[13], m[14], m[15]
        for i in range(u(row.shape[0] // 3)):
            p = u(3) * i
            x, y, z = row[p], row[p + u(1)], row[p + u(2)]
            inverse, _ = inverse_weight(q * x + r * y + s * z + t, EPS)
            mapped[p] = (a * x + b * y + c * z + d) * inverse
            mapped[p + u(1)] = (e * x + f * y + g * z + h) * inverse
            mapped[p + u(2)] = (k * x + j * y + n * z + o) * inverse


@compile_kernel(**SUMS)
def _plane_adjoint(start, stop, pieces, matrices, points, gradients, by_point, by_matrix):
    for task in range(start, stop):
        matrix, total = matrices[task // pieces], by_matrix[task]
        first, last = (task % pieces) * 2 * PIECE, (task % pieces + 1) * 2 * PIECE
        row, given = points[task // pieces][first:last], gradients[task // pieces][first:last]
        found = by_point[task // pieces][first:last]
        a, b, c, d, e, f, g, h, k = (
            matrix[0], matrix[1], matrix[2], matrix[3], matrix[4], matrix[5], matrix[6], matrix[7], matrix[8]
        )  # fmt: skip
        ux, uy, u1, vx, vy, v1, wx, wy, w1 = ZERO, ZERO, ZERO, ZERO, ZERO, ZERO, ZERO, ZERO, ZERO
        for i in range(u(row.shape[0] // 2)):
            p = u(2) * i
            x, y = row[p], row[p + u(1)]
            inverse, slope = inverse_weight(g * x + h * y + k, EPS)
            by_u, by_v = given[p] * inverse, given[p + u(1)] * inverse
            by_w = (by_u * (a * x + b * y + c) + by_v * (d * x + e * y + f)) * slope
            found[p] = a * by_u + d * by_v + g * by_w
            found[p + u(1)] = b * by_u + e * by_v + h * by_w
            ux += by_u * x
            uy += by_u * y
            u1 += by_u
            vx += by_v * x
            vy += by_v * y
            v1 += by_v
            wx += by_w * x
            wy += by_w * y
            w1 += by_w
        total[0], total[1], total[2] = ux, uy, u1
        total[3], total[4], total[5] = vx, vy, v1
        total[6], total[7], total[8] = wx, wy, w1


@compile_kernel(**SUMS)
def _space_adjoint(start, stop, pieces, matrices, points, gradients, by_point, by_matrix):
    for task in range(start, stop):
        m, total = matrices[task // pieces], by_matrix[task]
        first, last = (task % pieces) * 3 * PIECE, (task % pieces + 1) * 3 * PIECE
        row, given = points[task // pieces][first:last], gradients[task // pieces][first:last]
        found = by_point[task // pieces][first:last]
        a, b, c, d, e, f, g, h = m[0], m[1], m[2], m[3], m[4], m[5], m[6], m[7]
        k, j, n, o, q, r, s, t = m[8], m[9], m[10], m[11], m[12], m[13], m[14], m[15]
        ax, ay, az, a1, bx, by, bz, b1 = ZERO, ZERO, ZERO, ZERO, ZERO, ZERO, ZERO, ZERO
        cx, cy, cz, c1, wx, wy, wz, w1 = ZERO, ZERO, ZERO, ZERO, ZERO, ZERO, ZERO, ZERO
        for i in range(u(row.shape[0] // 3)):
            p = u(3) * i
            x, y, z = row[p], row[p + u(1)], row[p + u(2)]
            inverse, slope = inverse_weight(q * x + r * y + s * z + t, EPS)
            by_a, by_b, by_c = given[p] * inverse, given[p + u(1)] * inverse, given[p + u(2)] * inverse
            by_w = slope * (
                by_a * (a * x + b * y + c * z + d)
                + by_b * (e * x + f * y + g * z + h)
                + by_c * (k * x + j * y + n * z + o)
            )
            found[p] = a * by_a + e * by_b + k * by_c + q * by_w
            found[p + u(1)] = b * by_a + f * by_b + j * by_c + r * by_w
            found[p + u(2)] = c * by_a + g * by_b + n * by_c + s * by_w
            ax += by_a * x
            ay += by_a * y
            az += by_a * z
            a1 += by_a
            bx += by_b * x
            by += by_b * y
            bz += by_b * z
            b1 += by_b
            cx += by_c * x
            cy += by_c * y
            cz += by_c * z
            c1 += by_c
            wx += by_w * x
            wy += by_w * y
            wz += by_w * z
            w1 += by_w
        total[0], total[1], total[2], total[3] = ax, ay, az, a1
        total[4], total[5], total[6], total[7] = bx, by, bz, b1
        total[8], total[9], total[10], total[11] = cx, cy, cz, c1
        total[12], total[13], total[14], total[15] = wx, wy, wz, w1


def _accepts(trans_01: Tensor, points_1: Tensor) -> bool:
    if not (isinstance(points_1, Tensor) and trans_01.dtype is points_1.dtype is torch.float32):
        return False
    matrices, batch, size = trans_01.shape[:-2], points_1.shape[:-2], points_1.shape[-1] + 1
    fits = len(matrices) <= len(batch) and all(m in (1, b) for m, b in zip(matrices, batch, strict=False))
    return fits and size in (3, 4) and trans_01.shape[-2:] == (size, size) and points_1.numel() > 0


def _examples() -> Iterator[tuple[Any, ...]]:
    yield torch.eye(3), torch.ones(1, 2)
    yield torch.eye(4), torch.ones(1, 3)


def _layout(trans_01: Tensor, points_1: Tensor) -> tuple[Tensor, int, int]:
    """Return one matrix for each set of points, the number of points of a set, and that of its pieces."""
    matrices, batch, size = trans_01.shape[:-2], points_1.shape[:-2], trans_01.shape[-1]
    if math.prod(matrices) == 1:
        # One matrix serves all points: they are one set.
        spread, count = trans_01.reshape(1, size * size), math.prod(points_1.shape[:-1])
    else:
        padded = trans_01.reshape(*matrices, *(1,) * (len(batch) - len(matrices)), size, size)
        spread, count = padded.expand(*batch, size, size).reshape(-1, size * size), points_1.shape[-2]
    return spread, count, -(-count // PIECE)


def _adjoint(
    needs: tuple[bool, ...],
    gradients: tuple[Tensor, ...],
    outputs: tuple[Tensor, ...],
    trans_01: Tensor,
    points_1: Tensor,
) -> tuple[Tensor | None, ...]:
    spread, count, pieces = _layout(trans_01, points_1)
    sets, dimensions = spread.shape[0], points_1.shape[-1]
    by_point, by_matrix = empty(*points_1.shape), empty(sets * pieces, spread.shape[-1])
    parallel_for(
        _plane_adjoint if dimensions == 2 else _space_adjoint, sets * pieces, pieces, as_array(spread),
        as_array(points_1).reshape(sets, -1), as_array(gradients[0]).reshape(sets, -1),
        by_point.numpy().reshape(sets, -1), by_matrix.numpy(), work=sets * count * 8 // EASE,
    )  # fmt: skip
    size = dimensions + 1
    if sets == 1:
        return by_matrix.sum(dim=0).view(trans_01.shape), by_point
    matrices, batch = trans_01.shape[:-2], points_1.shape[:-2]
    padded = (*matrices, *(1,) * (len(batch) - len(matrices)), size, size)
    summed = by_matrix.view(sets, pieces, -1).sum(dim=1).view(*batch, size, size)
    return summed.sum_to_size(padded).view(trans_01.shape), by_point


@kernel(accepts=_accepts, adjoint=_adjoint, examples=_examples, keep_outputs=False)
def transform_points(trans_01: Tensor, points_1: Tensor) -> Tensor:
    """Products and a division for each point."""
    spread, count, pieces = _layout(trans_01, points_1)
    sets = spread.shape[0]
    result = empty(*points_1.shape)
    parallel_for(
        _plane if points_1.shape[-1] == 2 else _space, sets * pieces, pieces, as_array(spread),
        as_array(points_1).reshape(sets, -1), result.numpy().reshape(sets, -1), work=sets * count * 4 // EASE,
    )  # fmt: skip
    return result
