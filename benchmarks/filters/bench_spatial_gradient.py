# SPDX-License-Identifier: Apache-2.0
from typing import Any

import cv2
import kornia.filters as kornia

from benchmarks.filters.volumes import volume_races
from benchmarks.images import image_races
from foveal.filters import spatial_gradient, spatial_gradient3d


def _opencv(image: Any) -> Any:
    return [cv2.Sobel(image, cv2.CV_32F, i, 1 - i, borderType=cv2.BORDER_REPLICATE) for i in (1, 0)]


def _opencv_twice(image: Any) -> Any:
    border = cv2.BORDER_REPLICATE
    return [cv2.Sobel(image, cv2.CV_32F, 2 - i, i, ksize=5, borderType=border) for i in range(3)]


RACES = [
    *image_races("spatial_gradient", spatial_gradient, kornia.spatial_gradient, _opencv, result_channels=6),
    *image_races(
        "spatial_gradient order 2",
        lambda images: spatial_gradient(images, order=2),
        lambda images: kornia.spatial_gradient(images, order=2),
        _opencv_twice,
        result_channels=9,
    ),
    *volume_races("spatial_gradient3d", spatial_gradient3d, kornia.spatial_gradient3d, result_volumes=3),
]
