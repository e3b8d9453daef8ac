# SPDX-License-Identifier: Apache-2.0
from benchmarks.enhance.case import adjustment_races

RACES = adjustment_races("sharpness", factor=1.5)
