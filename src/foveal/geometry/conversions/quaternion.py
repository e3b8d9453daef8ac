# SPDX-License-Identifier: Apache-2.0
"""Quaternions (w, x, y, z): to and from rotation matrices, axis-angle vectors and their logarithms."""

import torch
from jaxtyping import Float
from torch import Tensor

from foveal._check import check_floating, check_shape
from foveal._op import op
from foveal.geometry._small import matrix_of, multiply, widen
from foveal.geometry.conversions._series import angle_ratio
from foveal.geometry.conversions.axis_angle import quaternion_exponential

# The least length of a quaternion that is divided by.
SHORTEST = 1e-12


@op
def normalize_quaternion(quaternion: Float[Tensor, "*batch 4"], eps: float = 1e-12) -> Float[Tensor, "*batch 4"]:
    """Divide quaternions by their lengths.

    Args:
        quaternion: quaternions in any order of components, (*, 4).
        eps: the least length to divide by; zero stays zero, and its gradient is passed on.

    Returns:
        Unit quaternions of the same signs, (*, 4).

    Raises:
        TypeError: `quaternion` is not a floating-point tensor.
        ValueError: `quaternion` is not (*, 4).

    >>> normalize_quaternion(torch.tensor([3.0, 0.0, 4.0, 0.0]))
    tensor([0.6000, 0.0000, 0.8000, 0.0000])
    """
    check_floating(quaternion, "quaternion")
    check_shape(quaternion, "quaternion", "*", 4)
    return _normalized(widen(quaternion), eps).to(quaternion.dtype)


@op
def quaternion_to_rotation_matrix(quaternion: Float[Tensor, "*batch 4"]) -> Float[Tensor, "*batch 3 3"]:
    """Convert quaternions to rotation matrices.

    Args:
        quaternion: quaternions (w, x, y, z) of any length, (*, 4); zero gives the identity.

    Returns:
        Rotation matrices, (*, 3, 3).

    Raises:
        TypeError: `quaternion` is not a floating-point tensor.
        ValueError: `quaternion` is not (*, 4).

    Convention: right-handed; matrices act on columns from the left. q and -q are the same rotation.

    >>> quaternion_to_rotation_matrix(torch.tensor([1.0, 0.0, 0.0, 1.0]))
    tensor([[ 0., -1.,  0.],
            [ 1.,  0.,  0.],
            [ 0.,  0.,  1.]])
    """
    check_floating(quaternion, "quaternion")
    check_shape(quaternion, "quaternion", "*", 4)
    w, x, y, z = widen(quaternion).unbind(-1)
    square = w * w + x * x + y * y + z * z
    s = 2 / torch.where(square <= SHORTEST**2, SHORTEST**2, square)
    rows = (
        (1 - s * (y * y + z * z), s * (x * y - w * z), s * (x * z + w * y)),
        (s * (x * y + w * z), 1 - s * (x * x + z * z), s * (y * z - w * x)),
        (s * (x * z - w * y), s * (y * z + w * x), 1 - s * (x * x + y * y)),
    )
    return matrix_of(rows).to(quaternion.dtype)


@op
def quaternion_to_axis_angle(quaternion: Float[Tensor, "*batch 4"]) -> Float[Tensor, "*batch 3"]:
    """Convert quaternions to axis-angle vectors.

    Args:
        quaternion: quaternions (w, x, y, z) of any length, (*, 4); zero gives zero.

    Returns:
        Axes of rotation times angles in radians, of at most pi, (*, 3).

    Raises:
        TypeError: `quaternion` is not a floating-point tensor.
        ValueError: `quaternion` is not (*, 4).

    Convention: q and -q give the same vector, but for half turns (w = 0), which give opposite ones.

    >>> quaternion_to_axis_angle(torch.tensor([0.0, 1.0, 0.0, 0.0]))
    tensor([3.1416, 0.0000, 0.0000])
    """
    check_floating(quaternion, "quaternion")
    check_shape(quaternion, "quaternion", "*", 4)
    return _axis_angle(widen(quaternion)).to(quaternion.dtype)


@op
def rotation_matrix_to_quaternion(
    rotation_matrix: Float[Tensor, "*batch 3 3"], eps: float = 1e-8, check_rotation: bool = False
) -> Float[Tensor, "*batch 4"]:
    """Convert rotation matrices to unit quaternions.

    Args:
        rotation_matrix: rotation matrices, (*, 3, 3).
        eps: has no effect: the largest component is at least a half, and only it is divided by.
        check_rotation: raise for a matrix that is no rotation. This reads the values.

    Returns:
        Quaternions (w, x, y, z), (*, 4). w is not negative for angles up to 120 degrees, beyond them the largest of
        x, y and z.

    Raises:
        TypeError: `rotation_matrix` is not a floating-point tensor.
        ValueError: `rotation_matrix` is not (*, 3, 3), or a matrix is no rotation and that is checked.

    >>> rotation_matrix_to_quaternion(torch.tensor([[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]))
    tensor([0.7071, 0.0000, 0.0000, 0.7071])

    Source: Shepperd 1978, "Quaternion from rotation matrix".
    """
    check_floating(rotation_matrix, "rotation_matrix")
    check_shape(rotation_matrix, "rotation_matrix", "*", 3, 3)
    if check_rotation:
        check_is_rotation(rotation_matrix, "rotation_matrix")
    return _from_matrix(widen(rotation_matrix)).to(rotation_matrix.dtype)


@op
def rotation_matrix_to_axis_angle(
    rotation_matrix: Float[Tensor, "*batch 3 3"], check_rotation: bool = False
) -> Float[Tensor, "*batch 3"]:
    """Convert rotation matrices to axis-angle vectors.

    Args:
        rotation_matrix: rotation matrices, (*, 3, 3).
        check_rotation: raise for a matrix that is no rotation. This reads the values.

    Returns:
        Axes of rotation times angles in radians, of at most pi, (*, 3).

    Raises:
        TypeError: `rotation_matrix` is not a floating-point tensor.
        ValueError: `rotation_matrix` is not (*, 3, 3), or a matrix is no rotation and that is checked.

    Convention: right-handed.

    >>> rotation_matrix_to_axis_angle(torch.tensor([[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]))
    tensor([0.0000, 0.0000, 1.5708])
    """
    check_floating(rotation_matrix, "rotation_matrix")
    check_shape(rotation_matrix, "rotation_matrix", "*", 3, 3)
    if check_rotation:
        check_is_rotation(rotation_matrix, "rotation_matrix")
    return _axis_angle(_from_matrix(widen(rotation_matrix))).to(rotation_matrix.dtype)


@op
def quaternion_log_to_exp(quaternion: Float[Tensor, "*batch 3"], eps: float = 1e-8) -> Float[Tensor, "*batch 4"]:
    """Return the exponentials of vectors as quaternions.

    Args:
        quaternion: logarithms, half of the axis-angle vectors in radians, (*, 3).
        eps: has no effect.

    Returns:
        Unit quaternions (w, x, y, z), w being the cosine of the vector's length, (*, 4).

    Raises:
        TypeError: `quaternion` is not a floating-point tensor.
        ValueError: `quaternion` is not (*, 3).

    >>> quaternion_log_to_exp(torch.zeros(3))
    tensor([1., 0., 0., 0.])
    """
    check_floating(quaternion, "quaternion")
    check_shape(quaternion, "quaternion", "*", 3)
    return quaternion_exponential(widen(quaternion)).to(quaternion.dtype)


@op
def quaternion_exp_to_log(quaternion: Float[Tensor, "*batch 4"], eps: float = 1e-8) -> Float[Tensor, "*batch 3"]:
    """Return the logarithms of quaternions.

    Args:
        quaternion: quaternions (w, x, y, z) of any length, (*, 4).
        eps: of a negative w, vectors (x, y, z) that are not longer have no direction: they are returned as they are.

    Returns:
        Vectors of length at most pi: half of the axis-angle vectors where w is not negative, (*, 3).

    Raises:
        TypeError: `quaternion` is not a floating-point tensor.
        ValueError: `quaternion` is not (*, 4).

    >>> quaternion_exp_to_log(torch.tensor([0.0, 0.0, 2.0, 0.0]))
    tensor([0.0000, 1.5708, 0.0000])
    """
    check_floating(quaternion, "quaternion")
    check_shape(quaternion, "quaternion", "*", 4)
    wide = widen(quaternion)
    w, vector = wide[..., :1], wide[..., 1:]
    return (vector * angle_ratio(vector.square().sum(dim=-1, keepdim=True), w, eps)).to(quaternion.dtype)


def rotation_matrix_to_angle_axis(rotation_matrix: Float[Tensor, "*batch 3 3"]) -> Float[Tensor, "*batch 3"]:
    """Convert rotation matrices to axis-angle vectors: the older name of `rotation_matrix_to_axis_angle`."""
    return rotation_matrix_to_axis_angle(rotation_matrix)


quaternion_to_angle_axis = quaternion_to_axis_angle


def check_is_rotation(matrix: Float[Tensor, "*batch size size"], name: str) -> None:
    """Raise ValueError unless matrices are rotations, to some hundred units of rounding. This reads the values."""
    wide = widen(matrix.detach())
    units = 100 if matrix.dtype.itemsize > 2 else 16
    identity = torch.eye(matrix.shape[-1], device=wide.device, dtype=wide.dtype)
    orthogonal = ((multiply(wide, wide.mT) - identity).abs() <= units * torch.finfo(matrix.dtype).eps).all()
    if not (orthogonal & (torch.linalg.det(wide) > 0).all()):
        raise ValueError(f"{name} must be rotation matrices: orthogonal, with a determinant of one")


def _normalized(quaternion: Tensor, eps: float) -> Tensor:
    square = quaternion.square().sum(dim=-1, keepdim=True)
    short = square <= eps * eps
    return quaternion / torch.where(short, torch.where(square > 0, eps, 1), torch.where(short, 1, square).sqrt())


def _axis_angle(quaternion: Tensor) -> Tensor:
    w, vector = quaternion[..., :1], quaternion[..., 1:]
    # Of q and -q, the one whose angle is at most pi.
    sign = torch.where(w < 0, -1, 1).to(quaternion.dtype)
    return vector * (2 * sign * angle_ratio(vector.square().sum(dim=-1, keepdim=True), w * sign))


def _from_matrix(matrix: Tensor) -> Tensor:
    """Return the column of 4 q q^T, given by the matrix, whose diagonal is at least 1, over 2 sqrt(diagonal)."""
    (a, b, c), (d, e, f), (g, h, i) = (row.unbind(-1) for row in matrix.unbind(-2))
    ww, xx, yy, zz = 1 + a + e + i, 1 + a - e - i, 1 - a + e - i, 1 - a - e + i
    wx, wy, wz, xy, xz, yz = h - f, c - g, d - b, b + d, c + g, f + h
    by_w, by_x, by_y = a + e + i > 0, (a >= e) & (a >= i), e >= i
    columns = ((ww, wx, wy, wz), (wx, xx, xy, xz), (wy, xy, yy, yz), (wz, xz, yz, zz))
    column = [
        torch.where(by_w, w, torch.where(by_x, x, torch.where(by_y, y, z))) for w, x, y, z in zip(*columns, strict=True)
    ]
    pivot = torch.where(by_w, ww, torch.where(by_x, xx, torch.where(by_y, yy, zz)))
    return torch.stack(column, dim=-1) / (2 * pivot.sqrt()).unsqueeze(-1)
