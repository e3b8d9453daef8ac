# SPDX-License-Identifier: Apache-2.0
import kornia.losses as kornia

from benchmarks.losses._segmentation import segmentation_races
from foveal.losses import tversky_loss

RACES = segmentation_races("tversky_loss", tversky_loss, kornia.tversky_loss, 0.3, 0.7)
