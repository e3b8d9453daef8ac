# SPDX-License-Identifier: Apache-2.0
from functools import partial

import kornia.enhance as kornia

from benchmarks.images import image_races
from foveal import enhance

RACES = [
    *image_races("adjust_log", partial(enhance.adjust_log, gain=0.8), partial(kornia.adjust_log, gain=0.8), None),
    *image_races(
        "adjust_log inverse", partial(enhance.adjust_log, inv=True), partial(kornia.adjust_log, inv=True), None
    ),
]
