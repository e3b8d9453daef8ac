# SPDX-License-Identifier: Apache-2.0
import kornia.losses as kornia

from benchmarks.losses._segmentation import segmentation_races
from foveal.losses import lovasz_hinge_loss, lovasz_softmax_loss

RACES = [
    *segmentation_races("lovasz_softmax_loss", lovasz_softmax_loss, kornia.lovasz_softmax_loss),
    *segmentation_races("lovasz_hinge_loss", lovasz_hinge_loss, kornia.lovasz_hinge_loss, channels=1),
]
