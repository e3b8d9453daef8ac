# SPDX-License-Identifier: Apache-2.0
import cv2
import kornia.enhance as kornia
import torch

from benchmarks.calls import forward, forward_backward
from benchmarks.enhance.case import planes_of_bytes
from benchmarks.images import image_races
from benchmarks.race import Race
from foveal.enhance import equalize, equalize3d

# Kornia takes floats, OpenCV bytes: floats race both, bytes OpenCV.
RACES = [
    *image_races("equalize", equalize, kornia.equalize, cv2.equalizeHist, rival_units=planes_of_bytes),
    *image_races("equalize uint8", equalize, None, cv2.equalizeHist, dtype=torch.uint8, rival_units=planes_of_bytes),
]

volumes = torch.rand(1, 2, 16, 256, 256)
for way, time in (("", forward), (" +backward", forward_backward)):
    RACES.append(
        Race(
            name=f"equalize3d{way}",
            size="1x2x16x256x256",
            foveal=time(equalize3d, volumes),
            peers={"kornia": time(kornia.equalize3d, volumes)},
            goal={"kornia": 1.0},
            bytes_moved=volumes.nbytes * (2 if time is forward else 6),
        )
    )
