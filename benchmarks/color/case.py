# SPDX-License-Identifier: Apache-2.0
"""Races of the colour conversions: the two sizes, forward against Kornia and OpenCV, backward against Kornia."""

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import torch
from torch import Tensor

from benchmarks.calls import Forward, forward, forward_backward
from benchmarks.race import Call, Race

SIZES = ((8, 3, 256, 256), (1, 3, 1080, 1920))


class OpenCV(Forward):
    """Makes the conversion of each image of a batch by OpenCV, on as many threads as PyTorch has."""

    def __init__(self, images: Tensor, code: int) -> None:
        rows = images.permute(0, 2, 3, 1).numpy()
        super().__init__(cv2.cvtColor, [np.ascontiguousarray(image) for image in rows], code)

    def __call__(self) -> Call:
        """Make the calls, one an image."""
        images, code = self.args
        cv2.setNumThreads(torch.get_num_threads())
        return lambda: [cv2.cvtColor(image, code) for image in images]


def conversion_races(
    operation: Callable[..., Any],
    peer: Callable[..., Any],
    code: int,
    *,
    prepare: Callable[[Tensor], Tensor] | None = None,
    opencv: Callable[[Tensor], Tensor] | None = None,
    channels: int = 3,
) -> list[Race]:
    """Race one conversion.

    Args:
        operation: foveal's.
        peer: Kornia's.
        code: OpenCV's.
        prepare: makes the images that are converted, of random RGB.
        opencv: turns those into OpenCV's units and order.
        channels: number of channels of the result.
    """
    races = []
    for shape in SIZES:
        images = torch.rand(shape, generator=torch.Generator().manual_seed(0))
        if prepare is not None:
            images = prepare(images)
        size = "x".join(map(str, shape))
        result_bytes = images.nbytes * channels // 3
        races.append(
            Race(
                name=operation.__name__,
                size=size,
                foveal=forward(operation, images),
                peers={
                    "kornia": forward(peer, images),
                    "opencv": OpenCV(images if opencv is None else opencv(images), code),
                },
                goal={"kornia": 1.0, "opencv": 1.0},
                bytes_moved=images.nbytes + result_bytes,
            )
        )
        races.append(
            Race(
                name=f"{operation.__name__} +backward",
                size=size,
                foveal=forward_backward(operation, images),
                peers={"kornia": forward_backward(peer, images)},
                goal={"kornia": 4.0},
                # Forward reads and writes; the sum reads; backward reads both sides and writes the image's gradient.
                bytes_moved=3 * images.nbytes + 3 * result_bytes,
            )
        )
    return races
