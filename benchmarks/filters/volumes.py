# SPDX-License-Identifier: Apache-2.0
"""Races of operations on volumes: forward and backward against Kornia."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from benchmarks.calls import forward, forward_backward
from benchmarks.race import Race


def volume_races(
    name: str, operation: Callable[[Tensor], Any], peer: Callable[[Tensor], Any], *, result_volumes: int = 1
) -> list[Race]:
    """Race one operation on small volumes, which gives so many volumes for one."""
    volume = torch.rand(1, 2, 32, 128, 128, generator=torch.Generator().manual_seed(0))
    return [
        Race(
            name=f"{name}{way}",
            size="x".join(map(str, volume.shape)),
            foveal=time(operation, volume),
            peers={"kornia": time(peer, volume)},
            goal={"kornia": 1.0},
            bytes_moved=volume.nbytes * (1 + result_volumes) * passes,
        )
        for way, time, passes in (("", forward, 1), (" +backward", forward_backward, 3))
    ]
