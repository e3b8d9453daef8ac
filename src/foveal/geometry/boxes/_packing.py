# SPDX-License-Identifier: Apache-2.0
"""Images with different numbers of boxes, as one batch that is padded at its end."""

from collections.abc import Sequence

import torch
from torch import Tensor

from foveal.geometry.boxes._stored import Stored


def pack(images: Sequence[Stored], count: int | None = None) -> tuple[Stored, list[int]]:
    """Join images (1, N, ...) to a batch, each filled up to the longest one or to a count; say as well by how much."""
    full = max(image.kept.shape[1] for image in images) if count is None else count
    padding = [full - image.kept.shape[1] for image in images]
    return Stored.join([_fill(image, missing) for image, missing in zip(images, padding, strict=True)], dim=0), padding


def unpack(stored: Stored, padding: Sequence[int] | None) -> list[Stored]:
    """Return the images of a batch without their padding."""
    counts = padding or [0] * len(stored.kept)
    return [row(stored, number, count) for number, count in enumerate(counts)]


def row(stored: Stored, number: int, padding: int) -> Stored:
    """Return one image of a batch, (1, N, ...), without its padding."""
    count = stored.kept.shape[1] - padding
    return stored.map(lambda part: part[number : number + 1 or None, :count])


def real(stored: Stored, padding: Sequence[int] | None) -> Tensor:
    """Say which boxes are no padding, (B, N)."""
    count = stored.kept.shape[1]
    ends = stored.kept.new_tensor(padding or [0] * len(stored.kept), dtype=torch.int64)
    return torch.arange(count, device=stored.kept.device) < count - ends[:, None]


def _fill(image: Stored, count: int) -> Stored:
    """Add boxes of one pixel, the first one of the image."""

    def extended(part: Tensor, value: float) -> Tensor:
        return torch.cat([part, part.new_full((1, count, *part.shape[2:]), value)], dim=1)

    sizes = None if image.sizes is None else extended(image.sizes, 1)
    return Stored(extended(image.vertices, 0), extended(image.exclusive, 0), extended(image.kept, 1), sizes)
