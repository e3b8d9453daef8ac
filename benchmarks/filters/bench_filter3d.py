# SPDX-License-Identifier: Apache-2.0
import kornia.filters as kornia
import torch

from benchmarks.filters.volumes import volume_races
from benchmarks.race import Race
from foveal.filters import filter3d

RACES: list[Race] = []
for size in (3, 5):
    kernel = torch.rand(1, size, size, size, generator=torch.Generator().manual_seed(0)) / size**3
    RACES.extend(
        volume_races(
            f"filter3d_{size}",
            lambda volumes, kernel=kernel: filter3d(volumes, kernel),
            lambda volumes, kernel=kernel: kornia.filter3d(volumes, kernel),
        )
    )
