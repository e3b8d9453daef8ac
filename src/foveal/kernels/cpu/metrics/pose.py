# SPDX-License-Identifier: Apache-2.0
"""CPU kernels of angles between rotations and directions, and of distances: one pass, in float64.

The gradient of an angle of sine s and cosine c, not normalized, is (c ds - s dc) / (s^2 + c^2), that of a distance the
unit vector along it; both are 0 where they have a kink.
"""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from foveal.kernels._kernel import kernel
from foveal.kernels.cpu._array import as_array, fresh
from foveal.kernels.cpu._compile import compile_kernel
from foveal.kernels.cpu._difference import oppose, pull_apart
from foveal.kernels.cpu._parallel import parallel_for

f64 = np.float64
DEGREES = 180 / math.pi
# An angle takes some 30 nanoseconds, `parallel_for` counts on 1 for 16 elements.
EFFORT = 256


def _accepts(first: Any, second: Any, *shape: int) -> bool:
    return (
        isinstance(second, Tensor)
        and first.dtype is second.dtype is torch.float32
        and first.shape == second.shape
        and first.shape[-len(shape) :] == shape
        and first.numel() > 0
    )


def _accepts_matrices(R1: Tensor, R2: Any) -> bool:
    return _accepts(R1, R2, 3, 3)


def _examples_matrices() -> Iterator[tuple[Any, ...]]:
    yield torch.zeros(1, 3, 3, device="cpu"), torch.zeros(1, 3, 3, device="cpu")


def _adjoint_matrices(
    needs: tuple[bool, ...], gradients: tuple[Tensor, ...], outputs: tuple[Tensor, ...], R1: Tensor, R2: Tensor
) -> tuple[Tensor | None, ...]:
    return _pull_angles(_pull_rotations, needs, gradients[0], R1, R2)


@kernel(accepts=_accepts_matrices, adjoint=_adjoint_matrices, examples=_examples_matrices, keep_outputs=False)
def angle_error_mat(R1: Tensor, R2: Tensor) -> Tensor:
    """Take skew part and trace of the rotation between two without making it."""
    return _angles(_between_rotations, R1, R2, R1.shape[:-2])


def _accepts_vectors(v1: Tensor, v2: Any) -> bool:
    return _accepts(v1, v2, 3)


def _examples_vectors() -> Iterator[tuple[Any, ...]]:
    yield torch.zeros(1, 3, device="cpu"), torch.zeros(1, 3, device="cpu")


def _adjoint_vectors(
    needs: tuple[bool, ...], gradients: tuple[Tensor, ...], outputs: tuple[Tensor, ...], v1: Tensor, v2: Tensor
) -> tuple[Tensor | None, ...]:
    return _pull_angles(_pull_directions, needs, gradients[0], v1, v2)


@kernel(accepts=_accepts_vectors, adjoint=_adjoint_vectors, examples=_examples_vectors, keep_outputs=False)
def angle_error_vec(v1: Tensor, v2: Tensor) -> Tensor:
    """Take cross and inner product; float64 needs no unit vectors."""
    return _angles(_between_directions, v1, v2, v1.shape[:-1])


def _accepts_poses(P: Tensor, P_gt: Any, fold_translation: bool) -> bool:
    return (
        isinstance(P_gt, Tensor)
        and P.ndim in (2, 3)
        and (_accepts(P, P_gt, 3, 4) or _accepts(P, P_gt, 4, 4))
        and not (P.requires_grad or P_gt.requires_grad)  # a dictionary is not for autograd
    )


def _examples_poses() -> Iterator[tuple[Any, ...]]:
    yield torch.zeros(1, 3, 4, device="cpu"), torch.zeros(1, 3, 4, device="cpu"), True


@kernel(accepts=_accepts_poses, examples=_examples_poses)
def pose_errors(P: Tensor, P_gt: Tensor, fold_translation: bool) -> dict[str, Tensor]:
    """Take both angles of every pose."""
    found, right = (pose[..., :3, :].reshape(-1, 3, 4) for pose in (P, P_gt))
    rotation = _angles(_between_rotations, found[..., :3], right[..., :3], found.shape[:1])
    translation = _angles(_between_directions, found[..., 3], right[..., 3], found.shape[:1])
    if fold_translation:
        translation = torch.minimum(translation, 180 - translation)
    return {"R_err": rotation, "t_err": translation, "max_err": torch.maximum(rotation, translation)}


def _accepts_translations(t: Tensor, t_gt: Any) -> bool:
    return _accepts(t, t_gt, 3)


def _adjoint_distance(
    needs: tuple[bool, ...], gradients: tuple[Tensor, ...], outputs: tuple[Tensor, ...], t: Tensor, t_gt: Tensor
) -> tuple[Tensor | None, ...]:
    gradient = as_array(gradients[0]).reshape(-1)
    return pull_apart(
        needs, t, t_gt, (-1,),
        lambda *vectors: parallel_for(_pull_distances, gradient.size, *vectors, gradient, work=gradient.size),
    )  # fmt: skip


@kernel(
    accepts=_accepts_translations,
    adjoint=_adjoint_distance,
    examples=_examples_vectors,
    keep_outputs=False,
    least=(0, 2048),
)
def translation_ate(t: Tensor, t_gt: Tensor) -> Tensor:
    """Measure distances."""
    result, row = fresh(t.shape[:-1] or (1,))
    vectors = as_array(t).reshape(-1), as_array(t_gt).reshape(-1)
    parallel_for(_distances, row.size, *vectors, row.reshape(-1), work=row.size)
    return result


def _angles(loop: Any, first: Tensor, second: Tensor, shape: torch.Size) -> Tensor:
    result, row = fresh(shape)
    count = row.size
    rows = as_array(first).reshape(count, -1), as_array(second).reshape(count, -1)
    parallel_for(loop, count, *rows, row.reshape(-1), work=count * EFFORT)
    return result


def _pull_angles(
    loop: Any, needs: tuple[bool, ...], gradient: Tensor, first: Tensor, second: Tensor
) -> tuple[Tensor | None, ...]:
    angles = as_array(gradient).reshape(-1)
    (by_first, row), (by_second, other) = fresh(first.shape), fresh(first.shape)
    arrays = (array.reshape(angles.size, -1) for array in (as_array(first), as_array(second), row, other))
    parallel_for(loop, angles.size, *arrays, angles, work=angles.size * EFFORT)
    return by_first if needs[0] else None, by_second if needs[1] else None


@compile_kernel(inline="always")
def _triple(row, at):
    return f64(row[at]), f64(row[at + 1]), f64(row[at + 2])


@compile_kernel(inline="always")
def _turn(a, b):
    """Return skew part and trace of the product of the transposed first matrix and the second one."""
    x, y, z, trace = f64(0.0), f64(0.0), f64(0.0), f64(0.0)
    for row in range(3):
        a0, a1, a2 = _triple(a, 3 * row)
        b0, b1, b2 = _triple(b, 3 * row)
        x += a2 * b1 - a1 * b2
        y += a0 * b2 - a2 * b0
        z += a1 * b0 - a0 * b1
        trace += a0 * b0 + a1 * b1 + a2 * b2
    return x, y, z, trace


@compile_kernel
def _between_rotations(start, stop, first, second, angles):
    for i in range(start, stop):
        x, y, z, trace = _turn(first[i], second[i])
        angles[i] = math.atan2(math.sqrt(x * x + y * y + z * z), trace - 1.0) * DEGREES


@compile_kernel
def _pull_rotations(start, stop, first, second, by_first, by_second, gradient):
    for i in range(start, stop):
        x, y, z, trace = _turn(first[i], second[i])
        sine, cosine = math.sqrt(x * x + y * y + z * z), trace - 1.0
        energy = sine * sine + cosine * cosine
        scale = f64(gradient[i]) * DEGREES / energy if energy != 0.0 else 0.0
        by_skew = scale * cosine / sine if sine != 0.0 else 0.0
        by_trace = -scale * sine
        x, y, z = by_skew * x, by_skew * y, by_skew * z
        for row in range(3):
            a0, a1, a2 = _triple(first[i], 3 * row)
            b0, b1, b2 = _triple(second[i], 3 * row)
            by_first[i, 3 * row] = y * b2 - z * b1 + by_trace * b0
            by_first[i, 3 * row + 1] = z * b0 - x * b2 + by_trace * b1
            by_first[i, 3 * row + 2] = x * b1 - y * b0 + by_trace * b2
            by_second[i, 3 * row] = z * a1 - y * a2 + by_trace * a0
            by_second[i, 3 * row + 1] = x * a2 - z * a0 + by_trace * a1
            by_second[i, 3 * row + 2] = y * a0 - x * a1 + by_trace * a2


@compile_kernel(inline="always")
def _sine_and_cosine(a0, a1, a2, b0, b1, b2):
    """Return both times the lengths of two vectors."""
    x, y, z = a1 * b2 - a2 * b1, a2 * b0 - a0 * b2, a0 * b1 - a1 * b0
    return math.sqrt(x * x + y * y + z * z), a0 * b0 + a1 * b1 + a2 * b2


@compile_kernel
def _between_directions(start, stop, first, second, angles):
    for i in range(start, stop):
        a0, a1, a2 = _triple(first[i], 0)
        b0, b1, b2 = _triple(second[i], 0)
        sine, cosine = _sine_and_cosine(a0, a1, a2, b0, b1, b2)
        angle = math.atan2(sine, cosine) * DEGREES
        none = (a0 == 0.0 and a1 == 0.0 and a2 == 0.0) or (b0 == 0.0 and b1 == 0.0 and b2 == 0.0)
        angles[i] = np.nan if none else angle


@compile_kernel(inline="always")
def _pull_direction(scale, cosine, a0, a1, a2, b0, b1, b2, result):
    """Write the gradient to a: across it, away from b, and the smaller, the longer a is."""
    square = a0 * a0 + a1 * a1 + a2 * a2
    along, away = (scale * cosine / square, scale) if square != 0.0 else (0.0, 0.0)
    result[0], result[1], result[2] = along * a0 - away * b0, along * a1 - away * b1, along * a2 - away * b2


@compile_kernel
def _pull_directions(start, stop, first, second, by_first, by_second, gradient):
    for i in range(start, stop):
        a0, a1, a2 = _triple(first[i], 0)
        b0, b1, b2 = _triple(second[i], 0)
        sine, cosine = _sine_and_cosine(a0, a1, a2, b0, b1, b2)
        scale = f64(gradient[i]) * DEGREES / sine if sine != 0.0 else 0.0
        _pull_direction(scale, cosine, a0, a1, a2, b0, b1, b2, by_first[i])
        _pull_direction(scale, cosine, b0, b1, b2, a0, a1, a2, by_second[i])


@compile_kernel(inline="always")
def _difference(first, second, i):
    # Unsigned, for a place that might count from the end stops vectorization.
    j = np.uintp(3 * i)
    k, n = j + np.uintp(1), j + np.uintp(2)
    return j, k, n, f64(first[j]) - f64(second[j]), f64(first[k]) - f64(second[k]), f64(first[n]) - f64(second[n])


@compile_kernel
def _distances(start, stop, first, second, distances):
    for i in range(start, stop):
        _, _, _, x, y, z = _difference(first, second, i)
        distances[i] = math.sqrt(x * x + y * y + z * z)


@compile_kernel
def _pull_distances(start, stop, first, second, result, opposite, gradient):
    for i in range(start, stop):
        j, k, n, x, y, z = _difference(first, second, i)
        distance = math.sqrt(x * x + y * y + z * z)
        scale = f64(gradient[i]) / distance if distance > 0.0 else distance
        result[j], result[k], result[n] = scale * x, scale * y, scale * z
    oppose(result[3 * start : 3 * stop], opposite[3 * start : 3 * stop])
