# SPDX-License-Identifier: Apache-2.0
import kornia.losses

from benchmarks.images import image_races
from foveal.losses import total_variation

RACES = image_races("total_variation", total_variation, kornia.losses.total_variation, None)
