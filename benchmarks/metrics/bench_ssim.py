# SPDX-License-Identifier: Apache-2.0
from collections.abc import Callable
from typing import Any

import kornia.metrics
import skimage.metrics
import torch
from torch import Tensor

from benchmarks.calls import forward, forward_backward
from benchmarks.images import SIZES, random_images
from benchmarks.race import Race
from foveal import metrics


def pair_of(shape: tuple[int, ...]) -> tuple[Tensor, Tensor]:
    """Return images and a noisy copy of them."""
    images = random_images(shape)
    return images, (images + 0.1 * images.flip(-1)).clamp(0, 1)


def of_every_image(first: Tensor, second: Tensor) -> Any:
    """Call scikit-image, which takes one image (H, W, C) at a time."""
    options = {"gaussian_weights": True, "use_sample_covariance": False, "data_range": 1.0, "channel_axis": 0}
    pairs = zip(first.numpy(), second.numpy(), strict=True)
    return [skimage.metrics.structural_similarity(*pair, full=True, **options) for pair in pairs]


def races_of(
    name: str,
    operation: Callable[..., Tensor],
    peers: dict[str, Callable[..., Any]],
    goals: tuple[float, float],
    *,
    mapped: bool,
    sizes: tuple[tuple[int, ...], ...] = SIZES,
) -> list[Race]:
    """Race a comparison of two images, forward and with the gradients to both; only Kornia has these.

    The goals, forward and with the gradients, were set for the small batch.
    """
    races = []
    for shape in sizes:
        first, second = pair_of(shape)
        size, map_bytes = "x".join(map(str, shape)), first.nbytes if mapped else 0
        ahead, both = goals if shape == SIZES[0] else (1.0, 1.0)
        races.append(
            Race(
                name=name,
                size=size,
                foveal=forward(operation, first, second),
                peers={peer: forward(function, first, second) for peer, function in peers.items()},
                goal=dict.fromkeys(peers, 1.0) | {"kornia": ahead},
                bytes_moved=2 * first.nbytes + map_bytes,
            )
        )
        races.append(
            Race(
                name=f"{name} +backward",
                size=size,
                foveal=forward_backward(operation, first, second),
                peers={"kornia": forward_backward(peers["kornia"], first, second)},
                goal={"kornia": both},
                # Forward reads both and writes the map; backward reads both and a gradient, writes two.
                bytes_moved=6 * first.nbytes + 2 * map_bytes,
            )
        )
    return races


def ssim_11(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """Make the call with a window of 11 taps."""
    return lambda first, second: function(first, second, 11)


def volumes(function: Callable[..., Tensor], taps: int) -> Callable[..., Tensor]:
    """Make the call with a window of so many taps on images (C, D, H, W) taken as volumes of one channel."""
    return lambda first, second: function(first.unsqueeze(1), second.unsqueeze(1), taps)


RACES = races_of(
    "ssim 11",
    ssim_11(metrics.ssim),
    {"kornia": ssim_11(kornia.metrics.ssim), "skimage": of_every_image},
    (10.0, 5.0),
    mapped=True,
)
for taps, shape in ((3, (1, 8, 16, 16)), (7, (1, 32, 64, 64))):
    RACES += races_of(
        f"ssim3d {taps}",
        volumes(metrics.ssim3d, taps),
        {"kornia": volumes(kornia.metrics.ssim3d, taps)},
        (1.0, 1.0),
        mapped=True,
        sizes=(shape,),
    )
# What the peak memory at 4K is measured on.
RACES += [
    Race(
        name="ssim 11",
        size="1x3x2160x3840",
        foveal=forward(ssim_11(metrics.ssim), *pair_of((1, 3, 2160, 3840))),
        peers={"kornia": forward(ssim_11(kornia.metrics.ssim), *pair_of((1, 3, 2160, 3840)))},
        goal={"kornia": 1.0},
        bytes_moved=3 * torch.Size((3, 2160, 3840)).numel() * 4,
    )
]
