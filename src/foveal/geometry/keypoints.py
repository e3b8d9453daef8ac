# SPDX-License-Identifier: Apache-2.0
"""Keypoints of images and volumes as objects."""

import copy
from abc import ABC
from collections.abc import Sequence
from typing import ClassVar, Self

import torch
from torch import Tensor

from foveal._check import check_shape
from foveal.geometry.linalg import transform_points

__all__ = ["Keypoints", "Keypoints3D"]


class _Points(ABC):
    """Points of one image, or of a batch of images, with as many coordinates as the class says."""

    _axes: ClassVar[int]

    def __init__(self, keypoints: Tensor | list[Tensor], raise_if_not_floating_point: bool = True) -> None:
        listed = isinstance(keypoints, list)
        members = keypoints if listed else [keypoints]
        if not members or not all(isinstance(member, Tensor) for member in members):
            raise TypeError(f"keypoints must be a torch.Tensor or a list of them, got {type(keypoints).__name__}")
        if not all(member.is_floating_point() for member in members):
            if raise_if_not_floating_point:
                raise ValueError(f"keypoints must have a floating-point dtype, got {members[0].dtype}")
            members = [member.float() for member in members]
        for member in members:
            if member.ndim not in ((2,) if listed else (2, 3)) or member.shape[-1] != self._axes:
                wanted = f"(N, {self._axes})" + ("" if listed else f" or (B, N, {self._axes})")
                raise ValueError(f"keypoints must have shape {wanted}, got {tuple(member.shape)}")
        self._counts: list[int] | None = [len(member) for member in members] if listed else None
        self._data = torch.nn.utils.rnn.pad_sequence(members, batch_first=True) if listed else members[0]

    @classmethod
    def from_tensor(cls, keypoints: Tensor | list[Tensor]) -> Self:
        """Make keypoints from coordinates; the constructor does the same."""
        return cls(keypoints)

    def to_tensor(self, as_padded_sequence: bool = False) -> Tensor | list[Tensor]:
        """Return the coordinates.

        Args:
            as_padded_sequence: return one tensor for keypoints that came as a list, with zeros (moved with the others)
                at its end; else a list.
        """
        if self._counts is None or as_padded_sequence:
            return self._data
        return [image[:count] for image, count in zip(self._data, self._counts, strict=True)]

    def pad(self, padding_size: Tensor) -> Self:
        """Move these keypoints into an image that is padded by the widths before and behind each axis, x first.

        Args:
            padding_size: (left, right, top, bottom), and (front, back) of a volume, (B, 4) or (B, 6), or one row.
        """
        self._data = self._data + self._shift(padding_size)
        return self

    def unpad(self, padding_size: Tensor) -> Self:
        """Move these keypoints out of an image that is padded, the inverse of `pad`."""
        self._data = self._data - self._shift(padding_size)
        return self

    def transform_keypoints(self, M: Tensor, inplace: bool = False) -> Self:
        """Move the keypoints by a homography, or one per image (B, D + 1, D + 1)."""
        size = self._axes + 1
        check_shape(M, "M", "*", size, size)
        images = len(self._data) if self._data.ndim == 3 else 1
        if M.ndim > 3 or (M.ndim == 3 and len(M) not in (1, images)):
            raise ValueError(f"M must be ({size}, {size}) or ({images}, {size}, {size}), got {tuple(M.shape)}")
        points = self._data if self._data.ndim == 3 else self._data[None]
        return self._updated(transform_points(M, points).view(self._data.shape), inplace)

    def transform_keypoints_(self, M: Tensor) -> Self:
        """Move these keypoints by a homography, or one per image (B, D + 1, D + 1)."""
        return self.transform_keypoints(M, inplace=True)

    def index_put(self, indices: Sequence[Tensor], values: "Tensor | _Points", inplace: bool = False) -> Self:
        """Write coordinates to the places that `indices` give, as `torch.Tensor.index_put`."""
        source = values._data if isinstance(values, _Points) else values
        return self._updated(self._data.index_put(tuple(indices), source.to(self.dtype)), inplace)

    def __getitem__(self, key: "slice | int | Tensor") -> Self:
        """Return the images of a batch, or the points of the one image, that an index selects."""
        new = copy.copy(self)
        single = isinstance(key, int) or (isinstance(key, Tensor) and key.ndim == 0 and key.dtype is not torch.bool)
        if single:
            number = range(len(self._data))[int(key)]  # pyright: ignore[reportArgumentType]
            new._data = self._data[number] if self._data.ndim == 3 else self._data[number : number + 1]
            new._data = new._data[: self._counts[number]] if self._counts else new._data
            new._counts = None
        else:
            new._data = self._data[key]
            new._counts = None if self._counts is None else torch.tensor(self._counts)[key].tolist()
        return new

    def __setitem__(self, key: "slice | int | Tensor", value: "_Points") -> None:
        """Write keypoints to the images, or to the points of the one image, that an index selects."""
        data = self._data.clone()
        data[key] = value._data.to(self.dtype)
        self._data = data

    @property
    def data(self) -> Tensor:
        """The coordinates, (N, D) or (B, N, D), with zeros at the end of shorter lists."""
        return self._data

    @property
    def shape(self) -> torch.Size:
        """The shape of `data`."""
        return self._data.shape

    @property
    def device(self) -> torch.device:
        """The device of the coordinates."""
        return self._data.device

    @property
    def dtype(self) -> torch.dtype:
        """The dtype of the coordinates."""
        return self._data.dtype

    def type(self, dtype: torch.dtype) -> Self:
        """Change the dtype of these keypoints."""
        if not dtype.is_floating_point:
            raise ValueError(f"dtype must be a floating-point one, got {dtype}")
        self._data = self._data.to(dtype)
        return self

    def clone(self) -> Self:
        """Return a copy that shares no memory."""
        return self._updated(self._data.clone(), inplace=False)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._data})"

    def _updated(self, data: Tensor, inplace: bool) -> Self:
        new = self if inplace else copy.copy(self)
        new._data = data
        return new

    def _shift(self, padding_size: Tensor) -> Tensor:
        check_shape(padding_size, "padding_size", "B", 2 * self._axes)
        images = len(self._data) if self._data.ndim == 3 else 1
        if len(padding_size) not in (1, images):
            raise ValueError(f"padding_size must have 1 or {images} rows, got {len(padding_size)}")
        before = padding_size[:, ::2].to(self._data)
        return before[:, None] if self._data.ndim == 3 else before


class Keypoints(_Points):
    """Points (x, y) of one image, or of a batch of images.

    Args:
        keypoints: coordinates in pixels, (N, 2) or (B, N, 2), or a list of (N, 2), one per image.
        raise_if_not_floating_point: raise for integers; else they become float32.

    Raises:
        TypeError: `keypoints` is neither a tensor nor a list of tensors.
        ValueError: another shape, or integers.

    Convention: pixel centres are on integers. Matrices act on columns (x, y, 1) from the left.

    >>> Keypoints(torch.tensor([[1.0, 2.0]])).pad(torch.tensor([[5.0, 5.0, 3.0, 3.0]])).to_tensor()
    tensor([[6., 5.]])
    """

    _axes = 2


class Keypoints3D(_Points):
    """Points (x, y, z) of one volume, or of a batch of volumes.

    Args:
        keypoints: coordinates in voxels, (N, 3) or (B, N, 3), or a list of (N, 3), one per volume.
        raise_if_not_floating_point: raise for integers; else they become float32.

    Raises:
        TypeError: `keypoints` is neither a tensor nor a list of tensors.
        ValueError: another shape, or integers.

    Convention: voxel centres are on integers. Matrices act on columns (x, y, z, 1) from the left.

    >>> Keypoints3D(torch.tensor([[1.0, 2.0, 3.0]])).transform_keypoints(2 * torch.eye(4)).to_tensor()
    tensor([[1., 2., 3.]])
    """

    _axes = 3
