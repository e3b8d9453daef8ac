# SPDX-License-Identifier: Apache-2.0
import cv2
import kornia.filters as kornia

from benchmarks.filters.volumes import volume_races
from benchmarks.images import image_races
from foveal.filters import get_motion_kernel2d, motion_blur, motion_blur3d

KERNEL = get_motion_kernel2d(9, 35.0, 0.5)[0].numpy()
ANGLES = (10.0, 20.0, 30.0)

RACES = [
    *image_races(
        "motion_blur_9",
        lambda images: motion_blur(images, 9, 35.0, 0.5),
        lambda images: kornia.motion_blur(images, 9, 35.0, 0.5),
        lambda image: cv2.filter2D(image, -1, KERNEL, borderType=cv2.BORDER_REFLECT_101),
    ),
    *volume_races(
        "motion_blur3d_5",
        lambda volumes: motion_blur3d(volumes, 5, ANGLES, 0.5),
        lambda volumes: kornia.motion_blur3d(volumes, 5, ANGLES, 0.5),
    ),
]
