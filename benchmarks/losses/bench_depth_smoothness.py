# SPDX-License-Identifier: Apache-2.0
import kornia.losses
import torch

from benchmarks.calls import forward, forward_backward
from benchmarks.race import Race
from foveal import losses

NAME = "inverse_depth_smoothness_loss"

RACES = []
for size in ((8, 256, 256), (1, 1080, 1920), (1, 32, 32)):
    batch, *space = size
    idepth, image = torch.rand(batch, 1, *space), torch.rand(batch, 3, *space)
    for way, time in (("", forward), (" +backward", forward_backward)):
        RACES.append(
            Race(
                name=f"{NAME}{way}",
                size="x".join(map(str, image.shape)),
                foveal=time(getattr(losses, NAME), idepth, image),
                peers={"kornia": time(getattr(kornia.losses, NAME), idepth, image)},
                goal={"kornia": 1.0},
                bytes_moved=(idepth.nbytes + image.nbytes) * (1 if time is forward else 3),
            )
        )
