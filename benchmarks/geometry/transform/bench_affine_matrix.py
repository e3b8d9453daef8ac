# SPDX-License-Identifier: Apache-2.0
import kornia.geometry.transform as kornia
import torch

from benchmarks.calls import forward, forward_backward
from benchmarks.race import Race
from foveal.geometry import transform

COUNT = 100_000
CENTERS, ANGLES, SCALES = 100 * torch.rand(COUNT, 2), 360 * torch.rand(COUNT), torch.rand(COUNT, 2) + 0.5

RACES = [
    Race(
        f"get_rotation_matrix2d{suffix}", str(COUNT),
        foveal=make(transform.get_rotation_matrix2d, CENTERS, ANGLES, SCALES),
        peers={"kornia": make(kornia.get_rotation_matrix2d, CENTERS, ANGLES, SCALES)},
        goal={"kornia": 1},
        bytes_moved=COUNT * floats * 4,
    )
    for make, suffix, floats in ((forward, "", 11), (forward_backward, " +backward", 33))
]  # fmt: skip
