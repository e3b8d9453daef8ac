# SPDX-License-Identifier: Apache-2.0
from typing import Any

import cv2
import kornia
import torch
from torch import Tensor

from benchmarks.geometry.transform.case import LINEAR, warp_races
from foveal.geometry.transform import remap

peer: Any = kornia.geometry.transform


def waves(shape: tuple[int, int, int, int]) -> tuple[Tensor, Tensor]:
    """Return maps that shift rows and columns to and fro by five pixels."""
    batch, _, height, width = shape
    rows, columns = torch.arange(float(height))[:, None], torch.arange(float(width))
    x, y = columns + 5 * torch.sin(rows / 20), rows + 5 * torch.cos(columns / 25)
    return x.repeat(batch, 1, 1), y.repeat(batch, 1, 1)


def ours(image: Tensor, x: Tensor, y: Tensor) -> Tensor:
    return remap(image, x, y, align_corners=True)


def kornias(image: Tensor, x: Tensor, y: Tensor) -> Tensor:
    return peer.remap(image, x, y, align_corners=True)


def opencvs(image: Any, first: tuple[Any, ...]) -> Any:
    return cv2.remap(image, first[0], first[1], LINEAR)


RACES = warp_races("remap", ours, kornias, opencvs, waves)
