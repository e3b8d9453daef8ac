# SPDX-License-Identifier: Apache-2.0
import kornia.color as kornia
import torch

from benchmarks.calls import forward, forward_backward
from benchmarks.images import SIZES
from benchmarks.race import Race
from foveal.color import CFA, raw_to_rgb, raw_to_rgb_2x2_downscaled, rgb_to_raw

RACES = []
for shape in SIZES:
    images = torch.rand(shape, generator=torch.Generator().manual_seed(0))
    mosaics = rgb_to_raw(images, CFA.BG)
    for operation, inputs, planes in (
        (rgb_to_raw, images, 2),
        (raw_to_rgb, mosaics, 4),
        (raw_to_rgb_2x2_downscaled, mosaics, 2),
    ):
        peer = getattr(kornia, operation.__name__)
        for way, time, passes in (("", forward, 1), (" +backward", forward_backward, 3)):
            RACES.append(
                Race(
                    name=f"{operation.__name__}{way}",
                    size="x".join(map(str, shape)),
                    foveal=time(operation, inputs, CFA.BG),
                    peers={"kornia": time(peer, inputs, kornia.CFA.BG)},
                    goal={"kornia": 1.0},
                    bytes_moved=passes * planes * mosaics.nbytes,
                )
            )
