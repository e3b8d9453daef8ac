# SPDX-License-Identifier: Apache-2.0
from typing import Any

import cv2
import kornia.filters as kornia

from benchmarks.images import image_races
from foveal.filters import sobel


def _opencv(image: Any) -> Any:
    x, y = (cv2.Sobel(image, cv2.CV_32F, i, 1 - i, borderType=cv2.BORDER_REPLICATE) for i in (1, 0))
    return cv2.magnitude(x, y)


RACES = image_races("sobel", sobel, kornia.sobel, _opencv)
