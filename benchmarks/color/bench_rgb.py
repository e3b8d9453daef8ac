# SPDX-License-Identifier: Apache-2.0
import kornia.color as kornia

from benchmarks.images import image_races
from foveal.color import rgb255_to_rgb, rgb_to_bgr, rgb_to_rgb255

RACES = [
    race
    for operation in (rgb_to_bgr, rgb_to_rgb255, rgb255_to_rgb)
    for race in image_races(operation.__name__, operation, getattr(kornia, operation.__name__), None)
]
