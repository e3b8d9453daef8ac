# SPDX-License-Identifier: Apache-2.0
import kornia.enhance as kornia

from benchmarks.images import image_races
from foveal import enhance

RACES = [
    *image_races("adjust_sigmoid", enhance.adjust_sigmoid, kornia.adjust_sigmoid, None),
]
