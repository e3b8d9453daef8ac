# SPDX-License-Identifier: Apache-2.0
"""CPU kernel of the pixels that hang together with seeds: a flood along a stack.

A pixel of a map is 0 (none), 1 (in the mask) or 2 (reached); the map has a frame of one pixel of zeros, so that no
neighbour lies outside.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from foveal.kernels._kernel import kernel
from foveal.kernels.cpu._array import as_array, empty
from foveal.kernels.cpu._compile import compile_kernel
from foveal.kernels.cpu._parallel import parallel_for

u8 = np.uint8
NONE, WEAK, REACHED = u8(0), u8(1), u8(2)


def _accepts(seeds: Tensor, mask: Tensor) -> bool:
    return seeds.dtype is mask.dtype is torch.bool and seeds.ndim == 3 and seeds.shape == mask.shape


def _examples() -> Iterator[tuple[Any, ...]]:
    yield torch.ones(1, 3, 3, dtype=torch.bool), torch.ones(1, 3, 3, dtype=torch.bool)


@kernel(accepts=_accepts, examples=_examples)
def connected_to(seeds: Tensor, mask: Tensor) -> Tensor:
    """Flood every mask from its seeds."""
    result = empty(*mask.shape, dtype=torch.bool)
    parallel_for(
        _connected, mask.shape[0], as_array(seeds), as_array(mask), result.numpy(), work=mask.numel()
    )  # fmt: skip
    return result


@compile_kernel
def _connected(start, stop, seeds, mask, result):
    height, width = mask.shape[1:]
    flags = np.zeros((height + 2, width + 2), u8)
    for index in range(start, stop):
        for i in range(height):
            row, on, seed = flags[i + 1, 1 : width + 1], mask[index, i], seeds[index, i]
            for j in range(width):
                row[j] = (WEAK if on[j] else NONE) + (WEAK if seed[j] else NONE)
        flood(flags)
        for i in range(height):
            row, out = flags[i + 1, 1 : width + 1], result[index, i]
            for j in range(width):
                out[j] = row[j] == REACHED


@compile_kernel
def flood(flags):
    """Turn every WEAK pixel that hangs together with a REACHED one into REACHED; the frame is NONE."""
    height, width = flags.shape
    flat = flags.reshape(-1)
    stack = np.empty(1024, np.int64)
    for i in range(1, height - 1):
        row = flags[i, 1 : width - 1]
        if not _has_weak(row):
            continue
        for j in range(row.shape[0]):
            place = i * width + j + 1
            if flat[place] != WEAK or not _touches_reached(flat, place, width):
                continue
            flat[place] = REACHED
            stack[0] = place
            depth = 1
            while depth > 0:
                depth -= 1
                here = stack[depth]
                if depth + 8 > stack.shape[0]:
                    larger = np.empty(2 * stack.shape[0], np.int64)
                    larger[: stack.shape[0]] = stack
                    stack = larger
                for k in range(9):
                    neighbour = here + (k // 3 - 1) * width + k % 3 - 1
                    if flat[neighbour] == WEAK:
                        flat[neighbour] = REACHED
                        stack[depth] = neighbour
                        depth += 1


@compile_kernel
def _has_weak(row):
    found = u8(0)
    for j in range(row.shape[0]):
        found |= row[j] & WEAK
    return found != 0


@compile_kernel(inline="always")
def _touches_reached(flat, place, width):
    above, below = place - width, place + width
    return (
        (flat[above - 1] | flat[above] | flat[above + 1] | flat[place - 1] | flat[place + 1])
        | (flat[below - 1] | flat[below] | flat[below + 1])
    ) & REACHED != 0
