# SPDX-License-Identifier: Apache-2.0
import kornia.losses as kornia

from benchmarks.losses._segmentation import segmentation_races
from foveal.losses import dice_loss

RACES = segmentation_races("dice_loss", dice_loss, kornia.dice_loss)
