# SPDX-License-Identifier: Apache-2.0
import kornia.geometry.transform as kornia
import torch
from torch import Tensor
from torch.nn.functional import grid_sample

from benchmarks.calls import forward, forward_backward
from benchmarks.race import Race
from foveal.peaks import crop_bboxes, crop_centered_boxes, make_centered_bboxes

SIDE = 33


def by_grid_sample(image: Tensor, boxes: Tensor, index: Tensor) -> Tensor:
    """Sample all boxes of the one image at once, on one tall grid."""
    steps = torch.arange(SIDE, dtype=boxes.dtype)
    x = boxes[:, 0, 0, None, None] + steps[None, None].expand(-1, SIDE, -1)
    y = boxes[:, 0, 1, None, None] + steps[None, :, None].expand(-1, -1, SIDE)
    scale = torch.tensor([image.shape[3] - 1, image.shape[2] - 1], dtype=boxes.dtype)
    grid = torch.stack([x, y], dim=-1).view(1, -1, SIDE, 2) * 2 / scale - 1
    return grid_sample(image, grid, align_corners=True).view(image.shape[1], -1, SIDE, SIDE).transpose(0, 1)


def by_kornia(image: Tensor, boxes: Tensor, index: Tensor) -> Tensor:
    return kornia.crop_and_resize(image.expand(len(boxes), -1, -1, -1), boxes, (SIDE, SIDE))


def by_indexing(maps: Tensor, peaks: Tensor, window: int) -> Tensor:
    """Index a padded copy of the maps."""
    steps = torch.arange(window)
    padded = torch.nn.functional.pad(maps, [window // 2] * 4)
    rows, columns = peaks[:, 1, None, None] + steps[:, None], peaks[:, 2, None, None] + steps
    return padded[peaks[:, 0, None, None], peaks[:, 3, None, None], rows, columns][:, None]


image, index = torch.rand(1, 1, 1080, 1920), torch.zeros(1000, dtype=torch.int64)
centres = torch.rand(1000, 2) * torch.tensor([1880.0, 1040.0]) + 18
maps = torch.rand(8, 17, 64, 64)
peaks = torch.stack([torch.randint(0, size, (1000,)) for size in (8, 64, 64, 17)], dim=-1)

RACES = []
for kind, boxes in (
    ("fractional", make_centered_bboxes(centres, SIDE, SIDE)),
    ("integer", make_centered_bboxes(centres.round(), SIDE, SIDE)),
):
    for way, time in (("", forward), (" +backward", forward_backward)):
        RACES.append(
            Race(
                name=f"crop_bboxes {kind}{way}",
                size="1000x1x33x33",
                foveal=time(crop_bboxes, image, boxes, index),
                peers={
                    "torch": time(by_grid_sample, image, boxes, index),
                    "kornia": time(by_kornia, image, boxes, index),
                },
                bytes_moved=1000 * SIDE * SIDE * 4 * (2 if time is forward else 5)
                + (time is not forward) * image.nbytes,
            )
        )
for way, time in (("", forward), (" +backward", forward_backward)):
    RACES.append(
        Race(
            name=f"crop_centered_boxes{way}",
            size="1000 of 8x17x64x64",
            foveal=time(crop_centered_boxes, maps, peaks, 5),
            peers={"torch": time(by_indexing, maps, peaks, 5)},
            bytes_moved=1000 * 25 * 4 * 2 + (time is not forward) * maps.nbytes,
        )
    )
