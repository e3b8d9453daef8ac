# SPDX-License-Identifier: Apache-2.0
import cv2
import kornia.color as kornia
import torch

from benchmarks.color.case import conversion_races
from foveal.color import hsv_to_rgb, rgb_to_hsv

# OpenCV's hue is in degrees.
DEGREES = torch.tensor([180 / torch.pi, 1, 1]).view(3, 1, 1)

RACES = [
    *conversion_races(rgb_to_hsv, kornia.rgb_to_hsv, cv2.COLOR_RGB2HSV),
    *conversion_races(
        hsv_to_rgb,
        kornia.hsv_to_rgb,
        cv2.COLOR_HSV2RGB,
        prepare=rgb_to_hsv,
        rival_units=lambda images: images * DEGREES,
    ),
]
