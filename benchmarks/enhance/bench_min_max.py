# SPDX-License-Identifier: Apache-2.0
import cv2

from benchmarks.enhance.case import adjustment_races

RACES = adjustment_races("normalize_min_max", rival=lambda image: cv2.normalize(image, None, 0.0, 1.0, cv2.NORM_MINMAX))
