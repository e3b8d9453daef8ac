# SPDX-License-Identifier: Apache-2.0
import cv2
import kornia.color as kornia

from benchmarks.color.case import conversion_races
from foveal.color import rgb_to_xyz, xyz_to_rgb

RACES = [
    *conversion_races(rgb_to_xyz, kornia.rgb_to_xyz, cv2.COLOR_RGB2XYZ),
    *conversion_races(xyz_to_rgb, kornia.xyz_to_rgb, cv2.COLOR_XYZ2RGB, prepare=rgb_to_xyz),
]
