# SPDX-License-Identifier: Apache-2.0
from functools import partial

import kornia.enhance as kornia

from benchmarks.images import image_races
from foveal import enhance

RACES = [
    *image_races(
        "adjust_gamma", partial(enhance.adjust_gamma, gamma=2.2), partial(kornia.adjust_gamma, gamma=2.2), None
    ),
]
