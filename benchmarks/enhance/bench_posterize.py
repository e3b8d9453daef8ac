# SPDX-License-Identifier: Apache-2.0
from functools import partial

import kornia.enhance as kornia

from benchmarks.images import image_races
from foveal import enhance

RACES = [
    *image_races(
        "posterize", partial(enhance.posterize, bits=4), partial(kornia.posterize, bits=4), None, backward=False
    ),
]
