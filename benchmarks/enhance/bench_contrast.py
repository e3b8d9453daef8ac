# SPDX-License-Identifier: Apache-2.0
from functools import partial

import kornia.enhance as kornia

from benchmarks.images import image_races
from foveal import enhance

RACES = [
    *image_races(
        "adjust_contrast",
        partial(enhance.adjust_contrast, factor=1.2),
        partial(kornia.adjust_contrast, factor=1.2),
        None,
    ),
    *image_races(
        "adjust_contrast_with_mean_subtraction",
        partial(enhance.adjust_contrast_with_mean_subtraction, factor=1.2),
        partial(kornia.adjust_contrast_with_mean_subtraction, factor=1.2),
        None,
    ),
]
