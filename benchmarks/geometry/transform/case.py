# SPDX-License-Identifier: Apache-2.0
"""Races of warps: forward against Kornia and OpenCV, backward to the image and to the matrix or maps against Kornia."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import cv2
import torch
from torch import Tensor

from benchmarks.calls import forward, forward_backward
from benchmarks.images import SIZES, OpenCV, random_images
from benchmarks.race import Race


def warp_races(
    name: str,
    operation: Callable[..., Any],
    peer: Callable[..., Any],
    rival: Callable[..., Any],
    arguments: Callable[[tuple[int, int, int, int]], tuple[Tensor, ...]],
) -> list[Race]:
    """Race one warp at both sizes, of floats and of bytes.

    Args:
        name: of the race.
        operation: foveal's, a function of images and of the tensors that `arguments` makes for their shape.
        peer: Kornia's.
        rival: OpenCV's, a function of one image (H, W, C) and of `first`, the first entries of those tensors as arrays.
        arguments: makes matrices or maps, one for each image.
    """
    races: list[Race] = []
    for shape in SIZES:
        images, extra = random_images(shape), arguments(shape)
        first = tuple(tensor[0].numpy() for tensor in extra)
        size = "x".join(map(str, shape))
        cv = OpenCV(partial(rival, first=first), images)
        maps = sum(tensor.nbytes for tensor in extra)
        race = Race(
            name=name,
            size=size,
            foveal=forward(operation, images, *extra),
            peers={"kornia": forward(peer, images, *extra), "opencv": cv},
            goal={"kornia": 1.0, "opencv": 1.0},
            bytes_moved=2 * images.nbytes + maps,
        )
        races.append(race)
        races.append(
            replace(
                race,
                name=f"{name} +backward",
                foveal=forward_backward(operation, images, *extra),
                peers={"kornia": forward_backward(peer, images, *extra)},
                goal={"kornia": 3.0},
                # Forward reads and writes; backward reads image, maps and a gradient, writes theirs.
                bytes_moved=5 * images.nbytes + 3 * maps,
            )
        )
        bytes = random_images(shape, torch.uint8)
        races.append(
            replace(
                race,
                name=f"{name} uint8",
                foveal=forward(operation, bytes, *extra),
                peers={"opencv": OpenCV(partial(rival, first=first), bytes)},
                goal={},
                bytes_moved=2 * bytes.nbytes + maps,
            )
        )
    return races


LINEAR = cv2.INTER_LINEAR


def turns(shape: tuple[int, int, int, int], degrees: float = 20.0) -> tuple[Tensor]:
    """Return rotations about the middle, one for each image, (B, 2, 3)."""
    matrix = cv2.getRotationMatrix2D(((shape[3] - 1) / 2, (shape[2] - 1) / 2), degrees, 1.0)
    return (torch.from_numpy(matrix).float().repeat(shape[0], 1, 1),)
