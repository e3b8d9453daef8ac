# SPDX-License-Identifier: Apache-2.0
import cv2
import kornia.enhance
from torch import Tensor

from benchmarks.images import image_races
from foveal.enhance import add_weighted


def ours(image: Tensor) -> Tensor:
    return add_weighted(image, 0.75, image.detach(), 0.25, 0.1)


def theirs(image: Tensor) -> Tensor:
    return kornia.enhance.add_weighted(image, 0.75, image.detach(), 0.25, 0.1)


RACES = image_races("add_weighted", ours, theirs, lambda image: cv2.addWeighted(image, 0.75, image, 0.25, 0.1))
