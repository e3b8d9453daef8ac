# SPDX-License-Identifier: Apache-2.0
from functools import partial

import kornia.enhance as kornia

from benchmarks.images import image_races
from foveal import enhance

RACES = [
    *image_races("solarize", partial(enhance.solarize, additions=0.1), partial(kornia.solarize, additions=0.1), None),
]
