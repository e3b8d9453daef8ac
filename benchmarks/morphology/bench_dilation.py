# SPDX-License-Identifier: Apache-2.0
from collections.abc import Callable
from typing import Any

import cv2
import kornia.morphology as kornia
import numpy as np
import torch

from benchmarks.calls import forward, forward_backward
from benchmarks.race import Call, Race
from foveal.morphology import dilation, erosion

SIZES = ((8, 3, 256, 256), (1, 3, 1080, 1920))


def opencv(function: Callable[..., Any], images: torch.Tensor, size: int) -> Callable[[], Call]:
    """Make OpenCV's call on each image, (H, W, C)."""
    rows = [np.ascontiguousarray(image.permute(1, 2, 0).numpy()) for image in images]
    element = np.ones((size, size), np.uint8)

    def make() -> Call:
        cv2.setNumThreads(torch.get_num_threads())
        return lambda: [function(row, element) for row in rows]

    return make


RACES = []
for shape in SIZES:
    images = torch.rand(shape)
    text = "x".join(map(str, shape))
    for operation, peer, rival in ((dilation, kornia.dilation, cv2.dilate), (erosion, kornia.erosion, cv2.erode)):
        name, kernel = operation.__name__, torch.ones(5, 5, dtype=torch.uint8)
        RACES.append(
            Race(
                name=f"{name}_5",
                size=text,
                foveal=forward(operation, images, kernel),
                peers={"kornia": forward(peer, images, kernel), "opencv": opencv(rival, images, 5)},
                goal={"kornia": 1.0, "opencv": 1.0},
                bytes_moved=2 * images.nbytes,
            )
        )
        RACES.append(
            Race(
                name=f"{name}_5 +backward",
                size=text,
                foveal=forward_backward(operation, images, kernel),
                peers={"kornia": forward_backward(peer, images, kernel)},
                goal={"kornia": 4.0},
                bytes_moved=5 * images.nbytes,
            )
        )
    RACES.extend(
        Race(
            name=f"dilation_{size}",
            size=text,
            foveal=forward(dilation, images, torch.ones(size, size, dtype=torch.uint8)),
            peers={"opencv": opencv(cv2.dilate, images, size)},
            goal={"opencv": 1.0},
            bytes_moved=2 * images.nbytes,
        )
        for size in (71, 99)
    )
    bytes_ = (images * 255).to(torch.uint8)
    RACES.append(
        Race(
            name="dilation_5 uint8",
            size=text,
            foveal=forward(dilation, bytes_, torch.ones(5, 5, dtype=torch.uint8)),
            peers={"opencv": opencv(cv2.dilate, bytes_, 5)},
            goal={},
            bytes_moved=2 * bytes_.nbytes,
        )
    )
