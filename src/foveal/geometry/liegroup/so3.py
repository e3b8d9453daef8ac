# SPDX-License-Identifier: Apache-2.0
"""SO(3), the rotations of space."""

from typing import Any, overload

import torch
from torch import Tensor

from foveal._check import check_floating, check_shape
from foveal.geometry._element import Element, batch_of, move
from foveal.geometry._small import multiply, widen
from foveal.geometry.conversions import vector_to_skew_symmetric_matrix
from foveal.geometry.conversions._series import stumpff
from foveal.geometry.quaternion import Quaternion
from foveal.geometry.vector import Vector3


class So3(Element):
    """Rotations of space as quaternions.

    Args:
        q: quaternions of shape (*, 4), of any length.

    Raises:
        TypeError: `q` is no quaternion.

    Convention: right-handed. Tangents are axis-angle vectors in radians; `a * b` turns by b first; matrices act on
    columns. exp(v + d) is nearly exp(Jl(v) d) exp(v), and exp(v) exp(Jr(v) d).

    >>> quarter = So3.exp(torch.tensor([0.0, 0.0, torch.pi / 2]))
    >>> (quarter * torch.tensor([[1.0, 0.0, 5.0]])).round() + 0.0
    tensor([[0., 1., 5.]])
    """

    def __init__(self, q: Quaternion) -> None:
        super().__init__()
        if not isinstance(q, Quaternion):
            raise TypeError(f"q must be a Quaternion, got {type(q).__name__}")
        self._q = q

    def __repr__(self) -> str:
        return f"So3({self.q!r})"

    def __getitem__(self, index: Any) -> "So3":
        return So3(self.q[index])

    @overload
    def __mul__(self, right: "So3") -> "So3": ...
    @overload
    def __mul__(self, right: Tensor) -> Tensor: ...
    def __mul__(self, right: "So3 | Tensor") -> "So3 | Tensor":
        """Chain two rotations, the right one first, or rotate points (B, ..., 3)."""
        if isinstance(right, So3):
            return So3(self.q * right.q)
        check_shape(right, "right", "*", 3)
        points = right.unwrap() if isinstance(right, Vector3) else right
        moved = move(self.matrix(), points)
        return Vector3(moved) if isinstance(right, Vector3) else moved

    @property
    def q(self) -> Quaternion:
        """The quaternions."""
        return self._q

    def matrix(self) -> Tensor:
        """Return the rotation matrices, (*, 3, 3)."""
        return self.q.matrix()

    def log(self) -> Tensor:
        """Return the axis-angle vectors in radians, of length at most pi, (*, 3)."""
        return self.q.to_axis_angle()

    def inverse(self) -> "So3":
        """Return the inverse rotations."""
        return So3(self.q.inv())

    def adjoint(self) -> Tensor:
        """Return the matrices that turn tangents, which are the rotation matrices, (*, 3, 3)."""
        return self.matrix()

    @staticmethod
    def exp(v: Tensor) -> "So3":
        """Return the rotations of axis-angle vectors in radians, (*, 3)."""
        return So3(Quaternion.from_axis_angle(v))

    @staticmethod
    def hat(v: "Vector3 | Tensor") -> Tensor:
        """Return the matrices that take the cross product with vectors (*, 3)."""
        return vector_to_skew_symmetric_matrix(v.unwrap() if isinstance(v, Vector3) else v)

    @staticmethod
    def vee(omega: Tensor) -> Tensor:
        """Return the vectors of what `hat` made, (*, 3, 3)."""
        check_floating(omega, "omega")
        check_shape(omega, "omega", "*", 3, 3)
        return torch.stack([omega[..., 2, 1], omega[..., 0, 2], omega[..., 1, 0]], dim=-1)

    @staticmethod
    def left_jacobian(vec: Tensor) -> Tensor:
        """Return the derivatives of `exp` at tangents (*, 3), as tangents on its left, (*, 3, 3)."""
        wide, square = _tangent(vec)
        return _polynomial(stumpff(2, square), stumpff(3, square), wide).to(vec.dtype)

    @staticmethod
    def right_jacobian(vec: Tensor) -> Tensor:
        """Return the derivatives of `exp` at tangents (*, 3), as tangents on its right, (*, 3, 3)."""
        return So3.left_jacobian(-vec)

    @staticmethod
    def Jl(vec: Tensor) -> Tensor:  # noqa: N802 - Kornia's name
        """Return the left Jacobians, (*, 3, 3)."""
        return So3.left_jacobian(vec)

    @staticmethod
    def Jr(vec: Tensor) -> Tensor:  # noqa: N802 - Kornia's name
        """Return the right Jacobians, (*, 3, 3)."""
        return So3.right_jacobian(vec)

    @classmethod
    def from_matrix(cls, matrix: Tensor, check_rotation: bool = False) -> "So3":
        """Make rotations of rotation matrices, (*, 3, 3)."""
        return cls(Quaternion.from_matrix(matrix, check_rotation))

    @classmethod
    def from_wxyz(cls, wxyz: Tensor) -> "So3":
        """Make rotations of the components of quaternions, (*, 4)."""
        return cls(Quaternion(wxyz))

    @classmethod
    def identity(
        cls,
        batch_size: int | None = None,
        device: str | torch.device | None = None,
        dtype: torch.dtype | None = None,
    ) -> "So3":
        """Return rotations by nothing."""
        return cls(Quaternion.identity(batch_size, device, dtype))

    @classmethod
    def random(
        cls,
        batch_size: int | None = None,
        device: str | torch.device | None = None,
        dtype: torch.dtype | None = None,
        *,
        generator: torch.Generator | None = None,
    ) -> "So3":
        """Draw rotations that are uniformly distributed."""
        batch_of(batch_size)
        return cls(Quaternion.random(batch_size, device, dtype, generator=generator))

    @classmethod
    def rot_x(cls, x: Tensor) -> "So3":
        """Return the rotations about x by angles in radians."""
        zero = torch.zeros_like(x)
        return cls.exp(torch.stack([x, zero, zero], dim=-1))

    @classmethod
    def rot_y(cls, y: Tensor) -> "So3":
        """Return the rotations about y by angles in radians."""
        zero = torch.zeros_like(y)
        return cls.exp(torch.stack([zero, y, zero], dim=-1))

    @classmethod
    def rot_z(cls, z: Tensor) -> "So3":
        """Return the rotations about z by angles in radians."""
        zero = torch.zeros_like(z)
        return cls.exp(torch.stack([zero, zero, z], dim=-1))


def inverse_left_jacobian(vec: Tensor) -> Tensor:
    """Return the inverses of the left Jacobians, for tangents shorter than a full turn."""
    wide, square = _tangent(vec)
    # (1 - a sin(a) / (2 - 2 cos(a))) / a^2, without a division by the angle.
    second = (stumpff(3, square) - 2 * stumpff(4, square)) / (2 * stumpff(2, square))
    return _polynomial(torch.full_like(square, -0.5), second, wide).to(vec.dtype)


def _tangent(vec: Tensor) -> tuple[Tensor, Tensor]:
    check_floating(vec, "vec")
    check_shape(vec, "vec", "*", 3)
    wide = widen(vec)
    return wide, wide.square().sum(dim=-1)


def _polynomial(first: Tensor, second: Tensor, vector: Tensor) -> Tensor:
    """Return I + first K + second K^2, K taking the cross product with the vector."""
    cross = vector_to_skew_symmetric_matrix(vector)
    identity = torch.eye(3, device=vector.device, dtype=vector.dtype)
    return identity + first[..., None, None] * cross + second[..., None, None] * multiply(cross, cross)
