# SPDX-License-Identifier: Apache-2.0
import kornia.losses
import torch

from benchmarks.calls import forward, forward_backward
from benchmarks.race import Race
from foveal import losses

NAME = "mutual_information_loss_2d"

RACES = []
for shape in ((8, 1, 128, 128), (1, 1, 512, 512)):
    image = torch.rand(shape)
    other = (image + 0.3 * torch.rand(shape)).square()
    for way, time in (("", forward), (" +backward", forward_backward)):
        RACES.append(
            Race(
                name=f"{NAME}{way}",
                size="x".join(map(str, shape)),
                foveal=time(getattr(losses, NAME), image, other),
                peers={"kornia": time(getattr(kornia.losses, NAME), image, other)},
                goal={"kornia": 3.0},
                bytes_moved=image.nbytes * (2 if time is forward else 6),
            )
        )
