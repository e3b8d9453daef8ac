# SPDX-License-Identifier: Apache-2.0
import cv2
import kornia.morphology as kornia
import numpy as np
import torch

from benchmarks.images import image_races
from foveal.morphology import bottom_hat, closing, gradient, opening, top_hat

KERNEL, ELEMENT = torch.ones(5, 5, dtype=torch.uint8), np.ones((5, 5), np.uint8)
CODES = {
    opening: cv2.MORPH_OPEN,
    closing: cv2.MORPH_CLOSE,
    gradient: cv2.MORPH_GRADIENT,
    top_hat: cv2.MORPH_TOPHAT,
    bottom_hat: cv2.MORPH_BLACKHAT,
}

RACES = []
for operation, code in CODES.items():
    peer = getattr(kornia, operation.__name__)
    RACES += image_races(
        f"{operation.__name__}_5",
        lambda images, operation=operation: operation(images, KERNEL),
        lambda images, peer=peer: peer(images, KERNEL),
        lambda image, code=code: cv2.morphologyEx(image, code, ELEMENT),
    )
