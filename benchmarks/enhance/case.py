# SPDX-License-Identifier: Apache-2.0
"""What the races of adjustments and of equalizations share."""

from collections.abc import Callable
from functools import partial
from typing import Any

import kornia.enhance
import torch
from torch import Tensor

from benchmarks.images import image_races
from benchmarks.race import Race
from foveal import enhance


def adjustment_races(
    operation: str, *, label: str = "", rival: Callable[[Any], Any] | None = None, backward: bool = True, **options: Any
) -> list[Race]:
    """Race an operation with options against Kornia's of the same name, and OpenCV's `rival` of one image."""
    ours, theirs = (partial(getattr(package, operation), **options) for package in (enhance, kornia.enhance))
    return image_races(f"{operation} {label}".strip(), ours, theirs, rival, backward=backward)


def planes_of_bytes(images: Tensor) -> Tensor:
    """Return the channels of images, floats or bytes, as images of their own, for OpenCV equalizes only such."""
    images = images if images.dtype is torch.uint8 else (images * 255).to(torch.uint8)
    return images.reshape(-1, 1, *images.shape[-2:])
