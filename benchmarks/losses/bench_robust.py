# SPDX-License-Identifier: Apache-2.0
from collections.abc import Callable
from functools import partial

import kornia.losses
from torch import Tensor

from benchmarks.images import image_races
from foveal import losses


def loss(function: Callable[..., Tensor], image: Tensor) -> Tensor:
    """Compare images with themselves upside down."""
    return function(image, image.detach().flip(-2), reduction="mean")


RACES = [
    race
    for name in ("charbonnier_loss", "cauchy_loss", "geman_mcclure_loss", "welsch_loss")
    for race in image_races(
        name, partial(loss, getattr(losses, name)), partial(loss, getattr(kornia.losses, name)), None
    )
]
