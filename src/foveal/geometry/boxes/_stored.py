# SPDX-License-Identifier: Apache-2.0
"""Boxes by their vertices, in the form in which they came, so that they leave it unchanged."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from foveal.geometry.bbox.generator import cuboid, rectangle
from foveal.geometry.linalg import transform_points

# The vertices that lie at the far end of each axis.
_FAR = {
    4: ((0, 0), (1, 0), (1, 1), (0, 1)),
    8: ((0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0), (0, 0, 1), (1, 0, 1), (1, 1, 1), (0, 1, 1)),
}


class Stored(NamedTuple):
    """A batch of boxes.

    Args:
        vertices: (B, N, 4, 2), or (B, N, 8, 3) in a volume.
        exclusive: which boxes end one past their last pixel, (B, N); the vertices of the others are pixels themselves.
        kept: which boxes were not filtered out, (B, N).
        sizes: width and height as they were given, (B, N, 2), where they were.
    """

    vertices: Tensor
    exclusive: Tensor
    kept: Tensor
    sizes: Tensor | None = None

    @classmethod
    def of(cls, vertices: Tensor, exclusive: bool = False, sizes: Tensor | None = None) -> "Stored":
        """Store vertices that are all of one form."""
        flags = torch.ones(vertices.shape[:-2], dtype=torch.bool, device=vertices.device)
        return cls(vertices, flags if exclusive else ~flags, flags, sizes)

    @classmethod
    def join(cls, parts: "Sequence[Stored]", dim: int) -> "Stored":
        """Put boxes side by side."""
        sizes = [part.sizes for part in parts if part.sizes is not None]
        return cls(
            *(torch.cat([part[place] for part in parts], dim=dim) for place in range(3)),  # pyright: ignore
            sizes=torch.cat(sizes, dim=dim) if len(sizes) == len(parts) else None,
        )

    def map(self, function: Callable[[Tensor], Tensor]) -> "Stored":
        """Apply a function to every tensor: an index, a device."""
        sizes = None if self.sizes is None else function(self.sizes)
        return Stored(function(self.vertices), function(self.exclusive), function(self.kept), sizes)

    def floats(self, function: Callable[[Tensor], Tensor]) -> "Stored":
        """Apply a function to the coordinates alone."""
        sizes = None if self.sizes is None else function(self.sizes)
        return self._replace(vertices=function(self.vertices), sizes=sizes)

    def inclusive(self) -> "Stored":
        """Return the boxes by the pixels at their vertices, which transforms move.

        A box with a side shorter than a pixel has no pixel at its far side: it keeps its corners as they are.
        """
        far = self.vertices.new_tensor(_FAR[self.vertices.shape[-2]])
        sides = self.vertices.amax(dim=-2) - self.vertices.amin(dim=-2)
        # Sides of one pixel that were rounded down are no short ones.
        short = self.exclusive & (sides < 1 - 1e-3).any(dim=-1)
        closed = (self.exclusive & ~short)[..., None, None]
        return Stored(torch.where(closed, self.vertices - far, self.vertices), short, self.kept)

    def bounds(self, plus: bool) -> tuple[Tensor, Tensor]:
        """Return the first and last corner of the boxes along the axes, the last one `plus` a pixel's width, or not."""
        start, end = self.vertices.amin(dim=-2), self.vertices.amax(dim=-2)
        exclusive = self.exclusive[..., None]
        end = torch.where(exclusive, end - 1, end) if plus else torch.where(exclusive, end, end + 1)
        return self.visible(start), self.visible(end)

    def extents(self) -> Tensor:
        """Return how many pixels the boxes cover along each axis."""
        start, end = self.bounds(plus=False)
        return end - start if self.sizes is None else self.visible(self.sizes)

    def box_vertices(self, plus: bool) -> Tensor:
        """Return the vertices of the boxes along the axes that hold these."""
        start, end = self.bounds(plus)
        make = rectangle if start.shape[-1] == 2 else cuboid
        return make(*start.unbind(dim=-1), *end.unbind(dim=-1))

    def visible(self, values: Tensor) -> Tensor:
        """Return values with zeros in place of those of boxes that were filtered out."""
        kept = self.kept.view(*self.kept.shape, *(1,) * (values.ndim - self.kept.ndim))
        return torch.where(kept, values, 0)

    def transformed(self, matrix: Tensor) -> "Stored":
        """Move the vertices by matrices, one or one a batch item."""
        boxes = self.inclusive()
        points = boxes.vertices.flatten(1, 2)
        return boxes._replace(vertices=transform_points(matrix, points).view(boxes.vertices.shape))

    def masks(self, size: Sequence[int]) -> Tensor:
        """Return what the boxes cover of an image of this size (depth, height, width), in their dtype."""
        start, end = (corner.detach() for corner in self.bounds(plus=False))
        axes = []
        for axis, side in enumerate(reversed(size)):
            # Counted in float32 at least: float16 has no odd numbers beyond 2048.
            exact = torch.promote_types(start.dtype, torch.float32)
            first, last = (corner[..., axis, None].to(exact).clamp(0, side).round() for corner in (start, end))
            pixels = torch.arange(side, device=start.device, dtype=exact)
            axes.append(((pixels >= first) & (pixels < last)).to(start.dtype))
        mask = axes[-1]
        for axis in reversed(axes[:-1]):
            mask = mask[..., None] * axis.view(*axis.shape[:2], *(1,) * (mask.ndim - 2), axis.shape[-1])
        return mask
