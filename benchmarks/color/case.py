# SPDX-License-Identifier: Apache-2.0
"""Races of the colour conversions."""

from collections.abc import Callable
from typing import Any

import cv2
from torch import Tensor

from benchmarks.images import image_races
from benchmarks.race import Race


def conversion_races(
    operation: Callable[..., Any], peer: Callable[..., Any], code: int, *, channels: int = 3, **options: Any
) -> list[Race]:
    """Race one conversion from three to so many channels; `code` is OpenCV's."""

    def convert(images: Tensor) -> Any:
        return cv2.cvtColor(images, code)

    return image_races(operation.__name__, operation, peer, convert, result_channels=channels, **options)
