# SPDX-License-Identifier: Apache-2.0
from typing import Any

import cv2
import kornia.filters as kornia
import torch

from benchmarks.calls import forward, forward_backward
from benchmarks.images import image_races
from benchmarks.race import Race
from foveal.filters import spatial_gradient, spatial_gradient3d


def _opencv(image: Any) -> Any:
    return [cv2.Sobel(image, cv2.CV_32F, i, 1 - i, borderType=cv2.BORDER_REPLICATE) for i in (1, 0)]


RACES = image_races("spatial_gradient", spatial_gradient, kornia.spatial_gradient, _opencv, result_channels=6)
volume = torch.rand(1, 2, 32, 128, 128, generator=torch.Generator().manual_seed(0))
for way, time in (("", forward), (" +backward", forward_backward)):
    RACES.append(
        Race(
            name=f"spatial_gradient3d{way}",
            size="1x2x32x128x128",
            foveal=time(spatial_gradient3d, volume),
            peers={"kornia": time(kornia.spatial_gradient3d, volume)},
            goal={"kornia": 1.0},
            bytes_moved=volume.nbytes * (4 if time is forward else 12),
        )
    )
