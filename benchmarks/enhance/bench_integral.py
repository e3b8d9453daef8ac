# SPDX-License-Identifier: Apache-2.0
import cv2
import kornia.enhance as kornia

from benchmarks.images import image_races
from foveal.enhance import integral_image, integral_tensor

RACES = [
    *image_races(
        "integral_image",
        integral_image,
        kornia.integral_image,
        lambda image: cv2.integral(image, sdepth=cv2.CV_32F),
    ),
    *image_races(
        "integral_tensor",
        lambda images: integral_tensor(images, (-2, -1)),
        lambda images: kornia.integral_tensor(images, (-2, -1)),
        None,
    ),
]
