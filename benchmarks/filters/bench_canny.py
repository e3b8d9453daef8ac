# SPDX-License-Identifier: Apache-2.0
"""OpenCV blurs and finds the edges of bytes, grey already; foveal and Kornia convert floats of three channels first."""

from typing import Any

import cv2
import kornia.filters as kornia
import torch
from torch import Tensor

from benchmarks.images import image_races
from foveal.filters import canny


def _grey_bytes(images: Tensor) -> Tensor:
    weights = torch.tensor([0.299, 0.587, 0.114]).view(3, 1, 1)
    return ((images * weights).sum(1, keepdim=True) * 255).round().to(torch.uint8)


def _opencv(image: Any) -> Any:
    return cv2.Canny(cv2.GaussianBlur(image, (5, 5), 1), 25, 51, L2gradient=True)


RACES = image_races("canny", canny, kornia.canny, _opencv, result_channels=2, rival_units=_grey_bytes)
