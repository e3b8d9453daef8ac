# SPDX-License-Identifier: Apache-2.0
from typing import Any

import kornia
import torch

from benchmarks.calls import forward, forward_backward
from benchmarks.race import Race
from foveal.geometry.transform import warp_affine3d, warp_perspective3d

peer: Any = kornia.geometry.transform

size = (64, 128, 128)
volume = torch.rand(1, 1, *size)
matrix = torch.tensor(
    [[[0.98, 0.1, 0.05, 1.0], [-0.1, 0.97, 0.02, 2.0], [0.03, 0.01, 0.99, 1.5], [0.0, 0.0, 1e-4, 1.0]]]
)
options = {"align_corners": True}
RACES = [
    Race(
        name=f"{name}{way}",
        size="1x1x64x128x128",
        foveal=time(operation, volume, matrix[:, :rows], size, **options),
        peers={"kornia": time(rival, volume, matrix[:, :rows], size, **options)},
        goal={"kornia": 2.0},
        bytes_moved=moved * volume.nbytes,
    )
    for name, operation, rival, rows in (
        ("warp_affine3d", warp_affine3d, peer.warp_affine3d, 3),
        ("warp_perspective3d", warp_perspective3d, peer.warp_perspective3d, 4),
    )
    for way, time, moved in (("", forward, 2), (" +backward", forward_backward, 5))
]
