# SPDX-License-Identifier: Apache-2.0
import torch
from torch import Tensor

from benchmarks.calls import forward
from benchmarks.race import Race
from foveal.peaks import refine_peaks_local_direction


def plain(maps: Tensor, peaks: Tensor, delta: float) -> Tensor:
    """Index the four neighbours in a padded copy of the maps."""
    padded = torch.nn.functional.pad(maps, [1] * 4)
    sample, row, column, channel = peaks.unbind(dim=-1)
    dy = padded[sample, channel, row + 2, column + 1] - padded[sample, channel, row, column + 1]
    dx = padded[sample, channel, row + 1, column + 2] - padded[sample, channel, row + 1, column]
    zero = torch.zeros_like(dx)
    return peaks + delta * torch.stack([zero, dy.sign(), dx.sign(), zero], dim=-1)


RACES = []
for side in (64, 256):
    maps = torch.rand(8, 17, side, side)
    peaks = torch.stack([torch.randint(0, size, (1000,)) for size in (8, side, side, 17)], dim=-1)
    RACES.append(
        Race(
            name="refine_peaks_local_direction",
            size=f"1000 of 8x17x{side}x{side}",
            foveal=forward(refine_peaks_local_direction, maps, peaks, 0.25),
            peers={"torch": forward(plain, maps, peaks, 0.25)},
            bytes_moved=1000 * (4 * 4 + 4 * 8 + 4 * 4),
        )
    )
