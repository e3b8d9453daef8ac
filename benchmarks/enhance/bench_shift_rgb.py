# SPDX-License-Identifier: Apache-2.0
from collections.abc import Callable
from functools import partial

import kornia.enhance as kornia
import torch
from torch import Tensor

from benchmarks.images import image_races
from foveal import enhance


def shift(operation: Callable[..., Tensor], image: Tensor) -> Tensor:
    return operation(image, *(torch.tensor([s]).expand(len(image)) for s in (0.1, 0.2, -0.1)))


RACES = [
    *image_races("shift_rgb", partial(shift, enhance.shift_rgb), partial(shift, kornia.shift_rgb), None),
]
