# SPDX-License-Identifier: Apache-2.0
import kornia.metrics
import torch
from torch import Tensor

from benchmarks.calls import forward
from benchmarks.race import Race
from foveal import metrics

CLASSES = 21


def boxes(count: int) -> Tensor:
    """Return random boxes."""
    corner = torch.rand(count, 2) * 100
    return torch.cat([corner, corner + 1 + torch.rand(count, 2) * 60], dim=1)


found = [boxes(100) for _ in range(16)]
labels = [torch.randint(1, CLASSES, (100,)) for _ in found]
scores = [torch.rand(100) for _ in found]
objects = [box[:30] + torch.rand(30, 4) * torch.tensor([0, 0, 3, 3]) for box in found]
kinds = [label[:30] for label in labels]
LISTS = (found, labels, scores, objects, kinds, CLASSES)

RACES = [
    Race(
        name="mean_average_precision",
        size="16 images, 100 boxes",
        foveal=forward(metrics.mean_average_precision, *LISTS),
        peers={"kornia": forward(kornia.metrics.mean_average_precision, *LISTS)},
        goal={"kornia": 1.0},
    )
]
