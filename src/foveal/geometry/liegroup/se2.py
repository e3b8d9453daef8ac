# SPDX-License-Identifier: Apache-2.0
"""SE(2), the rigid motions of the plane."""

from typing import Any, overload

import torch
from torch import Tensor

from foveal._check import check_floating, check_shape
from foveal.geometry._element import Element, batch_of, fit
from foveal.geometry._small import matrix_of
from foveal.geometry.conversions._series import stumpff
from foveal.geometry.conversions.homogeneous import append_row
from foveal.geometry.liegroup.so2 import So2
from foveal.geometry.vector import Vector2


class Se2(Element):
    """Rigid motions of the plane: a rotation, then a translation.

    Args:
        rotation: the rotations.
        translation: the translations (x, y), (*, 2); a parameter stays one.

    Raises:
        TypeError: `rotation` is no `So2`, or `translation` is not a floating-point tensor.
        ValueError: `translation` is not (*, 2).

    Convention: tangents are (vx, vy, angle), the angle in radians; `a * b` moves by b first; matrices act on columns.

    >>> Se2.trans(torch.tensor(1.0), torch.tensor(2.0)) * torch.tensor([3.0, 4.0])
    tensor([4., 6.])
    """

    def __init__(self, rotation: So2, translation: Vector2 | Tensor) -> None:
        super().__init__()
        if not isinstance(rotation, So2):
            raise TypeError(f"rotation must be a So2, got {type(rotation).__name__}")
        check_floating(translation, "translation")
        check_shape(translation, "translation", "*", 2)
        self._rotation = rotation
        self._hold("_translation", translation.unwrap() if isinstance(translation, Vector2) else translation)

    def __repr__(self) -> str:
        return f"Se2({self.r!r}, {self.t!r})"

    def __getitem__(self, index: Any) -> "Se2":
        return Se2(self.r[index], self.t[index])

    @overload
    def __mul__(self, right: "Se2") -> "Se2": ...
    @overload
    def __mul__(self, right: Tensor) -> Tensor: ...
    def __mul__(self, right: "Se2 | Tensor") -> "Se2 | Tensor":
        """Chain two motions, the right one first, or move points (B, ..., 2)."""
        if isinstance(right, Se2):
            return Se2(self.r * right.r, self.t + self.r * right.t)
        turned = self.r * right
        return turned + fit(self.t, right)

    @property
    def r(self) -> So2:
        """The rotations."""
        return self._rotation

    @property
    def rotation(self) -> So2:
        """The rotations."""
        return self.r

    @property
    def so2(self) -> So2:
        """The rotations."""
        return self.r

    @property
    def t(self) -> Tensor:
        """The translations, (*, 2)."""
        return self._translation  # pyright: ignore[reportReturnType]

    @property
    def translation(self) -> Tensor:
        """The translations, (*, 2)."""
        return self.t

    def matrix(self) -> Tensor:
        """Return the matrices [[R, t], [0, 1]], (*, 3, 3)."""
        return append_row(torch.cat([self.r.matrix(), self.t.unsqueeze(-1)], dim=-1))

    def log(self) -> Tensor:
        """Return the tangents (vx, vy, angle), the angle in [-pi, pi], (*, 3)."""
        angle = self.r.log()
        square = angle * angle
        # Half the angle times its cotangent.
        along = stumpff(1, square) / (2 * stumpff(2, square))
        x, y = self.t.unbind(-1)
        return torch.stack([along * x + angle / 2 * y, along * y - angle / 2 * x, angle], dim=-1)

    def inverse(self) -> "Se2":
        """Return the inverse motions."""
        back = self.r.inverse()
        return Se2(back, -(back * self.t))

    def adjoint(self) -> Tensor:
        """Return the matrices that move tangents, (*, 3, 3)."""
        x, y = self.t.unbind(-1)
        return append_row(torch.cat([self.r.matrix(), torch.stack([y, -x], dim=-1).unsqueeze(-1)], dim=-1))

    @staticmethod
    def exp(v: Tensor) -> "Se2":
        """Return the motions of tangents (vx, vy, angle), (*, 3)."""
        check_floating(v, "v")
        check_shape(v, "v", "*", 3)
        x, y, angle = v.unbind(-1)
        square = angle * angle
        along, across = stumpff(1, square), angle * stumpff(2, square)
        return Se2(So2.exp(angle), torch.stack([along * x - across * y, across * x + along * y], dim=-1))

    @staticmethod
    def hat(v: Tensor) -> Tensor:
        """Return [[0, -angle, vx], [angle, 0, vy], [0, 0, 0]] of tangents (*, 3)."""
        check_floating(v, "v")
        check_shape(v, "v", "*", 3)
        x, y, angle = v.unbind(-1)
        zero = torch.zeros_like(x)
        return matrix_of(((zero, -angle, x), (angle, zero, y), (zero, zero, zero)))

    @staticmethod
    def vee(omega: Tensor) -> Tensor:
        """Return the tangents of what `hat` made, (*, 3, 3)."""
        check_floating(omega, "omega")
        check_shape(omega, "omega", "*", 3, 3)
        return torch.stack([omega[..., 0, 2], omega[..., 1, 2], omega[..., 1, 0]], dim=-1)

    @classmethod
    def from_matrix(cls, matrix: Tensor) -> "Se2":
        """Make motions of matrices [[R, t], [0, 1]], (*, 3, 3)."""
        check_floating(matrix, "matrix")
        check_shape(matrix, "matrix", "*", 3, 3)
        return cls(So2.from_matrix(matrix[..., :2, :2]), matrix[..., :2, 2])

    @classmethod
    def identity(
        cls,
        batch_size: int | None = None,
        device: str | torch.device | None = None,
        dtype: torch.dtype | None = None,
    ) -> "Se2":
        """Return motions by nothing."""
        shift = torch.zeros(*batch_of(batch_size), 2, device=device, dtype=dtype)
        return cls(So2.identity(batch_size, device, dtype), shift)

    @classmethod
    def random(
        cls,
        batch_size: int | None = None,
        device: str | torch.device | None = None,
        dtype: torch.dtype | None = None,
        *,
        generator: torch.Generator | None = None,
    ) -> "Se2":
        """Draw motions: angles from a full turn, translations from the unit square."""
        rotation = So2.random(batch_size, device, dtype, generator=generator)
        return cls(rotation, torch.rand(*batch_of(batch_size), 2, device=device, dtype=dtype, generator=generator))

    @classmethod
    def trans(cls, x: Tensor, y: Tensor) -> "Se2":
        """Return translations by x and y, of one shape, () or (B,)."""
        check_floating(x, "x")
        zero = torch.zeros_like(x)
        return cls(So2.exp(zero), torch.stack([x, y], dim=-1))

    @classmethod
    def trans_x(cls, x: Tensor) -> "Se2":
        """Return translations along x."""
        check_floating(x, "x")
        return cls.trans(x, torch.zeros_like(x))

    @classmethod
    def trans_y(cls, y: Tensor) -> "Se2":
        """Return translations along y."""
        check_floating(y, "y")
        return cls.trans(torch.zeros_like(y), y)
