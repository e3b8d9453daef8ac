# SPDX-License-Identifier: Apache-2.0
from functools import partial

import cv2
import kornia.enhance as kornia
import torch

from benchmarks.images import image_races
from foveal import enhance

RACES = [
    *image_races(
        "adjust_brightness",
        partial(enhance.adjust_brightness, factor=0.2),
        partial(kornia.adjust_brightness, factor=0.2),
        None,
    ),
    *image_races(
        "adjust_brightness_accumulative",
        partial(enhance.adjust_brightness_accumulative, factor=1.2),
        partial(kornia.adjust_brightness_accumulative, factor=1.2),
        None,
    ),
    *image_races(
        "adjust_brightness uint8",
        partial(enhance.adjust_brightness, factor=0.2),
        None,
        lambda image: cv2.add(image, (51, 51, 51, 0)),
        dtype=torch.uint8,
    ),
]
