# SPDX-License-Identifier: Apache-2.0
import cv2
import kornia.enhance as kornia
import torch

from benchmarks.images import image_races
from foveal import enhance

RACES = [
    *image_races("invert", enhance.invert, kornia.invert, None),
    *image_races("invert uint8", enhance.invert, None, cv2.bitwise_not, dtype=torch.uint8),
]
