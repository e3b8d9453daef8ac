# SPDX-License-Identifier: Apache-2.0
import cv2
import kornia.morphology as kornia
import numpy as np
import torch

from benchmarks.images import image_races
from foveal.morphology import dilation, erosion

RACES = []
for operation, peer, rival in ((dilation, kornia.dilation, cv2.dilate), (erosion, kornia.erosion, cv2.erode)):
    for size, dtype, backward in ((5, torch.float32, True), (71, torch.float32, False), (5, torch.uint8, False)):
        kernel, element = torch.ones(size, size, dtype=torch.uint8), np.ones((size, size), np.uint8)
        RACES += image_races(
            f"{operation.__name__}_{size}{' uint8' if dtype is torch.uint8 else ''}",
            lambda images, operation=operation, kernel=kernel: operation(images, kernel),
            # A large window takes Kornia minutes and gigabytes.
            (lambda images, peer=peer, kernel=kernel: peer(images, kernel)) if backward else None,
            lambda image, rival=rival, element=element: rival(image, element),
            dtype=dtype,
            backward=backward,
        )
