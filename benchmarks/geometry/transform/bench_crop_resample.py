# SPDX-License-Identifier: Apache-2.0
import torch
from torch import Tensor
from torch.nn import functional

from benchmarks.calls import forward, forward_backward
from benchmarks.race import Race
from foveal.geometry.transform import crop_resample

COUNT, SIDE = 1000, 33


def grid_sample_crops(image: Tensor, boxes: Tensor, size: tuple[int, int]) -> Tensor:
    """Crop by an affine grid of all boxes at once, stacked under each other: one image serves all."""
    left, top, right, bottom = boxes[0].unbind(-1)
    zero = torch.zeros_like(left)
    x = torch.stack([(right - left) / 2, zero, (right + left) / 2], dim=-1)
    y = torch.stack([zero, (bottom - top) / 2, (bottom + top) / 2], dim=-1)
    grid = functional.affine_grid(torch.stack([x, y], dim=1), [len(left), image.shape[1], *size], align_corners=False)
    crops = functional.grid_sample(image, grid.flatten(0, 1)[None], align_corners=False)
    return crops.unflatten(2, (len(left), size[0])).transpose(1, 2)


generator = torch.Generator().manual_seed(0)
image = torch.rand(1, 3, 1080, 1920, generator=generator)
size = torch.tensor([1920.0, 1080.0])
starts = torch.rand(1, COUNT, 2, generator=generator) * (size - SIDE - 4) + 1
# Windows at the image's own scale, on pixels and between them, and boxes that are scaled down.
KINDS = {"integer": (starts.round(), SIDE), "native": (starts, SIDE), "scaled": (starts - 2, SIDE + 5)}
RACES = []
for kind, (start, side) in KINDS.items():
    boxes = torch.cat([start, start + side], dim=-1) / size.repeat(2) * 2 - 1
    for way, time in (("", forward), (" +backward", forward_backward)):
        RACES.append(
            Race(
                name=f"crop_resample {kind}{way}",
                size=f"{COUNT}x3x{SIDE}x{SIDE}",
                foveal=time(crop_resample, image, boxes, (SIDE, SIDE)),
                peers={"torch": time(grid_sample_crops, image, boxes, (SIDE, SIDE))},
                bytes_moved=COUNT * 3 * SIDE * SIDE * 4 * (2 if time is forward else 5)
                + (0 if time is forward else image.nbytes),
            )
        )
