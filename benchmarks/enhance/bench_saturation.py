# SPDX-License-Identifier: Apache-2.0
from benchmarks.enhance.case import adjustment_races

RACES = [
    *adjustment_races("adjust_saturation", factor=1.5),
    *adjustment_races("adjust_saturation_raw", factor=1.5),
    *adjustment_races("adjust_saturation_with_gray_subtraction", factor=1.5),
]
