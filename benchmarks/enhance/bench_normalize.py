# SPDX-License-Identifier: Apache-2.0
from functools import partial

import kornia.enhance as kornia
import torch

from benchmarks.images import image_races
from foveal import enhance

MEAN, STD = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])

RACES = [
    *image_races(
        "normalize",
        partial(enhance.normalize, mean=MEAN, std=STD),
        partial(kornia.normalize, mean=MEAN, std=STD),
        None,
    ),
    *image_races(
        "denormalize",
        partial(enhance.denormalize, mean=MEAN, std=STD),
        partial(kornia.denormalize, mean=MEAN, std=STD),
        None,
    ),
]
