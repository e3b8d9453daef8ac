# SPDX-License-Identifier: Apache-2.0
from functools import partial
from typing import Any

import cv2
import kornia.filters as kornia
import torch

from benchmarks.images import image_races
from benchmarks.race import Race
from foveal.filters import median_blur


def opencv(image: Any, size: int) -> Any:
    """Take medians of a square window."""
    return cv2.medianBlur(image, size)


RACES: list[Race] = []
for size, dtype in ((3, torch.float32), (5, torch.float32), (3, torch.uint8), (5, torch.uint8), (31, torch.uint8)):
    RACES.extend(
        image_races(
            f"median_blur_{size}{' uint8' if dtype is torch.uint8 else ''}",
            lambda images, size=size: median_blur(images, size),
            # Kornia takes floats only.
            (lambda images, size=size: kornia.median_blur(images, size)) if dtype is torch.float32 else None,
            partial(opencv, size=size),
            dtype=dtype,
        )
    )
# OpenCV has no float medians of this size, and Kornia would take tens of gigabytes.
RACES.extend(image_races("median_blur_31", lambda images: median_blur(images, 31), None, None))
