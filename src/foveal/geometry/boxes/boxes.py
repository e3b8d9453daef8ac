# SPDX-License-Identifier: Apache-2.0
"""Boxes of images as one object."""

import copy
from collections.abc import Sequence
from typing import Any, Self

import torch
from torch import Tensor

from foveal._check import check_count, check_option, check_shape
from foveal.geometry.boxes._area import polygon_area
from foveal.geometry.boxes._forms import MODES, as_floats, check_boxes, check_mode, export, parse
from foveal.geometry.boxes._packing import pack, real, row, unpack
from foveal.geometry.boxes._stored import Stored


class Boxes:
    """Boxes of one image, or of a batch of images.

    Args:
        boxes: vertices (x, y) top-left, top-right, bottom-right, bottom-left of each box, (N, 4, 2) or (B, N, 4, 2), or
            a list of (N, 4, 2), one per image. Taken as they are, with the far vertices inside of the box.
        raise_if_not_floating_point: raise for integers; else they become float32.
        mode: the form that `to_tensor` gives by default.

    Raises:
        TypeError: `boxes` is neither a tensor nor a list of tensors.
        ValueError: another shape, or integers.

    Convention: pixel centres are on integers. "xyxy", "xywh" and "vertices" end one past the last pixel, "xyxy_plus"
    and "vertices_plus" at it. Boxes leave in the form in which they came without a rounding. A transform moves the
    pixels at the vertices; a box with a side under one pixel (normalized coordinates) has none, and its corners move.

    >>> boxes = Boxes.from_tensor(torch.tensor([[0.0, 3.0, 2.0, 4.0]]), mode="xyxy")
    >>> boxes.to_tensor("xyxy_plus")
    tensor([[0., 3., 1., 3.]])
    """

    def __init__(
        self, boxes: Tensor | list[Tensor], raise_if_not_floating_point: bool = True, mode: str = "vertices_plus"
    ) -> None:
        members = boxes if isinstance(boxes, list) else [boxes]
        if not members or not all(isinstance(member, Tensor) for member in members):
            raise TypeError(f"boxes must be a torch.Tensor or a list of them, got {type(boxes).__name__}")
        if not all(member.is_floating_point() for member in members):
            if raise_if_not_floating_point:
                raise ValueError(f"boxes must have a floating-point dtype, got {members[0].dtype}")
            members = [member.float() for member in members]
        for member in members:
            check_boxes(member, (4, 2))
        self._padding: list[int] | None = None
        self._is_batched = isinstance(boxes, list) or members[0].ndim == 4
        self._mode = mode
        if isinstance(boxes, list):
            self._stored, self._padding = pack([Stored.of(member[None]) for member in members])
        else:
            self._stored = Stored.of(members[0] if self._is_batched else members[0][None])

    @classmethod
    def from_tensor(cls, boxes: Tensor | list[Any], mode: str = "xyxy", validate_boxes: bool = True) -> "Boxes":
        """Make boxes from one of their forms.

        Args:
            boxes: (N, 4), (B, N, 4), or (N, 4, 2), (B, N, 4, 2) for vertices; a list of tensors (N, ...), one per
                image; or nested numbers. Integers become floats.
            mode: "xyxy" (left, top, right, bottom), "xywh" (left, top, width, height), "xyxy_plus", "vertices",
                "vertices_plus".
            validate_boxes: refuse coordinates that are not finite and, vertices apart, sides that are not positive.
                Reads values; not while compiling.
        """
        form = check_mode(mode, MODES)
        new = cls.__new__(cls)
        new._mode, new._padding = mode, None
        if isinstance(boxes, list) and boxes and isinstance(boxes[0], Tensor):
            parts = [parse(as_floats(member), form, validate_boxes) for member in boxes]
            if any(batched for _, batched in parts):
                raise ValueError("boxes must be a list of one tensor (N, ...) per image, got a batch in it")
            new._stored, new._padding = pack([stored for stored, _ in parts])
            new._is_batched = True
        else:
            new._stored, new._is_batched = parse(as_floats(boxes), form, validate_boxes)
        return new

    def to_tensor(self, mode: str | None = None, as_padded_sequence: bool = False) -> Tensor | list[Tensor]:
        """Return the boxes along the axes that hold these, in one of the forms of `from_tensor`.

        Args:
            mode: the form, by default that in which they came.
            as_padded_sequence: return one tensor for boxes that came as a list, padded by boxes of one pixel; else a
                list.
        """
        form = check_mode(self._mode if mode is None else mode, MODES)
        if self._padding is not None and not as_padded_sequence:
            return [export(image, form)[0] for image in unpack(self._stored, self._padding)]
        return self._unbatched(export(self._stored, form))

    def get_boxes_shape(self) -> tuple[Tensor, Tensor]:
        """Return the rows and columns that the boxes cover, (N,) or (B, N) each."""
        widths, heights = self._unbatched(self._stored.extents()).unbind(dim=-1)
        return heights, widths

    def to_mask(self, height: int, width: int) -> Tensor:
        """Return masks (N, H, W) or (B, N, H, W), one from the rounded left and top to the rounded right and bottom.

        They have the dtype of the boxes and no gradient. Padding gives empty masks.
        """
        check_count(height, "height")
        check_count(width, "width")
        present = real(self._stored, self._padding)[..., None, None]
        return self._unbatched(torch.where(present, self._stored.masks((height, width)), 0))

    def compute_area(self) -> Tensor:
        """Return the areas of the polygons through `data`, (N,) or (B, N): (width - 1) * (height - 1) of pixels."""
        return self._unbatched(self._stored.visible(polygon_area(self._stored.inclusive().vertices)))

    def filter_boxes_by_area(
        self, min_area: float | None = None, max_area: float | None = None, inplace: bool = False
    ) -> "Boxes":
        """Turn boxes into zeros whose `compute_area` is less than `min_area` or more than `max_area`, for good."""
        area = polygon_area(self._stored.inclusive().vertices)
        kept = self._stored.kept
        kept = kept if min_area is None else kept & (area >= min_area)
        kept = kept if max_area is None else kept & (area <= max_area)
        return self._updated(self._stored._replace(kept=kept), inplace)

    def transform_boxes(self, M: Tensor, inplace: bool = False) -> "Boxes":
        """Move the boxes by a matrix (3, 3), or one per image (B, 3, 3)."""
        check_shape(M, "M", "*", 3, 3)
        if M.ndim > 3 or (M.ndim == 3 and M.shape[0] not in (1, len(self._stored.kept))):
            raise ValueError(f"M must be (3, 3) or ({len(self._stored.kept)}, 3, 3), got {tuple(M.shape)}")
        return self._updated(self._stored.transformed(M), inplace)

    def transform_boxes_(self, M: Tensor) -> "Boxes":
        """Move these boxes by a matrix (3, 3), or one per image (B, 3, 3)."""
        return self.transform_boxes(M, inplace=True)

    def translate(self, size: Tensor, method: str = "warp", inplace: bool = False) -> "Boxes":
        """Move the boxes by (x, y), (B, 2) or (1, 2). The methods, "warp" and "fast", are the same addition."""
        check_option(method, "method", ("warp", "fast"))
        return self._shifted(self._per_image(size, "size", 2), inplace)

    def pad(self, padding_size: Tensor) -> "Boxes":
        """Move these boxes into an image that is padded by (left, right, top, bottom), (B, 4) or (1, 4)."""
        return self._shifted(self._per_image(padding_size, "padding_size", 4)[:, [0, 2]], inplace=True)

    def unpad(self, padding_size: Tensor) -> "Boxes":
        """Move these boxes out of an image that is padded by (left, right, top, bottom), (B, 4) or (1, 4)."""
        return self._shifted(-self._per_image(padding_size, "padding_size", 4)[:, [0, 2]], inplace=True)

    def clamp(
        self,
        topleft: Tensor | tuple[float, float] | None = None,
        botright: Tensor | tuple[float, float] | None = None,
        inplace: bool = False,
    ) -> "Boxes":
        """Move each vertex of `data` between two points (x, y), (B, 2), (1, 2) or one for all; `None` sets no bound."""
        boxes = self._stored.inclusive()
        vertices = boxes.vertices
        for bound, name, limit in ((topleft, "topleft", torch.maximum), (botright, "botright", torch.minimum)):
            if bound is not None:
                point = bound if isinstance(bound, Tensor) else vertices.new_tensor([bound])
                vertices = limit(vertices, self._per_image(point, name, 2)[:, None, None].to(vertices.dtype))
        return self._updated(boxes._replace(vertices=vertices), inplace)

    def merge(self, boxes: "Boxes", inplace: bool = False) -> "Boxes":
        """Put the boxes of each image behind these, (B, N + M, 4, 2)."""
        if boxes._is_batched != self._is_batched or len(boxes._stored.kept) != len(self._stored.kept):
            raise ValueError(f"boxes must have the batch of these, {tuple(self.shape)}, got {tuple(boxes.shape)}")
        if self._padding is None and boxes._padding is None:
            return self._updated(Stored.join([self._stored, boxes._stored], dim=1), inplace)
        images = zip(unpack(self._stored, self._padding), unpack(boxes._stored, boxes._padding), strict=True)
        count = self.shape[1] + boxes.shape[1]
        stored, padding = pack([Stored.join(pair, dim=1) for pair in images], count)
        return self._updated(stored, inplace, padding)

    def trim(self, correspondence_preserve: bool = False, inplace: bool = False) -> "Boxes":
        """Take out boxes that are padding or were filtered out.

        Args:
            correspondence_preserve: take out only places that are empty in every image, so that boxes at one place stay
                at one place; else the boxes of each image move to its front, and what is still empty follows as zeros.
            inplace: change these boxes.
        """
        present = real(self._stored, self._padding) & self._stored.kept
        stored = self._stored._replace(kept=present)
        order = present.any(dim=0).nonzero()[:, 0]
        if not correspondence_preserve:
            places = (~present).int().argsort(dim=1, stable=True)[:, : int(present.sum(dim=1).max())]
            images = torch.arange(len(present), device=present.device)[:, None]
            return self._updated(stored.map(lambda part: part[images, places]), inplace, None)
        return self._updated(stored.map(lambda part: part[:, order]), inplace, None)

    def index_put(self, indices: Sequence[Tensor], values: "Tensor | Boxes", inplace: bool = False) -> "Boxes":
        """Write vertices of `data`, or boxes, to the places that `indices` give, as `torch.Tensor.index_put`."""
        boxes, places = self._stored.inclusive(), tuple(indices)

        def put(target: Tensor, source: Tensor) -> Tensor:
            view = target if self._is_batched else target[0]
            written = view.index_put(places, source.to(target.dtype))
            return written if self._is_batched else written[None]

        if isinstance(values, Tensor):
            return self._updated(boxes._replace(vertices=put(boxes.vertices, values)), inplace)
        other = values._stored.inclusive().map(values._unbatched)
        return self._updated(Stored(*(put(a, b) for a, b in zip(boxes[:3], other[:3], strict=True))), inplace)

    def __getitem__(self, key: "slice | int | Tensor") -> "Boxes":
        """Return the images, or the boxes of the one image, that an index selects."""
        new = copy.copy(self)
        if isinstance(key, int) or (isinstance(key, Tensor) and key.ndim == 0 and key.dtype is not torch.bool):
            number = range(self.shape[0])[int(key)]
            if not self._is_batched:
                return self._updated(self._stored.map(lambda part: part[:, number : number + 1]), False)
            new._stored = row(self._stored, number, self._padding[number] if self._padding else 0)
            new._is_batched, new._padding = False, None
        elif self._is_batched:
            new._stored = self._stored.map(lambda part: part[key])
            new._padding = None if self._padding is None else torch.tensor(self._padding)[key].tolist()
        else:
            new._stored = self._stored.map(lambda part: part[0][key][None])
        return new

    def __setitem__(self, key: "slice | int | Tensor", value: "Boxes") -> None:
        """Write boxes to the images, or to the boxes of the one image, that an index selects."""
        mine, yours = self._stored.inclusive(), value._stored.inclusive()
        parts = []
        for target, source in zip(mine[:3], yours[:3], strict=True):
            target = target.clone()
            view = target if self._is_batched else target[0]
            view[key] = (source if value._is_batched else source[0]).to(target.dtype)
            parts.append(target)
        self._stored = Stored(*parts)

    @property
    def data(self) -> Tensor:
        """The vertices that a transform moves, (N, 4, 2) or (B, N, 4, 2), the far ones inside of the box."""
        boxes = self._stored.inclusive()
        return self._unbatched(boxes.visible(boxes.vertices))

    @property
    def shape(self) -> torch.Size:
        """The shape of `data`."""
        return self._stored.vertices.shape if self._is_batched else self._stored.vertices.shape[1:]

    @property
    def mode(self) -> str:
        """The form that `to_tensor` gives by default."""
        return self._mode

    @property
    def device(self) -> torch.device:
        """The device of the coordinates."""
        return self._stored.vertices.device

    @property
    def dtype(self) -> torch.dtype:
        """The dtype of the coordinates."""
        return self._stored.vertices.dtype

    def to(self, device: torch.device | None = None, dtype: torch.dtype | None = None) -> "Boxes":
        """Move these boxes to a device, and change their dtype."""
        if dtype is not None and not dtype.is_floating_point:
            raise ValueError(f"dtype must be a floating-point one, got {dtype}")
        self._stored = self._stored.map(lambda part: part.to(device)).floats(lambda part: part.to(dtype))
        return self

    def type(self, dtype: torch.dtype) -> "Boxes":
        """Change the dtype of these boxes."""
        return self.to(dtype=dtype)

    def clone(self) -> Self:
        """Return a copy that shares no memory."""
        new = copy.copy(self)
        new._stored = self._stored.map(torch.clone)
        return new

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.data}, mode={self._mode!r})"

    def _unbatched(self, values: Tensor) -> Tensor:
        return values if self._is_batched else values[0]

    def _updated(self, stored: Stored, inplace: bool, padding: Any = ()) -> Self:
        new = self if inplace else copy.copy(self)
        new._stored = stored
        new._padding = new._padding if padding == () else padding
        return new

    def _per_image(self, value: Tensor, name: str, length: int) -> Tensor:
        check_shape(value, name, "B", length)
        if len(value) not in (1, len(self._stored.kept)):
            raise ValueError(f"{name} must have 1 or {len(self._stored.kept)} rows, got {len(value)}")
        return value

    def _shifted(self, shift: Tensor, inplace: bool) -> Self:
        vertices = self._stored.vertices + shift[:, None, None].to(self.dtype)
        return self._updated(self._stored._replace(vertices=vertices), inplace)
