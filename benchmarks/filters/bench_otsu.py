# SPDX-License-Identifier: Apache-2.0
import kornia.filters as kornia

from benchmarks.images import image_races
from foveal.filters import otsu_threshold

RACES = image_races("otsu_threshold", otsu_threshold, kornia.otsu_threshold, None)
