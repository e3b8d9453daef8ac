# SPDX-License-Identifier: Apache-2.0
import kornia.color as kornia

from benchmarks.images import image_races
from foveal.color import rgb_to_rgb255

RACES = image_races("rgb_to_rgb255", rgb_to_rgb255, kornia.rgb_to_rgb255, None)
