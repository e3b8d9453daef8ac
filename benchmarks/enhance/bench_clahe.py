# SPDX-License-Identifier: Apache-2.0
import cv2
import kornia.enhance as kornia
import torch

from benchmarks.enhance.case import planes_of_bytes
from benchmarks.images import image_races
from foveal.enhance import equalize_clahe


def rival(image):
    """Equalize one plane of bytes by OpenCV."""
    return cv2.createCLAHE(40.0, (8, 8)).apply(image)


# Kornia takes floats, OpenCV bytes: floats race both, bytes OpenCV. Only the soft histogram has a gradient.
RACES = [
    *image_races(
        "equalize_clahe", equalize_clahe, kornia.equalize_clahe, rival, rival_units=planes_of_bytes, backward=False
    ),
    *image_races("equalize_clahe uint8", equalize_clahe, None, rival, dtype=torch.uint8, rival_units=planes_of_bytes),
]
