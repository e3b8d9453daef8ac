# SPDX-License-Identifier: Apache-2.0
from typing import Any

import cv2
import kornia
import torch
from torch import Tensor

from benchmarks.geometry.transform.case import LINEAR, turns, warp_races
from foveal.geometry.transform import rotate

peer: Any = kornia.geometry.transform


def angles(shape: tuple[int, int, int, int]) -> tuple[Tensor]:
    return (torch.full((shape[0],), 30.0),)


def turn(image: Any, first: tuple[Any, ...]) -> Any:
    matrix = turns((1, 3, *image.shape[:2]), float(first[0]))[0][0].numpy()
    return cv2.warpAffine(image, matrix, image.shape[1::-1], flags=LINEAR)


RACES = warp_races("rotate", rotate, peer.rotate, turn, angles)
