# SPDX-License-Identifier: Apache-2.0
import cv2
import kornia.geometry.transform as kornia

from benchmarks.images import image_races
from foveal.geometry.transform import hflip, rot180, vflip

RACES = [
    *image_races("hflip", hflip, kornia.hflip, lambda image: cv2.flip(image, 1), backward=False),
    *image_races("vflip", vflip, kornia.vflip, lambda image: cv2.flip(image, 0), backward=False),
    *image_races("rot180", rot180, kornia.rot180, lambda image: cv2.flip(image, -1), backward=False),
]
