# SPDX-License-Identifier: Apache-2.0
"""Quaternions as objects."""

from typing import Any

import torch
from torch import Tensor

from foveal._check import check_floating, check_shape
from foveal.geometry._element import Element, batch_of, draw
from foveal.geometry._small import widen
from foveal.geometry.conversions import (
    axis_angle_to_quaternion,
    euler_from_quaternion,
    normalize_quaternion,
    quaternion_from_euler,
    quaternion_to_axis_angle,
    quaternion_to_rotation_matrix,
    rotation_matrix_to_quaternion,
)
from foveal.geometry.conversions._series import angle_ratio
from foveal.geometry.conversions.axis_angle import quaternion_exponential


class Quaternion(Element):
    """Quaternions (w, x, y, z) of any length, which stand for the rotations of their directions.

    Args:
        data: the components, (*, 4); a parameter stays one.

    Raises:
        TypeError: `data` is not a floating-point tensor.
        ValueError: `data` is not (*, 4).

    Convention: `*` is Hamilton's product, so that `(p * q).matrix()` is `p.matrix() @ q.matrix()`. A number, or a
    tensor of the batch's shape, is the quaternion (s, 0, 0, 0) in sums and products.

    >>> (Quaternion.identity() * Quaternion(torch.tensor([0.0, 1.0, 0.0, 0.0]))).data
    tensor([0., 1., 0., 0.])
    """

    def __init__(self, data: Tensor) -> None:
        super().__init__()
        check_floating(data, "data")
        check_shape(data, "data", "*", 4)
        self._hold("_data", data)

    def __repr__(self) -> str:
        return f"Quaternion({self.data!r})"

    def __getitem__(self, index: Any) -> "Quaternion":
        return Quaternion(self.data[index])

    def __neg__(self) -> "Quaternion":
        return Quaternion(-self.data)

    def __add__(self, right: "Quaternion | Tensor | float") -> "Quaternion":
        return Quaternion(self.data + self._components(right))

    def __radd__(self, left: "Tensor | float") -> "Quaternion":
        return self + left

    def __sub__(self, right: "Quaternion | Tensor | float") -> "Quaternion":
        return Quaternion(self.data - self._components(right))

    def __rsub__(self, left: "Tensor | float") -> "Quaternion":
        return Quaternion(self._components(left) - self.data)

    def __mul__(self, right: "Quaternion | Tensor | float") -> "Quaternion":
        if not isinstance(right, Quaternion):
            return Quaternion(self.data * self._column(right))
        return Quaternion(_product(self.data, right.data))

    def __rmul__(self, left: "Tensor | float") -> "Quaternion":
        return self * left

    def __truediv__(self, right: "Quaternion | Tensor | float") -> "Quaternion":
        if not isinstance(right, Quaternion):
            return Quaternion(self.data / self._column(right))
        return self * right.inv()

    def __rtruediv__(self, left: "Tensor | float") -> "Quaternion":
        return self.inv() * left

    def __pow__(self, t: "Tensor | float") -> "Quaternion":
        """Return |q|^t (cos(t a) + n sin(t a)), for an angle a about an axis n: `q**-1` is the inverse.

        Negative real numbers turn half about no axis: x is taken for it.
        """
        wide = widen(self.data)
        w, vector = wide[..., :1], wide[..., 1:]
        length = vector.square().sum(dim=-1, keepdim=True)
        half_turn = torch.zeros_like(vector) + torch.pi * torch.eye(3, device=wide.device, dtype=wide.dtype)[0]
        logarithm = torch.where((length == 0) & (w < 0), half_turn, vector * angle_ratio(length, w))
        exponent = self._column(t)
        scale = (length + w * w) ** (exponent / 2)
        return Quaternion((scale * quaternion_exponential(exponent * logarithm)).to(self.data.dtype))

    def _column(self, scalar: "Tensor | float") -> Tensor:
        """Return scalars of the batch's shape, or of (*, 1), so that they broadcast to the components."""
        if not isinstance(scalar, Tensor):
            return torch.tensor(scalar, device=self.data.device, dtype=self.data.dtype)
        return scalar if scalar.ndim == self.data.ndim else scalar.unsqueeze(-1)

    def _components(self, value: "Quaternion | Tensor | float") -> Tensor:
        if isinstance(value, Quaternion):
            return value.data
        return self._column(value) * torch.eye(4, device=self.data.device, dtype=self.data.dtype)[0]

    @property
    def data(self) -> Tensor:
        """The components, (*, 4)."""
        return self._data  # pyright: ignore[reportReturnType]

    @property
    def q(self) -> Tensor:
        """The components, (*, 4)."""
        return self.data

    @property
    def coeffs(self) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """The components w, x, y and z."""
        return self.w, self.x, self.y, self.z

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the components."""
        return tuple(self.data.shape)

    @property
    def w(self) -> Tensor:
        """The real component."""
        return self.data[..., 0]

    @property
    def x(self) -> Tensor:
        """The component along x."""
        return self.data[..., 1]

    @property
    def y(self) -> Tensor:
        """The component along y."""
        return self.data[..., 2]

    @property
    def z(self) -> Tensor:
        """The component along z."""
        return self.data[..., 3]

    @property
    def real(self) -> Tensor:
        """The real component."""
        return self.w

    @property
    def scalar(self) -> Tensor:
        """The real component."""
        return self.w

    @property
    def vec(self) -> Tensor:
        """The components x, y and z, (*, 3)."""
        return self.data[..., 1:]

    @property
    def polar_angle(self) -> Tensor:
        """Half of the angle of rotation, in [0, pi] radians."""
        wide = widen(self.data)
        length = wide[..., 1:].square().sum(dim=-1)
        turned = torch.where(length > 0, torch.where(length > 0, length, 1).sqrt(), 0)
        w = torch.where((wide[..., 0] == 0) & (length == 0), 1, wide[..., 0])
        return torch.atan2(turned, w).to(self.data.dtype)

    def norm(self, keepdim: bool = False) -> Tensor:
        """Return the lengths."""
        square = widen(self.data).square().sum(dim=-1, keepdim=keepdim)
        return torch.where(square > 0, torch.where(square > 0, square, 1).sqrt(), 0).to(self.data.dtype)

    def squared_norm(self) -> Tensor:
        """Return the squared lengths."""
        return self.data.square().sum(dim=-1)

    def normalize(self) -> "Quaternion":
        """Return the quaternions of length one."""
        return Quaternion(normalize_quaternion(self.data))

    def conj(self) -> "Quaternion":
        """Return (w, -x, -y, -z)."""
        return Quaternion(torch.cat([self.data[..., :1], -self.data[..., 1:]], dim=-1))

    def inv(self) -> "Quaternion":
        """Return the inverse, the conjugate over the squared length."""
        return self.conj() / self.squared_norm()

    def matrix(self) -> Tensor:
        """Return the rotation matrices, (*, 3, 3)."""
        return quaternion_to_rotation_matrix(self.data)

    def to_axis_angle(self) -> Tensor:
        """Return the axis-angle vectors in radians, (*, 3)."""
        return quaternion_to_axis_angle(self.data)

    def to_euler(self) -> tuple[Tensor, Tensor, Tensor]:
        """Return roll, pitch and yaw in radians, as `euler_from_quaternion`."""
        return euler_from_quaternion(*self.coeffs)

    def slerp(self, q1: "Quaternion", t: "Tensor | float") -> "Quaternion":
        """Return unit quaternions on the shorter way to `q1`.

        Args:
            q1: the end, at t = 1.
            t: how far to go, a number or a tensor, (*) or (*, 1).
        """
        start = self.normalize()
        way = start.conj() * q1.normalize()
        way = Quaternion(torch.where(way.data[..., :1] < 0, -way.data, way.data))
        return (start * way**t).normalize()

    @classmethod
    def identity(
        cls,
        batch_size: int | None = None,
        device: str | torch.device | None = None,
        dtype: torch.dtype | None = None,
    ) -> "Quaternion":
        """Return the quaternion (1, 0, 0, 0), or so many of them."""
        return cls(torch.eye(4, device=device, dtype=dtype)[0].expand(*batch_of(batch_size), 4).clone())

    @classmethod
    def random(
        cls,
        batch_size: int | None = None,
        device: str | torch.device | None = None,
        dtype: torch.dtype | None = None,
        *,
        generator: torch.Generator | None = None,
    ) -> "Quaternion":
        """Draw unit quaternions whose rotations are uniformly distributed."""
        drawn = draw(*batch_of(batch_size), 4, device=device, dtype=dtype, generator=generator)
        return cls(normalize_quaternion(drawn))

    @classmethod
    def from_coeffs(cls, w: float, x: float, y: float, z: float) -> "Quaternion":
        """Make a quaternion of four numbers."""
        return cls(torch.tensor([w, x, y, z]))

    @classmethod
    def from_matrix(cls, matrix: Tensor, check_rotation: bool = False) -> "Quaternion":
        """Make quaternions of rotation matrices, (*, 3, 3)."""
        return cls(rotation_matrix_to_quaternion(matrix, check_rotation=check_rotation))

    @classmethod
    def from_axis_angle(cls, axis_angle: Tensor) -> "Quaternion":
        """Make quaternions of axis-angle vectors in radians, (*, 3)."""
        return cls(axis_angle_to_quaternion(axis_angle))

    @classmethod
    def from_euler(cls, roll: Tensor, pitch: Tensor, yaw: Tensor) -> "Quaternion":
        """Make quaternions of Euler angles in radians, as `quaternion_from_euler`."""
        return cls(torch.stack(quaternion_from_euler(roll, pitch, yaw), dim=-1))


def _product(left: Tensor, right: Tensor) -> Tensor:
    """Return Hamilton's product."""
    a, b, c, d = left.unbind(-1)
    w, x, y, z = right.unbind(-1)
    product = (
        a * w - b * x - c * y - d * z,
        a * x + b * w + c * z - d * y,
        a * y - b * z + c * w + d * x,
        a * z + b * y - c * x + d * w,
    )
    return torch.stack(product, dim=-1)
