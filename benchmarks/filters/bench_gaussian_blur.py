# SPDX-License-Identifier: Apache-2.0
import cv2
import kornia.filters as kornia
import torch

from benchmarks.images import image_races
from foveal.filters import gaussian_blur2d, unsharp_mask

RACES = []
for size, sigma in ((5, 1.5), (31, 6.0)):
    for dtype in (torch.float32, torch.uint8):
        RACES += image_races(
            f"gaussian_blur2d_{size}{' uint8' if dtype is torch.uint8 else ''}",
            lambda images, size=size, sigma=sigma: gaussian_blur2d(images, size, (sigma, sigma)),
            lambda images, size=size, sigma=sigma: kornia.gaussian_blur2d(images, size, (sigma, sigma)),
            lambda image, size=size, sigma=sigma: cv2.GaussianBlur(image, (size, size), sigma),
            dtype=dtype,
        )
RACES += image_races(
    "unsharp_mask",
    lambda images: unsharp_mask(images, 5, (1.5, 1.5)),
    lambda images: kornia.unsharp_mask(images, 5, (1.5, 1.5)),
    lambda image: cv2.addWeighted(image, 2.0, cv2.GaussianBlur(image, (5, 5), 1.5), -1.0, 0.0),
)
