# SPDX-License-Identifier: Apache-2.0
import cv2
import kornia.filters as kornia
import torch

from benchmarks.images import image_races
from foveal.filters import box_blur

RACES = []
for size, dtype in ((5, torch.float32), (71, torch.float32), (5, torch.uint8)):
    RACES += image_races(
        f"box_blur_{size}{' uint8' if dtype is torch.uint8 else ''}",
        lambda images, size=size: box_blur(images, size),
        lambda images, size=size: kornia.box_blur(images, size),
        lambda image, size=size: cv2.blur(image, (size, size)),
        dtype=dtype,
    )
