# SPDX-License-Identifier: Apache-2.0
import kornia.geometry.bbox as kornia
import torch

from benchmarks.calls import forward
from benchmarks.race import Race
from foveal.geometry.bbox import nms

RACES = []
for count in (1000, 10_000):
    # About as many kept as a detector's candidates give: several boxes around each object.
    generator = torch.Generator().manual_seed(0)
    objects = torch.rand(count // 20, 2, generator=generator) * 1000
    corner = objects.repeat(20, 1) + 4 * torch.randn(count // 20 * 20, 2, generator=generator)
    boxes = torch.cat([corner, corner + 30 + 20 * torch.rand(len(corner), 2, generator=generator)], dim=1)
    scores = torch.rand(len(boxes), generator=generator)
    RACES.append(
        Race(
            name="nms",
            size=f"{count} boxes",
            foveal=forward(nms, boxes, scores, 0.5),
            peers={"kornia": forward(kornia.nms, boxes, scores, 0.5)},
            goal={"kornia": 1.0},
            bytes_moved=boxes.nbytes + scores.nbytes,
        )
    )
