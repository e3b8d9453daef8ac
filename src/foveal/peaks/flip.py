# SPDX-License-Identifier: Apache-2.0
"""Test-time flipping: maps of a mirrored image laid over those of the image itself."""

import math
from collections.abc import Sequence

import torch
from jaxtyping import Float, Integer
from torch import Tensor

from foveal._check import check_floating, check_integer, check_same_shape, check_shape
from foveal._op import op

Swap = Integer[Tensor, " channels"] | Sequence[int] | Sequence[tuple[int, int]]


@op
def flip_maps(
    maps: Float[Tensor, "samples channels height width"], swap: Swap, *, shift: float = 0.0
) -> Float[Tensor, "samples channels height width"]:
    """Mirror maps left to right and exchange the channels of left and right joints.

    Args:
        maps: (samples, channels, height, width).
        swap: the mirror twin of each channel, (channels,), such as [0, 2, 1] for nose, left eye and right eye; or a
            list of the pairs alone, such as [(1, 2)].
        shift: columns by which the mirrored maps are moved to the right, bilinearly, the outer column repeated. Maps
            whose cell j stands for the input pixel j * stride need (stride - 1) / stride, else their peaks are
            displaced by stride - 1 input pixels; maps of cell centres need none.

    Returns:
        Maps of the same shape, pixel x of which is pixel width - 1 - x of the input where `shift` is 0.

    Raises:
        TypeError: `maps` is not a floating-point tensor, or `swap` is a tensor of another than an integer dtype.
        ValueError: `maps` has not four dimensions, or `swap` names a channel twice or one that is not there.

    Convention: pixel centres are on integers. Flipping twice with a `swap` of pairs gives back the input.

    >>> flip_maps(torch.tensor([[[[1.0, 2.0, 3.0]], [[4.0, 5.0, 6.0]]]]), [(0, 1)])
    tensor([[[[6., 5., 4.]],
             [[3., 2., 1.]]]])

    Source: Huang et al. 2020, "The devil is in the details: delving into unbiased data processing for human pose
    estimation" (the shift).
    """
    check_floating(maps, "maps")
    check_shape(maps, "maps", "samples", "channels", "height", "width")
    maps = maps.index_select(1, channel_index(swap, maps)).flip(-1)
    if shift == 0:
        return maps
    whole, part = math.floor(shift), shift - math.floor(shift)
    columns = torch.arange(maps.shape[-1], device=maps.device) - whole
    right = maps.index_select(-1, columns.clamp(0, max(maps.shape[-1] - 1, 0)))
    left = maps.index_select(-1, (columns - 1).clamp(0, max(maps.shape[-1] - 1, 0)))
    return right * (1 - part) + left * part


@op
def average_flipped_maps(
    maps: Float[Tensor, "samples channels height width"],
    flipped_maps: Float[Tensor, "samples channels height width"],
    swap: Swap,
    *,
    shift: float = 0.0,
) -> Float[Tensor, "samples channels height width"]:
    """Average the maps of images with those of their mirror images, brought back by `flip_maps`.

    Args:
        maps: maps of the images, (samples, channels, height, width).
        flipped_maps: maps of the same images mirrored left to right.
        swap: the mirror twin of each channel, or pairs of channels, as in `flip_maps`.
        shift: columns by which the mirrored maps are moved to the right, as in `flip_maps`.

    Returns:
        The mean, of the same shape.

    Raises:
        TypeError: maps are not floating-point tensors, or `swap` is a tensor of another than an integer dtype.
        ValueError: the maps do not have one shape of four dimensions, or `swap` is not one index per channel.

    Convention: pixel x of a map of width W meets pixel W - 1 - x of its mirror image.

    >>> maps = torch.tensor([[[[1.0, 0.0, 0.0]], [[0.0, 0.0, 1.0]]]])
    >>> average_flipped_maps(maps, maps, [(0, 1)])
    tensor([[[[1., 0., 0.]],
             [[0., 0., 1.]]]])
    """
    check_floating(maps, "maps")
    check_shape(maps, "maps", "samples", "channels", "height", "width")
    check_floating(flipped_maps, "flipped_maps")
    check_same_shape(flipped_maps, "flipped_maps", maps)
    return (maps + flip_maps.reference(flipped_maps, swap, shift=shift)) / 2


def channel_index(swap: Swap, maps: Tensor) -> Tensor:
    """Return the twin of each channel, (channels,)."""
    channels = maps.shape[1]
    if isinstance(swap, Tensor):
        check_integer(swap, "swap")
        check_shape(swap, "swap", channels)
        return swap.to(maps.device, torch.int64)
    pairs = [(channel, entry) if isinstance(entry, int) else entry for channel, entry in enumerate(swap)]
    twins = dict(pairs) | {other: one for one, other in pairs}
    index = [twins.pop(channel, channel) for channel in range(channels)]
    if twins or any(index[twin] != channel for channel, twin in enumerate(index)):
        raise ValueError(f"swap must pair different ones of {channels} channels, got {list(swap)}")
    return torch.tensor(index, device=maps.device, dtype=torch.int64)
