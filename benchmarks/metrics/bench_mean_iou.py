# SPDX-License-Identifier: Apache-2.0
import kornia.metrics
import torch

from benchmarks.calls import forward
from benchmarks.race import Race
from foveal import metrics

CLASSES = 21

RACES = []
for dtype in (torch.int64, torch.uint8):
    pred, target = torch.randint(0, CLASSES, (2, 8, 512, 512)).to(dtype)
    # Most pixels are right, and most neighbours equal.
    pred[..., :400] = target[..., :400] = 3
    RACES.append(
        Race(
            name="mean_iou" + (" uint8" if dtype is torch.uint8 else ""),
            size="8x512x512",
            foveal=forward(metrics.mean_iou, pred, target, CLASSES),
            peers={"kornia": forward(kornia.metrics.mean_iou, pred, target, CLASSES)},
            goal={"kornia": 1.0},
            bytes_moved=2 * pred.nbytes,
        )
    )

corner = torch.rand(2, 1000, 2) * 100
boxes = torch.cat([corner, corner + 1 + torch.rand(2, 1000, 2) * 30], dim=2)
RACES.append(
    Race(
        name="mean_iou_bbox",
        size="1000x1000",
        foveal=forward(metrics.mean_iou_bbox, *boxes),
        peers={"kornia": forward(kornia.metrics.mean_iou_bbox, *boxes)},
        goal={"kornia": 1.0},
        bytes_moved=4_000_000,
    )
)
