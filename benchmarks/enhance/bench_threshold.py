# SPDX-License-Identifier: Apache-2.0
from functools import partial

import cv2
import kornia.enhance as kornia

from benchmarks.images import image_races
from foveal import enhance

RACES = [
    race
    for kind in (enhance.ThresholdType.THRESH_BINARY, enhance.ThresholdType.THRESH_TOZERO)
    for race in image_races(
        f"threshold {kind.name.removeprefix('THRESH_').lower()}",
        partial(enhance.threshold, thresh=0.5, maxval=1.0, type=kind),
        partial(kornia.threshold, thresh=0.5, maxval=1.0, type=int(kind)),
        partial(cv2.threshold, thresh=0.5, maxval=1.0, type=int(kind)),
        backward=kind == enhance.ThresholdType.THRESH_TOZERO,
    )
]
