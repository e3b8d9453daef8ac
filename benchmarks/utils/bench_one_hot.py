# SPDX-License-Identifier: Apache-2.0
import kornia.losses
import torch

from benchmarks.calls import forward
from benchmarks.race import Race
from foveal import utils

CPU = torch.device("cpu")

RACES = [
    Race(
        name=f"one_hot {dtype}".replace("torch.", ""),
        size=f"{images}x{classes}x{side}x{side}",
        foveal=forward(utils.one_hot, labels, classes, CPU, dtype),
        peers={"kornia": forward(kornia.losses.one_hot, labels, classes, CPU, dtype)},
        goal={"kornia": 1.0},
        bytes_moved=labels.nbytes + labels.numel() * classes * dtype.itemsize,
    )
    for images, side in ((4, 256), (8, 512))
    for classes in (2, 21)
    for labels in [torch.randint(0, classes, (images, side, side))]
    for dtype in (torch.float32, torch.int64)
]
