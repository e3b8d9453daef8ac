# SPDX-License-Identifier: Apache-2.0
import cv2
import kornia.color as kornia

from benchmarks.color.case import conversion_races
from foveal.color import bgr_to_grayscale, rgb_to_grayscale

RACES = [
    *conversion_races(rgb_to_grayscale, kornia.rgb_to_grayscale, cv2.COLOR_RGB2GRAY, channels=1),
    *conversion_races(bgr_to_grayscale, kornia.bgr_to_grayscale, cv2.COLOR_BGR2GRAY, channels=1),
]
