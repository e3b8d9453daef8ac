# SPDX-License-Identifier: Apache-2.0
"""CPU kernel of the average of maps and mirrored maps: one pass, without the mirrored copies."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from foveal.kernels._kernel import kernel
from foveal.kernels.cpu._array import as_array, empty
from foveal.kernels.cpu._compile import compile_kernel
from foveal.kernels.cpu._parallel import parallel_for
from foveal.peaks.flip import channel_index

f32 = np.float32
INTEGERS = (torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8)


def _accepts(maps: Tensor, flipped_maps: Tensor, swap: Any, shift: Any) -> bool:
    return (
        maps.dtype is torch.float32
        and maps.ndim == 4
        and 0 not in maps.shape
        and isinstance(flipped_maps, Tensor)
        and flipped_maps.dtype is torch.float32
        and flipped_maps.shape == maps.shape
        and (not isinstance(swap, Tensor) or (swap.dtype in INTEGERS and swap.shape == maps.shape[1:2]))
        and isinstance(shift, float | int)
        and shift == 0
    )


def _examples() -> Iterator[tuple[Any, ...]]:
    yield torch.zeros(1, 1, 4, 4), torch.zeros(1, 1, 4, 4), [(0, 0)], 0.0


def _adjoint(
    needs: tuple[bool, ...],
    gradients: tuple[Tensor, ...],
    outputs: tuple[Tensor, ...],
    maps: Tensor,
    flipped_maps: Tensor,
    swap: Any,
    shift: float,
) -> tuple[Tensor | None, ...]:
    half = gradients[0] / 2
    mirrored = None
    if needs[1]:
        mirrored = torch.zeros_like(half).index_add_(1, channel_index(swap, maps), half.flip(-1))
    return half if needs[0] else None, mirrored, None, None


@kernel(accepts=_accepts, adjoint=_adjoint, examples=_examples, keep_outputs=False)
def average_flipped_maps(maps: Tensor, flipped_maps: Tensor, swap: Any, shift: float) -> Tensor:
    """Half the sum of each row and the reversed row of its twin channel."""
    twins = as_array(channel_index(swap, maps))
    if twins.min() < 0 or twins.max() >= len(twins):
        raise IndexError(f"swap must name channels from 0 to {len(twins) - 1}, got {twins.tolist()}")
    result = empty(*maps.shape)
    parallel_for(
        _average, maps.shape[0] * maps.shape[1], as_array(maps), as_array(flipped_maps), twins, result.numpy(),
        work=maps.numel(),
    )  # fmt: skip
    return result


@compile_kernel
def _average(start, stop, maps, flipped_maps, twins, result):
    channels, last = maps.shape[1], np.uintp(maps.shape[3] - 1)
    for index in range(start, stop):
        sample, channel = index // channels, index % channels
        plane, target = maps[sample, channel], result[sample, channel]
        mirrored = flipped_maps[sample, twins[channel]]
        for i in range(maps.shape[2]):
            row, other, out = plane[i], mirrored[i], target[i]
            for j in range(row.shape[0]):
                # An unsigned index cannot count from the end, and so keeps the loop a vector loop.
                out[j] = (row[j] + other[last - np.uintp(j)]) * f32(0.5)
