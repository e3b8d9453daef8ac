# SPDX-License-Identifier: Apache-2.0
"""SO(2), the rotations of the plane."""

from typing import Any, overload

import torch
from torch import Tensor

from foveal._check import check_floating, check_shape, check_tensor
from foveal.geometry._element import Element, batch_of, move
from foveal.geometry._small import matrix_of
from foveal.geometry.vector import Vector2


class So2(Element):
    """Rotations of the plane as complex numbers.

    Args:
        z: complex numbers of length one, () or (B,); (B, 1) is read as (B,). A parameter stays one. Another length
            scales.

    Raises:
        TypeError: `z` is not a complex tensor.

    Convention: a positive angle turns x towards y, clockwise as seen on a screen, whose y axis points down; matrices
    act on columns.

    >>> So2.exp(torch.tensor(torch.pi / 2)).matrix().round() + 0.0
    tensor([[ 0., -1.],
            [ 1.,  0.]])
    """

    def __init__(self, z: Tensor) -> None:
        super().__init__()
        check_tensor(z, "z")
        if not z.is_complex():
            raise TypeError(f"z must have a complex dtype, got {z.dtype}")
        self._hold("_z", z)

    def __repr__(self) -> str:
        return f"So2({self.z!r})"

    def __getitem__(self, index: Any) -> "So2":
        return So2(self.z[index])

    @overload
    def __mul__(self, right: "So2") -> "So2": ...
    @overload
    def __mul__(self, right: Tensor) -> Tensor: ...
    def __mul__(self, right: "So2 | Tensor") -> "So2 | Tensor":
        """Chain two rotations, the right one first, or rotate points (B, ..., 2)."""
        if isinstance(right, So2):
            (a, b), (c, d) = (self.z.real, self.z.imag), (right.z.real, right.z.imag)
            return So2(torch.complex(a * c - b * d, a * d + b * c))
        check_shape(right, "right", "*", 2)
        points = right.unwrap() if isinstance(right, Vector2) else right
        moved = move(self.matrix(), points)
        return Vector2(moved) if isinstance(right, Vector2) else moved

    @property
    def z(self) -> Tensor:
        """The complex numbers, () or (B,)."""
        stored: Any = self._z
        return _squeezed(stored)

    def matrix(self) -> Tensor:
        """Return the rotation matrices, (*, 2, 2)."""
        return matrix_of(((self.z.real, -self.z.imag), (self.z.imag, self.z.real)))

    def log(self) -> Tensor:
        """Return the angles in radians, in [-pi, pi]."""
        return torch.atan2(self.z.imag, self.z.real)

    def inverse(self) -> "So2":
        """Return the inverse rotations."""
        a, b = self.z.real, self.z.imag
        square = a * a + b * b
        return So2(torch.complex(a / square, -b / square))

    def adjoint(self) -> Tensor:
        """Return identities, (*, 2, 2): rotations of the plane commute."""
        like = self.z.real
        identity = torch.eye(2, device=like.device, dtype=like.dtype)
        return identity.expand(*like.shape, 2, 2).clone()

    @staticmethod
    def exp(theta: Tensor) -> "So2":
        """Return the rotations by angles in radians, () or (B,)."""
        _check_angle(theta, "theta")
        angle = _squeezed(theta)
        return So2(torch.complex(angle.cos(), angle.sin()))

    @staticmethod
    def hat(theta: Tensor) -> Tensor:
        """Return [[0, -theta], [theta, 0]] of angles () or (B,)."""
        check_floating(theta, "theta")
        angle = _squeezed(theta)
        zero = torch.zeros_like(angle)
        return matrix_of(((zero, -angle), (angle, zero)))

    @staticmethod
    def vee(omega: Tensor) -> Tensor:
        """Return the angles of what `hat` made, (*, 2, 2)."""
        check_floating(omega, "omega")
        check_shape(omega, "omega", "*", 2, 2)
        return omega[..., 1, 0]

    @classmethod
    def from_matrix(cls, matrix: Tensor) -> "So2":
        """Make rotations of rotation matrices, (*, 2, 2), whose second columns are not read."""
        _check_angle(matrix, "matrix")
        check_shape(matrix, "matrix", "*", 2, 2)
        return cls(torch.complex(matrix[..., 0, 0], matrix[..., 1, 0]))

    @classmethod
    def identity(
        cls,
        batch_size: int | None = None,
        device: str | torch.device | None = None,
        dtype: torch.dtype | None = None,
    ) -> "So2":
        """Return rotations by nothing."""
        return cls.exp(torch.zeros(batch_of(batch_size), device=device, dtype=dtype))

    @classmethod
    def random(
        cls,
        batch_size: int | None = None,
        device: str | torch.device | None = None,
        dtype: torch.dtype | None = None,
        *,
        generator: torch.Generator | None = None,
    ) -> "So2":
        """Draw rotations whose angles are uniformly distributed."""
        drawn = torch.rand(batch_of(batch_size), device=device, dtype=dtype, generator=generator)
        return cls.exp((2 * drawn - 1) * torch.pi)


def _squeezed(tensor: Tensor) -> Tensor:
    """Return (B, 1) as (B,)."""
    return tensor.squeeze(-1) if tensor.ndim == 2 and tensor.shape[-1] == 1 else tensor


def _check_angle(tensor: Any, name: str) -> None:
    check_floating(tensor, name)
    if tensor.dtype is torch.bfloat16:
        raise TypeError(f"{name} must have a dtype that has complex numbers, got torch.bfloat16")
