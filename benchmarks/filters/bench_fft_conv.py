# SPDX-License-Identifier: Apache-2.0
import kornia.filters as kornia
import torch

from benchmarks.images import image_races
from benchmarks.race import Race
from foveal.filters import fft_conv

RACES: list[Race] = []
for size in (5, 31):
    kernel = torch.rand(1, size, size, generator=torch.Generator().manual_seed(0)) / size**2
    RACES.extend(
        image_races(
            f"fft_conv_{size}",
            lambda images, kernel=kernel: fft_conv(images, kernel),
            lambda images, kernel=kernel: kornia.fft_conv(images, kernel),
            None,
        )
    )
