# SPDX-License-Identifier: Apache-2.0
from typing import Any

import cv2
import kornia
import numpy as np
import torch
from torch import Tensor

from benchmarks.calls import forward, forward_backward
from benchmarks.geometry.transform.case import LINEAR, warp_races
from benchmarks.race import Race
from foveal.geometry.transform import get_perspective_transform, warp_perspective

peer: Any = kornia.geometry.transform


def homographies(shape: tuple[int, int, int, int]) -> tuple[Tensor]:
    matrix = torch.tensor([[[1.02, 0.05, -6.0], [0.03, 0.97, 4.0], [5e-5, 3e-5, 1.0]]])
    return (matrix.repeat(shape[0], 1, 1),)


def ours(image: Tensor, matrix: Tensor) -> Tensor:
    return warp_perspective(image, matrix, (image.shape[2], image.shape[3]))


def kornias(image: Tensor, matrix: Tensor) -> Tensor:
    return peer.warp_perspective(image, matrix, (image.shape[2], image.shape[3]))


def opencvs(image: Any, first: tuple[Any, ...]) -> Any:
    return cv2.warpPerspective(image, first[0].astype(np.float64), image.shape[1::-1], flags=LINEAR)


RACES = warp_races("warp_perspective", ours, kornias, opencvs, homographies)

square = torch.tensor([[0.0, 0.0], [100.0, 0.0], [100.0, 100.0], [0.0, 100.0]])
corners = [square + 20 * torch.rand(10_000, 4, 2, generator=torch.Generator().manual_seed(i)) for i in range(2)]
for way, time, moved in (("", forward, 1), (" +backward", forward_backward, 3)):
    RACES.append(
        Race(
            name=f"get_perspective_transform{way}",
            size="10000x4x2",
            foveal=time(get_perspective_transform, *corners),
            peers={"kornia": time(peer.get_perspective_transform, *corners)},
            goal={"kornia": 2.0},
            bytes_moved=moved * 10_000 * 25 * 4,
        )
    )
