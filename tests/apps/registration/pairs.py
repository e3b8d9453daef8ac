# SPDX-License-Identifier: Apache-2.0
"""Photographs that known transforms lie between."""

import skimage.data
import torch
from torch import Tensor

from foveal.geometry.transform import get_perspective_transform, resize, warp_perspective

SIDE = 128


def photograph() -> Tensor:
    """Return a photograph as RGB in [0, 1], (3, 128, 128)."""
    image = torch.from_numpy(skimage.data.astronaut()).permute(2, 0, 1)[None].float() / 255
    return resize(image, (SIDE, SIDE), "area")[0]


def make_pair(shift: Tensor, gain: float = 1.0, bias: float = 0.0) -> tuple[Tensor, Tensor, Tensor]:
    """Return a photograph, its warp by a homography that moves the corners, (4, 2), and the homography."""
    last = SIDE - 1.0
    corners = torch.tensor([[[0.0, 0.0], [last, 0.0], [last, last], [0.0, last]]])
    matrix = get_perspective_transform(corners, corners + shift)
    fixed = photograph()
    moving = warp_perspective(fixed[None], matrix, (SIDE, SIDE))[0] * gain + bias
    return fixed, moving, matrix[0].double()


def corner_error(found: Tensor, truth: Tensor) -> float:
    """Return the mean distance, in pixels, between where two homographies send the corners."""
    last = SIDE - 1.0
    corners = torch.tensor([[0, 0, 1], [last, 0, 1], [last, last, 1], [0, last, 1]], dtype=torch.float64)
    places = [(corners @ matrix.mT)[:, :2] / (corners @ matrix.mT)[:, 2:] for matrix in (found, truth)]
    return float((places[0] - places[1]).norm(dim=1).mean())
