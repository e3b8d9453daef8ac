# SPDX-License-Identifier: Apache-2.0
"""Connected pixels, found in a number of steps that depends on the size of an image alone.

Boruvka's algorithm: every component joins a neighbour along its first edge to one, which at least halves their number;
chains of such joins are then shortened by pointer jumping. So nothing is read back, and the whole is one graph.
"""

import math

import torch
from jaxtyping import Bool
from torch import Tensor
from torch.nn.functional import pad

from foveal._op import op


@op
def connected_to(
    seeds: Bool[Tensor, "batch height width"], mask: Bool[Tensor, "batch height width"]
) -> Bool[Tensor, "batch height width"]:
    """Return the pixels of masks (B, H, W) that hang together with seeds, over any of the eight neighbours.

    Args:
        seeds: booleans, (B, H, W), all of them in the mask.
        mask: booleans, (B, H, W).
    """
    if mask.numel() == 0:
        return mask
    labels = _labels(mask)
    reached = torch.zeros_like(labels).scatter_reduce(1, labels, seeds.flatten(1).long(), "amax")
    return (reached.gather(1, labels) > 0).view(mask.shape) & mask


def _labels(mask: Tensor) -> Tensor:
    """Number each pixel by one of its component, (B, H W)."""
    height, width = mask.shape[1:]
    pixels = torch.arange(height * width, device=mask.device)
    # Runs of a row are components to begin with, each numbered by its first pixel.
    starts = mask & ~pad(mask[:, :, :-1], (1, 0))
    runs = torch.where(starts, pixels.view(height, width), 0).cummax(-1).values
    labels = torch.where(mask, runs, pixels.view(height, width)).flatten(1)
    components = height * ((width + 1) // 2)
    for step in range(_halvings(components) if height > 1 else 0):
        labels = _joined(labels, mask, _halvings(components >> step))
    return labels


def _joined(labels: Tensor, mask: Tensor, jumps: int) -> Tensor:
    """Join every component with a neighbour."""
    height, width = mask.shape[1:]
    count = height * width
    upper, lower = labels.view(mask.shape)[:, :-1], labels.view(mask.shape)[:, 1:]
    # Edge 3 p + k leads from pixel p to the row below, k - 1 columns to the right.
    none = 3 * count
    first = torch.full_like(labels, none)
    numbers = 3 * torch.arange(count - width, device=mask.device).view(height - 1, width)
    for k in range(3):
        left, right = max(1 - k, 0), min(width + 1 - k, width)
        above, below = (slice(None), slice(None), slice(left, right)), (..., slice(left + k - 1, right + k - 1))
        there = mask[:, :-1][above] & mask[:, 1:][below] & (upper[above] != lower[below])
        edges = torch.where(there, (numbers + k)[:, left:right], none).flatten(1)
        for ends in (upper[above], lower[below]):
            first = first.scatter_reduce(1, ends.flatten(1), edges, "amin")
    pixels = torch.arange(count, device=mask.device)
    edge = first.clamp(max=none - 1)
    one = labels.gather(1, edge // 3)
    other = labels.gather(1, (edge // 3 + width + edge % 3 - 1).clamp(0, count - 1))
    parent = torch.where(first < none, torch.where(one == pixels, other, one), pixels)
    # Two components may choose the same edge: the one of the lower number stays.
    parent = torch.where((parent.gather(1, parent) == pixels) & (pixels < parent), pixels, parent)
    for _ in range(jumps):
        parent = parent.gather(1, parent)
    return parent.gather(1, labels)


def _halvings(count: int) -> int:
    return math.ceil(math.log2(count)) if count > 1 else 0
