# SPDX-License-Identifier: Apache-2.0
import cv2
import kornia.color as kornia

from benchmarks.color.case import conversion_races
from foveal.color import rgb_to_y, rgb_to_ycbcr, ycbcr_to_rgb

RACES = [
    *conversion_races(rgb_to_ycbcr, kornia.rgb_to_ycbcr, cv2.COLOR_RGB2YCrCb),
    *conversion_races(
        ycbcr_to_rgb,
        kornia.ycbcr_to_rgb,
        cv2.COLOR_YCrCb2RGB,
        prepare=rgb_to_ycbcr,
        rival_units=lambda images: images[:, [0, 2, 1]],
    ),
    *conversion_races(rgb_to_y, kornia.rgb_to_y, cv2.COLOR_RGB2GRAY, channels=1),
]
