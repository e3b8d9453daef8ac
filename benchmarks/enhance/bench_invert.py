# SPDX-License-Identifier: Apache-2.0
import cv2
import torch

from benchmarks.enhance.case import adjustment_races
from benchmarks.images import image_races
from foveal.enhance import invert

RACES = [
    *adjustment_races("invert"),
    *image_races("invert uint8", invert, None, cv2.bitwise_not, dtype=torch.uint8),
]
