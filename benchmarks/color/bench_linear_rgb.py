# SPDX-License-Identifier: Apache-2.0
import kornia.color as kornia
import torch

from benchmarks.calls import forward, forward_backward
from benchmarks.images import SIZES
from benchmarks.race import Race
from foveal.color import linear_rgb_to_rgb, rgb_to_linear_rgb

RACES = []
for shape in SIZES:
    images = torch.rand(shape, generator=torch.Generator().manual_seed(0))
    for operation in (rgb_to_linear_rgb, linear_rgb_to_rgb):
        peer = getattr(kornia, operation.__name__)
        for way, time, passes in (("", forward, 2), (" +backward", forward_backward, 6)):
            RACES.append(
                Race(
                    name=f"{operation.__name__}{way}",
                    size="x".join(map(str, shape)),
                    foveal=time(operation, images),
                    peers={"kornia": time(peer, images)},
                    goal={"kornia": 1.0},
                    bytes_moved=passes * images.nbytes,
                )
            )
