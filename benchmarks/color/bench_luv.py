# SPDX-License-Identifier: Apache-2.0
import cv2
import kornia.color as kornia

from benchmarks.color.case import conversion_races
from foveal.color import luv_to_rgb, rgb_to_luv

RACES = [
    *conversion_races(rgb_to_luv, kornia.rgb_to_luv, cv2.COLOR_RGB2Luv),
    *conversion_races(luv_to_rgb, kornia.luv_to_rgb, cv2.COLOR_Luv2RGB, prepare=rgb_to_luv),
]
