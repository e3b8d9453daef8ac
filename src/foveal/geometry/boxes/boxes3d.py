# SPDX-License-Identifier: Apache-2.0
"""Boxes of volumes as one object."""

import copy

import torch
from torch import Tensor

from foveal._check import check_shape, check_size, check_tensor
from foveal.geometry.boxes._forms import EXPORTS3D, MODES3D, as_floats, check_boxes, check_mode, export, parse
from foveal.geometry.boxes._stored import Stored


class Boxes3D:
    """Boxes of one volume, or of a batch of volumes.

    Args:
        boxes: vertices (x, y, z) of each box, (N, 8, 3) or (B, N, 8, 3): top-left, top-right, bottom-right and
            bottom-left of the front face, then of the back face. Taken as they are, the far ones inside of the box.
        raise_if_not_floating_point: raise for integers; else they become float32.
        mode: a label, which `mode` returns.

    Raises:
        TypeError: `boxes` is not a tensor.
        ValueError: another shape, or integers.

    Convention: as `Boxes`; "xyzxyz", "xyzwhd" and "vertices" end one past the last voxel, "xyzxyz_plus" and
    "vertices_plus" at it.

    >>> boxes = Boxes3D.from_tensor(torch.tensor([[0.0, 0.0, 0.0, 2.0, 3.0, 4.0]]))
    >>> boxes.to_tensor("xyzxyz_plus")
    tensor([[0., 0., 0., 1., 2., 3.]])
    """

    def __init__(self, boxes: Tensor, raise_if_not_floating_point: bool = True, mode: str = "xyzxyz_plus") -> None:
        check_tensor(boxes, "boxes")
        if not boxes.is_floating_point():
            if raise_if_not_floating_point:
                raise ValueError(f"boxes must have a floating-point dtype, got {boxes.dtype}")
            boxes = boxes.float()
        check_boxes(boxes, (8, 3))
        self._is_batched = boxes.ndim == 4
        self._stored = Stored.of(boxes if self._is_batched else boxes[None])
        self._mode = mode

    @classmethod
    def from_tensor(cls, boxes: Tensor, mode: str = "xyzxyz", validate_boxes: bool = True) -> "Boxes3D":
        """Make boxes from one of their forms.

        Args:
            boxes: (N, 6) or (B, N, 6), or nested numbers. Integers become floats.
            mode: "xyzxyz" (left, top, front, right, bottom, back), "xyzxyz_plus" or "xyzwhd" (left, top, front, width,
                height, depth).
            validate_boxes: refuse coordinates that are not finite, and sides that are not positive. Reads values; not
                while compiling.
        """
        new = cls.__new__(cls)
        new._stored, new._is_batched = parse(as_floats(boxes), check_mode(mode, MODES3D), validate_boxes)
        new._mode = mode
        return new

    def to_tensor(self, mode: str = "xyzxyz") -> Tensor:
        """Return the boxes along the axes that hold these; the modes "vertices", "vertices_plus" give (..., 8, 3)."""
        return self._unbatched(export(self._stored, check_mode(mode, EXPORTS3D)))

    def get_boxes_shape(self) -> tuple[Tensor, Tensor, Tensor]:
        """Return the planes, rows and columns that the boxes cover, (N,) or (B, N) each."""
        widths, heights, depths = self._unbatched(self._stored.extents()).unbind(dim=-1)
        return depths, heights, widths

    def to_mask(self, depth: int, height: int, width: int) -> Tensor:
        """Return masks (N, D, H, W) or (B, N, D, H, W), one between the rounded sides, without gradient."""
        check_size((depth, height, width), "depth, height, width", 3, smallest=0)
        return self._unbatched(self._stored.masks((depth, height, width)))

    def transform_boxes(self, M: Tensor, inplace: bool = False) -> "Boxes3D":
        """Move the boxes by a matrix (4, 4), or one per volume (B, 4, 4)."""
        check_shape(M, "M", "*", 4, 4)
        if M.ndim > 3 or (M.ndim == 3 and M.shape[0] not in (1, len(self._stored.kept))):
            raise ValueError(f"M must be (4, 4) or ({len(self._stored.kept)}, 4, 4), got {tuple(M.shape)}")
        new = self if inplace else copy.copy(self)
        new._stored = self._stored.transformed(M)
        new._mode = self._mode if inplace else "xyzxyz_plus"
        return new

    def transform_boxes_(self, M: Tensor) -> "Boxes3D":
        """Move these boxes by a matrix (4, 4), or one per volume (B, 4, 4)."""
        return self.transform_boxes(M, inplace=True)

    @property
    def data(self) -> Tensor:
        """The vertices, (N, 8, 3) or (B, N, 8, 3), the far ones inside of the box."""
        return self._unbatched(self._stored.inclusive().vertices)

    @property
    def shape(self) -> torch.Size:
        """The shape of `data`."""
        return self._stored.vertices.shape if self._is_batched else self._stored.vertices.shape[1:]

    @property
    def mode(self) -> str:
        """The form in which the boxes came."""
        return self._mode

    @property
    def device(self) -> torch.device:
        """The device of the coordinates."""
        return self._stored.vertices.device

    @property
    def dtype(self) -> torch.dtype:
        """The dtype of the coordinates."""
        return self._stored.vertices.dtype

    def to(self, device: torch.device | None = None, dtype: torch.dtype | None = None) -> "Boxes3D":
        """Move these boxes to a device, and change their dtype."""
        if dtype is not None and not dtype.is_floating_point:
            raise ValueError(f"dtype must be a floating-point one, got {dtype}")
        self._stored = self._stored.map(lambda part: part.to(device)).floats(lambda part: part.to(dtype))
        return self

    def __repr__(self) -> str:
        return f"Boxes3D({self.data}, mode={self._mode!r})"

    def _unbatched(self, values: Tensor) -> Tensor:
        return values if self._is_batched else values[0]
