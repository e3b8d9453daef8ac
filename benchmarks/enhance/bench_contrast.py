# SPDX-License-Identifier: Apache-2.0
from benchmarks.enhance.case import adjustment_races

RACES = [
    *adjustment_races("adjust_contrast", factor=1.2),
    *adjustment_races("adjust_contrast_with_mean_subtraction", factor=1.2),
]
