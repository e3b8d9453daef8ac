# SPDX-License-Identifier: Apache-2.0
import kornia.losses as kornia

from benchmarks.losses._segmentation import segmentation_races
from foveal.losses import binary_focal_loss_with_logits, focal_loss

RACES = [
    *segmentation_races("focal_loss", focal_loss, kornia.focal_loss, 0.25, reduction="mean"),
    *segmentation_races(
        "binary_focal_loss_with_logits",
        binary_focal_loss_with_logits,
        kornia.binary_focal_loss_with_logits,
        binary=True,
        reduction="mean",
    ),
]
