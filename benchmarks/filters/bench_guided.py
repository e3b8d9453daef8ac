# SPDX-License-Identifier: Apache-2.0
from collections.abc import Callable
from typing import Any

import kornia.filters as kornia
from torch import Tensor

from benchmarks.images import image_races
from benchmarks.race import Race
from foveal.filters import guided_blur


def by_itself(blur: Callable[..., Any], subsample: int) -> Callable[[Tensor], Any]:
    """Make a blur of images guided by themselves."""
    return lambda images: blur(images, images, 9, 0.01, subsample=subsample)


def by_grey(blur: Callable[..., Any]) -> Callable[[Tensor], Any]:
    """Make a blur of images guided by one of their channels."""
    return lambda images: blur(images[:, :1], images, 9, 0.01)


RACES: list[Race] = [
    *image_races("guided_blur_9", by_itself(guided_blur, 1), by_itself(kornia.guided_blur, 1), None, backward=False),
    *image_races("guided_blur_9 grey", by_grey(guided_blur), by_grey(kornia.guided_blur), None, backward=False),
    *image_races(
        "guided_blur_9 subsampled", by_itself(guided_blur, 4), by_itself(kornia.guided_blur, 4), None, backward=False
    ),
]
