# SPDX-License-Identifier: Apache-2.0
"""Races of operations on images: the two sizes, forward against Kornia and OpenCV, backward against Kornia."""

from collections.abc import Callable
from functools import cache
from typing import Any

import cv2
import numpy as np
import torch
from torch import Tensor

from benchmarks.calls import Forward, forward, forward_backward
from benchmarks.race import Call, Race

SIZES = ((8, 3, 256, 256), (1, 3, 1080, 1920))

# Operations that are to be as fast as OpenCV and, with the gradients, so many times as fast as Kornia. All others are
# not to be slower than Kornia.
GOALS = {
    **dict.fromkeys(
        (
            "rgb_to_grayscale", "rgb_to_hsv", "rgb_to_hls", "rgb_to_lab", "rgb_to_luv", "rgb_to_ycbcr",
            "gaussian_blur2d_5", "gaussian_blur2d_31", "box_blur_5", "median_blur_3", "median_blur_5",
            "bilateral_blur_5", "sobel", "spatial_gradient", "laplacian_3", "canny", "filter2d_7", "unsharp_mask",
            "dilation_5", "opening_5", "equalize", "equalize_clahe",
        ),
        4.0,
    ),
    **dict.fromkeys(
        (
            "resize half bilinear", "resize double bilinear", "resize half bicubic", "resize double bicubic",
            "resize half area", "pyrdown", "pyrup",
        ),
        3.0,
    ),
}  # fmt: skip


class OpenCV(Forward):
    """Makes a call on each image (H, W, C) of a batch, on as many threads as PyTorch has."""

    def __init__(self, function: Callable[[Any], Any], images: Tensor) -> None:
        rows = images.permute(0, 2, 3, 1).numpy()
        super().__init__(function, [np.ascontiguousarray(image) for image in rows])

    def __call__(self) -> Call:
        """Make the calls, one an image."""
        cv2.setNumThreads(torch.get_num_threads())
        (images,) = self.args
        return lambda: [self.function(image) for image in images]


@cache
def random_images(shape: tuple[int, ...], dtype: torch.dtype = torch.float32) -> Tensor:
    """Return random images, the same ones at every call: floats in [0, 1], or bytes."""
    images = torch.rand(shape, generator=torch.Generator().manual_seed(0))
    return (images * 255).to(dtype) if dtype is torch.uint8 else images.to(dtype)


def image_races(
    name: str,
    operation: Callable[[Tensor], Any],
    peer: Callable[[Tensor], Any] | None,
    rival: Callable[[Any], Any] | None,
    *,
    dtype: torch.dtype = torch.float32,
    channels: int = 3,
    result_channels: int | None = None,
    scale: float = 1.0,
    prepare: Callable[[Tensor], Tensor] | None = None,
    rival_units: Callable[[Tensor], Tensor] | None = None,
    backward: bool = True,
) -> list[Race]:
    """Race one operation at both sizes.

    Args:
        name: of the race; the backward one appends "+backward".
        operation: foveal's, a function of the images.
        peer: Kornia's, or `None`.
        rival: OpenCV's, a function of one image (H, W, C), or `None`.
        dtype: of the images; bytes have no backward race.
        channels: of the images.
        result_channels: of the result, where they are not those of the images.
        scale: pixels of the result over those of the images.
        prepare: turns random images in [0, 1] into those of the race.
        rival_units: turns those into OpenCV's units and order.
        backward: whether the operation has a gradient to race.
    """
    races = []
    for batch, _, height, width in SIZES:
        images = random_images((batch, channels, height, width), dtype)
        images = images if prepare is None else prepare(images)
        size, moved = (
            "x".join(map(str, images.shape)),
            int(images.nbytes * (result_channels or channels) * scale) // channels,
        )
        peers: dict[str, Any] = {} if peer is None else {"kornia": forward(peer, images)}
        if rival is not None:
            peers["opencv"] = OpenCV(rival, images if rival_units is None else rival_units(images))
        races.append(
            Race(
                name=name,
                size=size,
                foveal=forward(operation, images),
                peers=peers,
                goal=dict.fromkeys(peers if name in GOALS else peers.keys() & {"kornia"}, 1.0),
                bytes_moved=images.nbytes + moved,
            )
        )
        if backward and peer is not None and dtype is not torch.uint8:
            races.append(
                Race(
                    name=f"{name} +backward",
                    size=size,
                    foveal=forward_backward(operation, images),
                    peers={"kornia": forward_backward(peer, images)},
                    goal={"kornia": GOALS.get(name, 1.0)},
                    # Forward reads and writes; backward reads the image and a gradient and writes one.
                    bytes_moved=3 * images.nbytes + 2 * moved,
                )
            )
    return races
