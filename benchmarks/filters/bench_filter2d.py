# SPDX-License-Identifier: Apache-2.0
import cv2
import kornia.filters as kornia
import torch

from benchmarks.images import image_races
from foveal.filters import filter2d, filter2d_separable

RACES = []
for size in (3, 7):
    kernel = torch.rand(1, size, size, generator=torch.Generator().manual_seed(0)) / size**2
    RACES += image_races(
        f"filter2d_{size}",
        lambda images, kernel=kernel: filter2d(images, kernel),
        lambda images, kernel=kernel: kornia.filter2d(images, kernel),
        lambda image, kernel=kernel: cv2.filter2D(image, -1, kernel[0].numpy()),
    )
taps = torch.rand(1, 7, generator=torch.Generator().manual_seed(0)) / 7
RACES += image_races(
    "filter2d_separable_7",
    lambda images: filter2d_separable(images, taps, taps),
    lambda images: kornia.filter2d_separable(images, taps, taps),
    lambda image: cv2.sepFilter2D(image, -1, taps[0].numpy(), taps[0].numpy()),
)
