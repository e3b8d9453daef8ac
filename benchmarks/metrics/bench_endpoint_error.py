# SPDX-License-Identifier: Apache-2.0
import kornia.metrics
import torch

from benchmarks.calls import forward, forward_backward
from benchmarks.race import Race
from foveal import metrics

flow, target = torch.randn(2, 8, 512, 512, 2)

RACES = [
    Race(
        name=f"aepe {reduction}{way}",
        size="8x512x512x2",
        foveal=time(metrics.aepe, flow, target, reduction),
        peers={"kornia": time(kornia.metrics.aepe, flow, target, reduction)},
        goal={"kornia": 1.0},
        bytes_moved=flow.nbytes * (2 if time is forward else 6) + (flow.nbytes // 2 if reduction == "none" else 0),
    )
    for reduction in ("mean", "none")
    for way, time in (("", forward), (" +backward", forward_backward))
]
