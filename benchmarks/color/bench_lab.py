# SPDX-License-Identifier: Apache-2.0
import cv2
import kornia.color as kornia

from benchmarks.color.case import conversion_races
from foveal.color import lab_to_rgb, rgb_to_lab

RACES = [
    *conversion_races(rgb_to_lab, kornia.rgb_to_lab, cv2.COLOR_RGB2Lab),
    *conversion_races(lab_to_rgb, kornia.lab_to_rgb, cv2.COLOR_Lab2RGB, prepare=rgb_to_lab),
]
