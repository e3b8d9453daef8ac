# SPDX-License-Identifier: Apache-2.0
import cv2
import kornia.filters as kornia

from benchmarks.images import image_races
from foveal.filters import laplacian

RACES = image_races(
    "laplacian_3",
    lambda images: laplacian(images, 3),
    lambda images: kornia.laplacian(images, 3),
    lambda image: cv2.Laplacian(image, -1, ksize=3),
)
