# SPDX-License-Identifier: Apache-2.0
import kornia.color as kornia
import torch

from benchmarks.calls import forward, forward_backward
from benchmarks.images import SIZES
from benchmarks.race import Race
from foveal.color import rgb_to_yuv420, rgb_to_yuv422, yuv420_to_rgb, yuv422_to_rgb

RACES = []
for shape in SIZES:
    images = torch.rand(shape, generator=torch.Generator().manual_seed(0))
    for operation, inputs in (
        (rgb_to_yuv420, (images,)),
        (rgb_to_yuv422, (images,)),
        (yuv420_to_rgb, rgb_to_yuv420(images)),
        (yuv422_to_rgb, rgb_to_yuv422(images)),
    ):
        peer = getattr(kornia, operation.__name__)
        # Three planes on one side, one and a half or two on the other.
        moved = images.nbytes * (9 if "420" in operation.__name__ else 10) // 6
        for way, time, passes in (("", forward, 1), (" +backward", forward_backward, 3)):
            RACES.append(
                Race(
                    name=f"{operation.__name__}{way}",
                    size="x".join(map(str, shape)),
                    foveal=time(operation, *inputs),
                    peers={"kornia": time(peer, *inputs)},
                    goal={"kornia": 1.0},
                    bytes_moved=passes * moved,
                )
            )
