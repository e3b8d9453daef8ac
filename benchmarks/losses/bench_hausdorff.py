# SPDX-License-Identifier: Apache-2.0
import kornia.losses as kornia
import torch

from benchmarks.calls import forward, forward_backward
from benchmarks.race import Race
from foveal import losses

RACES = []
for name, shape in (
    ("HausdorffERLoss", (2, 4, 256, 256)),
    ("HausdorffERLoss", (1, 2, 32, 32)),
    ("HausdorffERLoss3D", (2, 3, 24, 64, 64)),
):
    pred, target = torch.randn(shape).mul(3).softmax(1), torch.randint(0, shape[1], (shape[0], 1, *shape[2:]))
    for way, time in (("", forward), (" +backward", forward_backward)):
        RACES.append(
            Race(
                name=f"{name}{way}",
                size="x".join(map(str, shape)),
                foveal=time(getattr(losses, name)(), pred, target),
                peers={"kornia": time(getattr(kornia, name)(), pred, target)},
                goal={"kornia": 1.0},
                bytes_moved=target.nbytes + pred.nbytes * (1 if time is forward else 3),
            )
        )
