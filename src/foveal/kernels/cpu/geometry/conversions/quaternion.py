# SPDX-License-Identifier: Apache-2.0
"""CPU kernels from quaternions and rotation matrices: one pass over the rows."""

import torch
from torch import Tensor

from foveal.geometry.conversions.quaternion import SHORTEST
from foveal.kernels._kernel import kernel
from foveal.kernels.cpu.geometry.conversions._exponential_loops import (
    EPS,
    exponential,
    exponential_adjoint,
    logarithm,
    logarithm_adjoint,
)
from foveal.kernels.cpu.geometry.conversions._matrix_loops import (
    matrix_to_axis_angle,
    matrix_to_axis_angle_adjoint,
    matrix_to_quaternion,
    matrix_to_quaternion_adjoint,
)
from foveal.kernels.cpu.geometry.conversions._quaternion_loops import (
    normalized,
    normalized_adjoint,
    to_axis_angle,
    to_axis_angle_adjoint,
    to_matrix,
    to_matrix_adjoint,
)
from foveal.kernels.cpu.geometry.conversions._rows import adjoint_of, convert, is_rows
from foveal.kernels.cpu.geometry.conversions._trigonometry import ONE


def _accepts(quaternion: Tensor) -> bool:
    return is_rows(quaternion, 4)


def _accepts_eps(quaternion: Tensor, eps: float) -> bool:
    return is_rows(quaternion, 4) and eps == SHORTEST


def _accepts_matrix(rotation_matrix: Tensor, eps: float, check_rotation: bool) -> bool:
    return is_rows(rotation_matrix, 3, 3) and not check_rotation


def _accepts_matrix_alone(rotation_matrix: Tensor, check_rotation: bool) -> bool:
    return is_rows(rotation_matrix, 3, 3) and not check_rotation


@kernel(
    accepts=_accepts_eps,
    adjoint=adjoint_of(normalized_adjoint),
    examples=lambda: [(torch.ones(1, 4), SHORTEST)],
    keep_outputs=False,
)
def normalize_quaternion(quaternion: Tensor, eps: float) -> Tensor:
    """Divide each row by its length, for the default least length."""
    return convert(normalized, quaternion, 1, 4)


@kernel(
    accepts=_accepts,
    adjoint=adjoint_of(to_matrix_adjoint),
    examples=lambda: [(torch.ones(1, 4),)],
    keep_outputs=False,
)
def quaternion_to_rotation_matrix(quaternion: Tensor) -> Tensor:
    """Products of components over the squared length."""
    return convert(to_matrix, quaternion, 1, 3, 3)


@kernel(
    accepts=_accepts,
    adjoint=adjoint_of(to_axis_angle_adjoint),
    examples=lambda: [(torch.ones(1, 4),)],
    keep_outputs=False,
)
def quaternion_to_axis_angle(quaternion: Tensor) -> Tensor:
    """The vector times twice its angle over its length."""
    return convert(to_axis_angle, quaternion, 1, 3)


@kernel(
    accepts=_accepts_matrix,
    adjoint=adjoint_of(matrix_to_quaternion_adjoint, inner=2),
    examples=lambda: [(torch.eye(3), 1e-8, False)],
    keep_outputs=False,
)
def rotation_matrix_to_quaternion(rotation_matrix: Tensor, eps: float, check_rotation: bool) -> Tensor:
    """Shepperd's method."""
    return convert(matrix_to_quaternion, rotation_matrix, 2, 4)


@kernel(
    accepts=_accepts_matrix_alone,
    adjoint=adjoint_of(matrix_to_axis_angle_adjoint, inner=2),
    examples=lambda: [(torch.eye(3), False)],
    keep_outputs=False,
)
def rotation_matrix_to_axis_angle(rotation_matrix: Tensor, check_rotation: bool) -> Tensor:
    """Shepperd's method, and the axis-angle vector of its quaternion in the same pass."""
    return convert(matrix_to_axis_angle, rotation_matrix, 2, 3)


def _accepts_vector(quaternion: Tensor, eps: float) -> bool:
    return is_rows(quaternion, 3)


def _accepts_default(quaternion: Tensor, eps: float) -> bool:
    return is_rows(quaternion, 4) and eps == EPS


@kernel(
    accepts=_accepts_vector,
    adjoint=adjoint_of(exponential_adjoint(ONE)),
    examples=lambda: [(torch.ones(1, 3), EPS)],
    keep_outputs=False,
)
def quaternion_log_to_exp(quaternion: Tensor, eps: float) -> Tensor:
    """Cosine and sine of the length."""
    return convert(exponential(ONE), quaternion, 1, 4)


@kernel(
    accepts=_accepts_default,
    adjoint=adjoint_of(logarithm_adjoint),
    examples=lambda: [(torch.ones(1, 4), EPS)],
    keep_outputs=False,
)
def quaternion_exp_to_log(quaternion: Tensor, eps: float) -> Tensor:
    """The vector times its angle over its length, for the default least length."""
    return convert(logarithm, quaternion, 1, 3)
