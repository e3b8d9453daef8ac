# SPDX-License-Identifier: Apache-2.0
import cv2
import kornia.geometry.transform as kornia
import torch

from benchmarks.images import image_races
from foveal.geometry.transform import rescale

# OpenCV's area interpolation of a larger image is bilinear.
MODES = (
    ("bilinear", cv2.INTER_LINEAR, (0.5, 2.0)),
    ("bicubic", cv2.INTER_CUBIC, (0.5, 2.0)),
    ("area", cv2.INTER_AREA, (0.5,)),
)
RACES = []
for factor, name in ((0.5, "half"), (2.0, "double"), (0.7, "0.7")):
    for mode, flag, shared in MODES:
        for dtype in (torch.float32, torch.uint8):
            if (dtype is torch.uint8 or factor == 0.7) and mode != "bilinear":
                continue
            RACES += image_races(
                f"resize {name} {mode}{' uint8' if dtype is torch.uint8 else ''}",
                lambda images, factor=factor, mode=mode: rescale(images, factor, mode),
                lambda images, factor=factor, mode=mode: kornia.rescale(images, factor, mode),
                (
                    lambda image, factor=factor, flag=flag: cv2.resize(
                        image, None, fx=factor, fy=factor, interpolation=flag
                    )
                )
                if factor in (*shared, 0.7)
                else None,
                dtype=dtype,
                scale=factor * factor,
            )
for mode in ("bilinear", "bicubic", "area"):
    RACES += image_races(
        f"resize half {mode} antialiased",
        lambda images, mode=mode: rescale(images, 0.5, mode, antialias=True),
        lambda images, mode=mode: kornia.rescale(images, 0.5, mode, antialias=True),
        None,
        scale=0.25,
    )
