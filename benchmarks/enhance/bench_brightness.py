# SPDX-License-Identifier: Apache-2.0
from functools import partial

import cv2
import torch

from benchmarks.enhance.case import adjustment_races
from benchmarks.images import image_races
from foveal.enhance import adjust_brightness

RACES = [
    *adjustment_races("adjust_brightness", factor=0.2),
    *adjustment_races("adjust_brightness_accumulative", factor=1.2),
    *image_races(
        "adjust_brightness uint8",
        partial(adjust_brightness, factor=0.2),
        None,
        lambda image: cv2.add(image, (51, 51, 51, 0)),
        dtype=torch.uint8,
    ),
]
