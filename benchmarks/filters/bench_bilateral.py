# SPDX-License-Identifier: Apache-2.0
from functools import partial
from typing import Any

import cv2
import kornia.filters as kornia
import torch

from benchmarks.images import image_races
from benchmarks.race import Race
from foveal.filters import bilateral_blur, joint_bilateral_blur


def opencv(image: Any, sigma_color: float) -> Any:
    """Blur by a disk in the window of 5 x 5."""
    return cv2.bilateralFilter(image, 5, sigma_color, 1.5)


RACES: list[Race] = [
    *image_races(
        "bilateral_blur_5",
        lambda images: bilateral_blur(images, 5, 0.1, (1.5, 1.5)),
        lambda images: kornia.bilateral_blur(images, 5, 0.1, (1.5, 1.5)),
        partial(opencv, sigma_color=0.1),
    ),
    *image_races(
        "joint_bilateral_blur_5",
        lambda images: joint_bilateral_blur(images, images[:, :1], 5, 0.1, (1.5, 1.5)),
        lambda images: kornia.joint_bilateral_blur(images, images[:, :1], 5, 0.1, (1.5, 1.5)),
        None,
    ),
    *image_races(
        "bilateral_blur_5 uint8",
        lambda images: bilateral_blur(images, 5, 25.0, (1.5, 1.5)),
        None,
        partial(opencv, sigma_color=25.0),
        dtype=torch.uint8,
    ),
    # Kornia's differentiable path would hold the windows: tens of gigabytes.
    *image_races("bilateral_blur_31", lambda images: bilateral_blur(images, 31, 0.1, (8.0, 8.0)), None, None),
]
