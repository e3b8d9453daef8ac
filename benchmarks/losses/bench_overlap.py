# SPDX-License-Identifier: Apache-2.0
"""The sums that `dice_loss` and `tversky_loss` are made of; those have races of their own."""

import torch

from benchmarks.calls import forward
from benchmarks.race import Race
from foveal.losses.overlap import overlap

pred, target = torch.randn(2, 21, 128, 128), torch.randint(0, 21, (2, 128, 128))
RACES = [
    Race(
        name="overlap",
        size="2x21x128x128",
        foveal=forward(overlap, pred, target, -100),
        peers={"torch": forward(overlap.reference, pred, target, -100)},
        goal={"torch": 1.0},
        bytes_moved=pred.nbytes + target.nbytes,
    )
]
