# SPDX-License-Identifier: Apache-2.0
"""SE(3), the rigid motions of space."""

from typing import Any, overload

import torch
from torch import Tensor

from foveal._check import check_floating, check_shape
from foveal.geometry._element import Element, batch_of, fit, move
from foveal.geometry._small import multiply, widen
from foveal.geometry.conversions.homogeneous import append_row
from foveal.geometry.liegroup.so3 import So3, inverse_left_jacobian
from foveal.geometry.quaternion import Quaternion
from foveal.geometry.vector import Vector3


class Se3(Element):
    """Rigid motions of space: a rotation, then a translation.

    Args:
        rotation: the rotations.
        translation: the translations (x, y, z), (*, 3); a parameter stays one.

    Raises:
        TypeError: `rotation` is neither `So3` nor `Quaternion`, or `translation` is not a floating-point tensor.
        ValueError: `translation` is not (*, 3).

    Convention: tangents are (v, w), the translation first and then the axis-angle vector in radians; `a * b` moves by
    b first; matrices act on columns.

    >>> Se3.trans(*torch.tensor([1.0, 2.0, 3.0])) * torch.tensor([4.0, 5.0, 6.0])
    tensor([5., 7., 9.])
    """

    def __init__(self, rotation: Quaternion | So3, translation: Vector3 | Tensor) -> None:
        super().__init__()
        if not isinstance(rotation, Quaternion | So3):
            raise TypeError(f"rotation must be a So3 or a Quaternion, got {type(rotation).__name__}")
        check_floating(translation, "translation")
        check_shape(translation, "translation", "*", 3)
        self._rotation = So3(rotation) if isinstance(rotation, Quaternion) else rotation
        self._hold("_translation", translation.unwrap() if isinstance(translation, Vector3) else translation)

    def __repr__(self) -> str:
        return f"Se3({self.r!r}, {self.t!r})"

    def __getitem__(self, index: Any) -> "Se3":
        return Se3(self.r[index], self.t[index])

    @overload
    def __mul__(self, right: "Se3") -> "Se3": ...
    @overload
    def __mul__(self, right: Tensor) -> Tensor: ...
    def __mul__(self, right: "Se3 | Tensor") -> "Se3 | Tensor":
        """Chain two motions, the right one first, or move points (B, ..., 3)."""
        if isinstance(right, Se3):
            return Se3(self.r * right.r, self.t + self.r * right.t)
        turned = self.r * right
        return turned + fit(self.t, right)

    @property
    def r(self) -> So3:
        """The rotations."""
        return self._rotation

    @property
    def rotation(self) -> So3:
        """The rotations."""
        return self.r

    @property
    def so3(self) -> So3:
        """The rotations."""
        return self.r

    @property
    def quaternion(self) -> Quaternion:
        """The rotations as quaternions."""
        return self.r.q

    @property
    def t(self) -> Tensor:
        """The translations, (*, 3)."""
        return self._translation  # pyright: ignore[reportReturnType]

    @property
    def translation(self) -> Tensor:
        """The translations, (*, 3)."""
        return self.t

    def matrix(self) -> Tensor:
        """Return the matrices [[R, t], [0, 1]], (*, 4, 4)."""
        return append_row(torch.cat([self.r.matrix(), self.t.unsqueeze(-1)], dim=-1))

    def log(self) -> Tensor:
        """Return the tangents, of angles at most pi, (*, 6)."""
        angular = self.r.log()
        return torch.cat([move(inverse_left_jacobian(angular), self.t), angular], dim=-1)

    def inverse(self) -> "Se3":
        """Return the inverse motions."""
        back = self.r.inverse()
        return Se3(back, -(back * self.t))

    def adjoint(self) -> Tensor:
        """Return the matrices [[R, hat(t) R], [0, R]] that move tangents, (*, 6, 6)."""
        turn = self.r.matrix()
        lever = multiply(widen(So3.hat(self.t)), widen(turn)).to(turn.dtype)
        return torch.cat([torch.cat([turn, lever], dim=-1), torch.cat([torch.zeros_like(turn), turn], dim=-1)], dim=-2)

    @staticmethod
    def exp(v: Tensor) -> "Se3":
        """Return the motions of tangents (*, 6)."""
        check_floating(v, "v")
        check_shape(v, "v", "*", 6)
        linear, angular = v[..., :3], v[..., 3:]
        return Se3(So3.exp(angular), move(So3.left_jacobian(angular), linear))

    @staticmethod
    def hat(v: Tensor) -> Tensor:
        """Return [[hat(w), v], [0, 0]] of tangents (*, 6), (*, 4, 4)."""
        check_floating(v, "v")
        check_shape(v, "v", "*", 6)
        upper = torch.cat([So3.hat(v[..., 3:]), v[..., :3, None]], dim=-1)
        return torch.cat([upper, torch.zeros_like(upper[..., :1, :])], dim=-2)

    @staticmethod
    def vee(omega: Tensor) -> Tensor:
        """Return the tangents of what `hat` made, (*, 4, 4)."""
        check_floating(omega, "omega")
        check_shape(omega, "omega", "*", 4, 4)
        return torch.cat([omega[..., :3, 3], So3.vee(omega[..., :3, :3])], dim=-1)

    @classmethod
    def from_matrix(cls, matrix: Tensor, check_rotation: bool = False) -> "Se3":
        """Make motions of matrices [[R, t], [0, 1]], (*, 4, 4)."""
        check_floating(matrix, "matrix")
        check_shape(matrix, "matrix", "*", 4, 4)
        return cls(So3.from_matrix(matrix[..., :3, :3], check_rotation), matrix[..., :3, 3])

    @classmethod
    def from_qxyz(cls, qxyz: Tensor) -> "Se3":
        """Make motions of quaternions and translations (w, x, y, z, tx, ty, tz), (*, 7)."""
        check_floating(qxyz, "qxyz")
        check_shape(qxyz, "qxyz", "*", 7)
        return cls(Quaternion(qxyz[..., :4]), qxyz[..., 4:])

    @classmethod
    def identity(
        cls,
        batch_size: int | None = None,
        device: str | torch.device | None = None,
        dtype: torch.dtype | None = None,
    ) -> "Se3":
        """Return motions by nothing."""
        shift = torch.zeros(*batch_of(batch_size), 3, device=device, dtype=dtype)
        return cls(So3.identity(batch_size, device, dtype), shift)

    @classmethod
    def random(
        cls,
        batch_size: int | None = None,
        device: str | torch.device | None = None,
        dtype: torch.dtype | None = None,
        *,
        generator: torch.Generator | None = None,
    ) -> "Se3":
        """Draw motions: rotations uniformly, translations from the unit cube."""
        rotation = So3.random(batch_size, device, dtype, generator=generator)
        return cls(rotation, torch.rand(*batch_of(batch_size), 3, device=device, dtype=dtype, generator=generator))

    @classmethod
    def rot_x(cls, x: Tensor) -> "Se3":
        """Return the rotations about x by angles in radians, () or (B,)."""
        return _turn(So3.rot_x(x))

    @classmethod
    def rot_y(cls, y: Tensor) -> "Se3":
        """Return the rotations about y by angles in radians, () or (B,)."""
        return _turn(So3.rot_y(y))

    @classmethod
    def rot_z(cls, z: Tensor) -> "Se3":
        """Return the rotations about z by angles in radians, () or (B,)."""
        return _turn(So3.rot_z(z))

    @classmethod
    def trans(cls, x: Tensor, y: Tensor, z: Tensor) -> "Se3":
        """Return translations by x, y and z, of one shape, () or (B,)."""
        check_floating(x, "x")
        shift = torch.stack([x, y, z], dim=-1)
        return cls(So3.exp(torch.zeros_like(shift)), shift)

    @classmethod
    def trans_x(cls, x: Tensor) -> "Se3":
        """Return translations along x."""
        return cls.trans(x, torch.zeros_like(x), torch.zeros_like(x))

    @classmethod
    def trans_y(cls, y: Tensor) -> "Se3":
        """Return translations along y."""
        return cls.trans(torch.zeros_like(y), y, torch.zeros_like(y))

    @classmethod
    def trans_z(cls, z: Tensor) -> "Se3":
        """Return translations along z."""
        return cls.trans(torch.zeros_like(z), torch.zeros_like(z), z)


def _turn(rotation: So3) -> Se3:
    return Se3(rotation, torch.zeros_like(rotation.q.vec))
