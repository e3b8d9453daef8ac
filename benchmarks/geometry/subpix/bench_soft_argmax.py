# SPDX-License-Identifier: Apache-2.0
import kornia.geometry.subpix as kornia
import torch

from benchmarks.calls import forward, forward_backward
from benchmarks.race import Race
from foveal.geometry.subpix import spatial_soft_argmax2d

RACES = []
for side in (16, 32, 64, 128, 256, 512):
    maps = torch.randn(8, 17, side, side)
    for way, time in (("", forward), (" +backward", forward_backward)):
        RACES.append(
            Race(
                name=f"spatial_soft_argmax2d{way}",
                size=f"8x17x{side}x{side}",
                foveal=time(spatial_soft_argmax2d, maps),
                peers={
                    "kornia": time(kornia.spatial_soft_argmax2d, maps),
                    "torch": time(spatial_soft_argmax2d.reference, maps),
                },
                goal={"kornia": 1.0, "torch": 1.0},
                bytes_moved=maps.nbytes * (1 if time is forward else 3),
            )
        )
