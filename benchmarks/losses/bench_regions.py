# SPDX-License-Identifier: Apache-2.0
"""The ratios that `dice_loss` and `tversky_loss` end with; those have races of their own."""

import torch

from benchmarks.calls import forward
from benchmarks.race import Race
from foveal.losses.regions import region_loss

sizes = torch.rand(3, 8, 21).sort(dim=0).values
arguments = (*sizes, 0.5, 0.5, 1e-8, "micro", None, "mean")
RACES = [
    Race(
        name="region_loss",
        size="8x21",
        foveal=forward(region_loss, *arguments),
        peers={"torch": forward(region_loss.reference, *arguments)},
        goal={"torch": 1.0},
    )
]
