# SPDX-License-Identifier: Apache-2.0
import cv2
import kornia.geometry.transform as kornia

from benchmarks.images import image_races
from foveal.geometry.transform import pyrdown, pyrup

RACES = [
    *image_races("pyrdown", pyrdown, kornia.pyrdown, cv2.pyrDown, scale=0.25),
    *image_races("pyrup", pyrup, kornia.pyrup, cv2.pyrUp, scale=4.0),
]
