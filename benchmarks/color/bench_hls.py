# SPDX-License-Identifier: Apache-2.0
import cv2
import kornia.color as kornia
import torch

from benchmarks.color.case import conversion_races
from foveal.color import hls_to_rgb, rgb_to_hls

# OpenCV's hue is in degrees.
DEGREES = torch.tensor([180 / torch.pi, 1, 1]).view(3, 1, 1)

RACES = [
    *conversion_races(rgb_to_hls, kornia.rgb_to_hls, cv2.COLOR_RGB2HLS),
    *conversion_races(
        hls_to_rgb,
        kornia.hls_to_rgb,
        cv2.COLOR_HLS2RGB,
        prepare=rgb_to_hls,
        rival_units=lambda images: images * DEGREES,
    ),
]
