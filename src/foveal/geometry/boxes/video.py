# SPDX-License-Identifier: Apache-2.0
"""Boxes of videos."""

from typing import Any

import torch
from torch import Tensor

from foveal.geometry.boxes._forms import as_floats
from foveal.geometry.boxes._stored import Stored
from foveal.geometry.boxes.boxes import Boxes


class VideoBoxes(Boxes):
    """Boxes of a batch of videos: `Boxes` of all frames, given and taken with a dimension for time.

    See `Boxes` for the arguments and the convention. Its methods take one matrix, or row, per frame, (B * T, ...).

    >>> VideoBoxes.from_tensor(torch.zeros(2, 3, 5, 4, 2)).to_tensor("xyxy").shape
    torch.Size([2, 3, 5, 4])
    """

    temporal_channel_size: int = 1
    """Frames of each video."""

    @classmethod
    def from_tensor(  # pyright: ignore[reportIncompatibleMethodOverride]
        cls, boxes: Tensor | list[Tensor], validate_boxes: bool = True
    ) -> "VideoBoxes":
        """Make boxes from their vertices, the far ones inside of the box.

        Args:
            boxes: vertices (B, T, N, 4, 2).
            validate_boxes: refuse coordinates that are not finite. Reads values; not while compiling.
        """
        if not isinstance(boxes, Tensor) or boxes.ndim != 5 or boxes.shape[-2:] != (4, 2):
            shape = tuple(boxes.shape) if isinstance(boxes, Tensor) else f"a {type(boxes).__name__}"
            raise ValueError(f"boxes must be a tensor of shape (B, T, N, 4, 2), got {shape}")
        frames = super().from_tensor(as_floats(boxes).flatten(0, 1), "vertices_plus", validate_boxes)
        new: Any = frames
        new.temporal_channel_size = boxes.shape[1]
        return new

    def to_tensor(self, mode: str | None = None, as_padded_sequence: bool = False) -> Tensor:
        """Return the boxes along the axes that hold these, (B, T, N, ...), in one of the forms of `Boxes`."""
        frames = super().to_tensor(mode, as_padded_sequence=True)
        assert isinstance(frames, Tensor)
        return self._by_time(frames)

    def get_boxes_shape(self) -> tuple[Tensor, Tensor]:
        """Return the rows and columns that the boxes cover, (B, T, N) each."""
        heights, widths = super().get_boxes_shape()
        return self._by_time(heights), self._by_time(widths)

    def __getitem__(self, key: "slice | int | Tensor") -> "VideoBoxes":
        """Return the videos that an index selects; one video keeps its dimension."""
        new: VideoBoxes = self._updated(
            self._stored.map(lambda part: self._by_time(part)[_whole(key)].flatten(0, 1)), False
        )
        return new

    def __setitem__(self, key: "slice | int | Tensor", value: Boxes) -> None:
        """Write boxes to the videos that an index selects."""
        mine, yours = self._stored.inclusive(), value._stored.inclusive()
        parts = []
        for target, source in zip(mine[:3], yours[:3], strict=True):
            videos = self._by_time(target).clone()
            videos[_whole(key)] = self._by_time(source).to(target.dtype)
            parts.append(videos.flatten(0, 1))
        self._stored = Stored(*parts)

    def _by_time(self, frames: Tensor) -> Tensor:
        return frames.unflatten(0, (frames.shape[0] // max(self.temporal_channel_size, 1), self.temporal_channel_size))


def _whole(key: "slice | int | Tensor") -> "slice | Tensor":
    """Let an index of one video keep its dimension."""
    if isinstance(key, int) or (isinstance(key, Tensor) and key.ndim == 0 and key.dtype is not torch.bool):
        return torch.as_tensor([int(key)])
    return key
