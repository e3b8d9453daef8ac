# SPDX-License-Identifier: Apache-2.0
import kornia.geometry.linalg as kornia
import torch

from benchmarks.calls import forward, forward_backward
from benchmarks.race import Race
from foveal.geometry.linalg import transform_points

RACES = []
for dimensions in (2, 3):
    points = torch.rand(8, 100_000, dimensions)
    matrices = torch.eye(dimensions + 1) + torch.rand(8, dimensions + 1, dimensions + 1) / 8
    for way, time in (("", forward), (" +backward", forward_backward)):
        RACES.append(
            Race(
                name=f"transform_points{way}",
                size=f"8x100000x{dimensions}",
                foveal=time(transform_points, matrices, points),
                peers={"kornia": time(kornia.transform_points, matrices, points)},
                goal={"kornia": 2.0},
                bytes_moved=points.nbytes * (5 if way else 2),
            )
        )
