# SPDX-License-Identifier: Apache-2.0
from typing import Any

import kornia
import torch

from benchmarks.calls import forward, forward_backward
from benchmarks.images import SIZES, random_images
from benchmarks.race import Race
from foveal.geometry.transform import homography_warp

peer: Any = kornia.geometry.transform

RACES = []
for shape in SIZES:
    images = random_images(shape)
    matrix = torch.tensor([[[0.9, 0.1, 0.02], [-0.1, 0.9, -0.01], [0.01, 0.005, 1.0]]]).repeat(shape[0], 1, 1)
    for way, time, goal, moved in (("", forward, 2.0, 2), (" +backward", forward_backward, 3.0, 5)):
        RACES.append(
            Race(
                name=f"homography_warp{way}",
                size="x".join(map(str, shape)),
                foveal=time(homography_warp, images, matrix, shape[2:]),
                peers={"kornia": time(peer.homography_warp, images, matrix, shape[2:])},
                goal={"kornia": goal},
                bytes_moved=moved * images.nbytes,
            )
        )
