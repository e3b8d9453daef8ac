# SPDX-License-Identifier: Apache-2.0
import torch
from torch import Tensor

from benchmarks.calls import forward, forward_backward
from benchmarks.race import Race
from foveal.peaks import average_flipped_maps

# Nose, then pairs of left and right joints, as in COCO.
SWAP = torch.tensor([0, *(twin for left in range(1, 17, 2) for twin in (left + 1, left))])


def plain(maps: Tensor, flipped_maps: Tensor, swap: Tensor) -> Tensor:
    return (maps + flipped_maps[:, swap].flip(-1)) / 2


RACES = []
for side in (64, 128):
    maps, flipped_maps = torch.rand(2, 8, 17, side, side)
    for way, time in (("", forward), (" +backward", forward_backward)):
        RACES.append(
            Race(
                name=f"average_flipped_maps{way}",
                size=f"8x17x{side}x{side}",
                foveal=time(average_flipped_maps, maps, flipped_maps, SWAP),
                peers={"torch": time(plain, maps, flipped_maps, SWAP)},
                bytes_moved=maps.nbytes * (3 if time is forward else 6),
            )
        )
