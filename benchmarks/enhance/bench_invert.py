# SPDX-License-Identifier: Apache-2.0
import kornia.enhance as kornia

from benchmarks.images import image_races
from foveal.enhance import invert

RACES = image_races("invert", invert, kornia.invert, None)
