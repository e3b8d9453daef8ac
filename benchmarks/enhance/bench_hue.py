# SPDX-License-Identifier: Apache-2.0
from benchmarks.enhance.case import adjustment_races

RACES = [
    *adjustment_races("adjust_hue", factor=0.5),
    *adjustment_races("adjust_hue_raw", factor=0.5),
]
