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
            name="confusion_matrix" + (" uint8" if dtype is torch.uint8 else ""),
            size="8x512x512",
            foveal=forward(metrics.confusion_matrix, pred, target, CLASSES),
            peers={"kornia": forward(kornia.metrics.confusion_matrix, pred, target, CLASSES)},
            goal={"kornia": 1.0},
            bytes_moved=2 * pred.nbytes,
        )
    )
