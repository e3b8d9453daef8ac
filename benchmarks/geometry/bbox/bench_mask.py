# SPDX-License-Identifier: Apache-2.0
import kornia.geometry.bbox as kornia
import torch

from benchmarks.calls import forward
from benchmarks.race import Race
from foveal.geometry.bbox import bbox_generator, bbox_to_mask

RACES = []
for count, height, width in ((100, 256, 256), (8, 1080, 1920)):
    start, size = torch.rand(2, count) * 100, torch.rand(2, count) * 100 + 20
    boxes = bbox_generator(start[0], start[1], size[0], size[1])
    RACES.append(
        Race(
            name="bbox_to_mask",
            size=f"{count} boxes of {height}x{width}",
            foveal=forward(bbox_to_mask, boxes, width, height),
            peers={"kornia": forward(kornia.bbox_to_mask, boxes, width, height)},
            goal={"kornia": 1.0},
            bytes_moved=4 * count * height * width,
        )
    )
