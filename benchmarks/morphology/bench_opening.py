# SPDX-License-Identifier: Apache-2.0
from collections.abc import Callable
from typing import Any

import cv2
import kornia.morphology as kornia
import numpy as np
import torch

from benchmarks.calls import forward, forward_backward
from benchmarks.morphology.bench_dilation import SIZES, opencv
from benchmarks.race import Race
from foveal.morphology import bottom_hat, closing, gradient, opening, top_hat

OPERATIONS = (
    (opening, cv2.MORPH_OPEN),
    (closing, cv2.MORPH_CLOSE),
    (gradient, cv2.MORPH_GRADIENT),
    (top_hat, cv2.MORPH_TOPHAT),
    (bottom_hat, cv2.MORPH_BLACKHAT),
)


def rival(code: int) -> Callable[[np.ndarray, np.ndarray], Any]:
    """Return OpenCV's composite of that code."""

    def composite(rows: np.ndarray, element: np.ndarray) -> Any:
        return cv2.morphologyEx(rows, code, element)

    return composite


RACES = []
for shape in SIZES:
    images, kernel = torch.rand(shape), torch.ones(5, 5, dtype=torch.uint8)
    text = "x".join(map(str, shape))
    for operation, code in OPERATIONS:
        name = operation.__name__
        peer = getattr(kornia, name)
        RACES.append(
            Race(
                name=f"{name}_5",
                size=text,
                foveal=forward(operation, images, kernel),
                peers={"kornia": forward(peer, images, kernel), "opencv": opencv(rival(code), images, 5)},
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
