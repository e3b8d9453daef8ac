# SPDX-License-Identifier: Apache-2.0
from functools import partial

import cv2

from benchmarks.enhance.case import adjustment_races
from foveal.enhance import ThresholdType

RACES = [
    race
    for kind in (ThresholdType.THRESH_BINARY, ThresholdType.THRESH_TOZERO)
    for race in adjustment_races(
        "threshold",
        label=kind.name.removeprefix("THRESH_").lower(),
        rival=partial(cv2.threshold, thresh=0.5, maxval=1.0, type=int(kind)),
        backward=kind == ThresholdType.THRESH_TOZERO,
        thresh=0.5,
        maxval=1.0,
        type=int(kind),
    )
]
