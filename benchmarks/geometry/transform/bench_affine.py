# SPDX-License-Identifier: Apache-2.0
from typing import Any

import cv2
import kornia
from torch import Tensor

from benchmarks.geometry.transform.case import LINEAR, turns, warp_races
from foveal.geometry.transform import warp_affine

peer: Any = kornia.geometry.transform


def ours(image: Tensor, matrix: Tensor) -> Tensor:
    return warp_affine(image, matrix, (image.shape[2], image.shape[3]))


def kornias(image: Tensor, matrix: Tensor) -> Tensor:
    return peer.warp_affine(image, matrix, (image.shape[2], image.shape[3]))


def opencvs(image: Any, first: tuple[Any, ...]) -> Any:
    return cv2.warpAffine(image, first[0], image.shape[1::-1], flags=LINEAR)


RACES = warp_races("warp_affine", ours, kornias, opencvs, turns)
