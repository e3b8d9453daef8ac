# SPDX-License-Identifier: Apache-2.0
import kornia.geometry.transform as kornia
import torch

from benchmarks.calls import forward, forward_backward
from benchmarks.race import Race
from foveal.geometry.transform import center_crop, crop_and_resize, crop_by_boxes, crop_by_indices

COUNT, SIDE = 1000, 33
SIZE = (SIDE, SIDE)
generator = torch.Generator().manual_seed(0)
image = torch.rand(1, 3, 1080, 1920, generator=generator)
# One image under all boxes: neither foveal nor Kornia copies it.
images = image.expand(COUNT, -1, -1, -1)
starts = torch.rand(COUNT, 1, 2, generator=generator) * torch.tensor([1880.0, 1040.0])
unit = torch.tensor([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
window = unit * (SIDE - 1)
BOXES = {"integer": starts.round() + window, "native": starts + window, "scaled": starts + unit * 37}
pixels = COUNT * 3 * SIDE * SIDE * 4
RACES = [
    Race(
        name=f"crop_and_resize {kind}",
        size=f"{COUNT}x3x{SIDE}x{SIDE}",
        foveal=forward(crop_and_resize, images, boxes, SIZE),
        peers={"kornia": forward(kornia.crop_and_resize, images, boxes, SIZE)},
        goal={"kornia": 10.0} if kind != "scaled" else {},
        bytes_moved=2 * pixels,
    )
    for kind, boxes in BOXES.items()
]
# The gradient to an expanded image is as large as all its copies (25 GB), so backward races go to the boxes alone, and
# to image and boxes for a batch of images of their own.
RACES.append(
    Race(
        name="crop_and_resize native +backward boxes",
        size=f"{COUNT}x3x{SIDE}x{SIDE}",
        foveal=forward_backward(lambda boxes: crop_and_resize(images, boxes, SIZE), BOXES["native"]),
        peers={"kornia": forward_backward(lambda boxes: kornia.crop_and_resize(images, boxes, SIZE), BOXES["native"])},
        bytes_moved=4 * pixels,
    )
)
batch = torch.rand(8, 3, 256, 256, generator=generator)
faces = torch.rand(8, 1, 2, generator=generator) * 60 + unit * 150
for way, time in (("", forward), (" +backward", forward_backward)):
    RACES += [
        Race(
            name=f"crop_and_resize 128x128{way}",
            size="8x3x256x256",
            foveal=time(crop_and_resize, batch, faces, (128, 128)),
            peers={"kornia": time(kornia.crop_and_resize, batch, faces, (128, 128))},
            bytes_moved=8 * 3 * 4 * (150**2 + 128**2) * (1 if time is forward else 3),
        ),
        Race(
            name=f"center_crop 224x224{way}",
            size="8x3x256x256",
            foveal=time(center_crop, batch, (224, 224)),
            peers={"kornia": time(kornia.center_crop, batch, (224, 224))},
            bytes_moved=8 * 3 * 4 * 224**2 * 2 * (1 if time is forward else 2),
        ),
    ]
RACES += [
    Race(
        name="crop_by_boxes 128x128",
        size="8x3x256x256",
        foveal=forward(crop_by_boxes, batch, faces, (unit * 127).expand(8, 4, 2)),
        peers={"kornia": forward(kornia.crop_by_boxes, batch, faces, (unit * 127).expand(8, 4, 2))},
        bytes_moved=8 * 3 * 4 * (150**2 + 128**2),
    ),
    Race(
        name="crop_by_indices 151x151",
        size="8x3x256x256",
        foveal=forward(crop_by_indices, batch, faces.round()),
        peers={"kornia": forward(kornia.crop_by_indices, batch, faces.round())},
        bytes_moved=8 * 3 * 4 * 151**2 * 2,
    ),
]
