# SPDX-License-Identifier: Apache-2.0
import kornia.metrics
import torch

from benchmarks.calls import forward
from benchmarks.race import Race
from foveal import metrics

scores, target = torch.randn(1024, 1000), torch.randint(0, 1000, (1024,))

RACES = [
    Race(
        name="accuracy top 1 and 5",
        size="1024x1000",
        foveal=forward(metrics.accuracy, scores, target, (1, 5)),
        peers={"kornia": forward(kornia.metrics.accuracy, scores, target, (1, 5))},
        goal={"kornia": 1.0},
        bytes_moved=scores.nbytes,
    )
]
