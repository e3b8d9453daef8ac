# SPDX-License-Identifier: Apache-2.0
import cv2
import kornia.color as kornia

from benchmarks.color.case import conversion_races
from foveal.color import rgb_to_yuv, yuv_to_rgb

RACES = [
    *conversion_races(rgb_to_yuv, kornia.rgb_to_yuv, cv2.COLOR_RGB2YUV),
    *conversion_races(yuv_to_rgb, kornia.yuv_to_rgb, cv2.COLOR_YUV2RGB, prepare=rgb_to_yuv),
]
