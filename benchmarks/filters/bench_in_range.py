# SPDX-License-Identifier: Apache-2.0
from typing import Any

import cv2
import kornia.filters as kornia

from benchmarks.images import image_races
from foveal.filters import in_range

LOWER, UPPER = (0.1, 0.2, 0.3), (0.9, 0.8, 0.95)


def _opencv(image: Any) -> Any:
    return cv2.inRange(image, LOWER, UPPER)


RACES = [
    *image_races(
        "in_range",
        lambda images: in_range(images, LOWER, UPPER),
        lambda images: kornia.in_range(images, LOWER, UPPER),
        None,
    ),
    *image_races(
        "in_range mask",
        lambda images: in_range(images, LOWER, UPPER, True),
        lambda images: kornia.in_range(images, LOWER, UPPER, True),
        _opencv,
        result_channels=1,
        backward=False,
    ),
]
