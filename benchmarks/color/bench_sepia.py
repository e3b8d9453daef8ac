# SPDX-License-Identifier: Apache-2.0
import kornia.color as kornia

from benchmarks.images import image_races
from foveal.color import sepia

RACES = image_races("sepia", sepia, kornia.sepia, None)
