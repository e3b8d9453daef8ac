# SPDX-License-Identifier: Apache-2.0
"""Poses between frames that have names."""

import uuid

from torch import Tensor

from foveal._check import check_floating
from foveal.geometry.liegroup import Se2, Se3, So2, So3
from foveal.geometry.quaternion import Quaternion

__all__ = ["NamedPose"]


class NamedPose:
    """A rigid motion from one named frame to another.

    Args:
        dst_from_src: the motion, which maps points in the source frame to the destination frame.
        frame_src: name of the source frame; `None` or an empty name makes a new one.
        frame_dst: name of the destination frame, likewise.

    Raises:
        TypeError: `dst_from_src` is neither `Se2` nor `Se3`.

    >>> b_from_a = NamedPose(Se3.identity(), "a", "b")
    >>> c_from_a = NamedPose(Se3.identity(), "b", "c") * b_from_a
    >>> c_from_a.frame_src, c_from_a.frame_dst
    ('a', 'c')
    """

    def __init__(self, dst_from_src: Se2 | Se3, frame_src: str | None = None, frame_dst: str | None = None) -> None:
        if not isinstance(dst_from_src, Se2 | Se3):
            raise TypeError(f"dst_from_src must be a Se2 or a Se3, got {type(dst_from_src).__name__}")
        self._pose = dst_from_src
        self._frame_src = frame_src or uuid.uuid4().hex
        self._frame_dst = frame_dst or uuid.uuid4().hex

    def __repr__(self) -> str:
        return f"NamedPose({self.pose!r}, {self.frame_src!r}, {self.frame_dst!r})"

    def __mul__(self, other: "NamedPose") -> "NamedPose":
        """Chain two poses, the right one first; its destination must be the source of the left one."""
        if not isinstance(other, NamedPose):
            raise TypeError(f"other must be a NamedPose, got {type(other).__name__}")
        if type(other.pose) is not type(self.pose):
            kinds = type(self.pose).__name__, type(other.pose).__name__
            raise TypeError(f"other must hold a {kinds[0]}, got a {kinds[1]}")
        if other.frame_dst != self.frame_src:
            raise ValueError(f"other must end in frame {self.frame_src!r}, got {other.frame_dst!r}")
        return NamedPose(self.pose * other.pose, other.frame_src, self.frame_dst)  # pyright: ignore

    @property
    def pose(self) -> Se2 | Se3:
        """The motion from source to destination."""
        return self._pose

    @property
    def rotation(self) -> So2 | So3:
        """The motion's rotation."""
        return self.pose.rotation

    @property
    def translation(self) -> Tensor:
        """The motion's translation."""
        return self.pose.translation

    @property
    def frame_src(self) -> str:
        """Name of the source frame."""
        return self._frame_src

    @property
    def frame_dst(self) -> str:
        """Name of the destination frame."""
        return self._frame_dst

    def inverse(self) -> "NamedPose":
        """Return the motion back."""
        return NamedPose(self.pose.inverse(), self.frame_dst, self.frame_src)

    def transform_points(self, points_in_src: Tensor) -> Tensor:
        """Map points in the source frame, (B, ..., 2) or (B, ..., 3), to the destination frame."""
        return self.pose * points_in_src

    @classmethod
    def from_rt(
        cls,
        rotation: "So3 | So2 | Tensor | Quaternion",
        translation: Tensor,
        frame_src: str | None = None,
        frame_dst: str | None = None,
    ) -> "NamedPose":
        """Make a pose of a rotation, which may be a matrix (*, 2, 2) or (*, 3, 3), and a translation."""
        if isinstance(rotation, Tensor):
            check_floating(rotation, "rotation")
            rotation = (So2 if rotation.shape[-1:] == (2,) else So3).from_matrix(rotation)
        motion = Se2(rotation, translation) if isinstance(rotation, So2) else Se3(rotation, translation)
        return cls(motion, frame_src, frame_dst)

    @classmethod
    def from_matrix(cls, matrix: Tensor, frame_src: str | None = None, frame_dst: str | None = None) -> "NamedPose":
        """Make a pose of a matrix, (*, 3, 3) or (*, 4, 4)."""
        check_floating(matrix, "matrix")
        motion = Se2.from_matrix(matrix) if matrix.shape[-1:] == (3,) else Se3.from_matrix(matrix)
        return cls(motion, frame_src, frame_dst)
