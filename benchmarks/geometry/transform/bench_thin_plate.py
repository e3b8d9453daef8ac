# SPDX-License-Identifier: Apache-2.0
from typing import Any

import kornia
import torch

from benchmarks.calls import forward
from benchmarks.images import SIZES, random_images
from benchmarks.race import Race
from foveal.geometry.transform import get_tps_transform, warp_image_tps

peer: Any = kornia.geometry.transform

RACES = []
for shape in SIZES:
    images = random_images(shape)
    side = torch.linspace(-0.9, 0.9, 4)
    centers = torch.stack(torch.meshgrid(side, side, indexing="ij"), dim=-1).view(1, 16, 2).repeat(shape[0], 1, 1)
    weights = get_tps_transform(centers + 0.05 * torch.sin(9 * centers), centers)
    RACES.append(
        Race(
            name="warp_image_tps 4x4",
            size="x".join(map(str, shape)),
            foveal=forward(warp_image_tps, images, centers, *weights),
            peers={"kornia": forward(peer.warp_image_tps, images, centers, *weights)},
            goal={"kornia": 2.0},
            bytes_moved=2 * images.nbytes,
        )
    )
