# SPDX-License-Identifier: Apache-2.0
import kornia.image as kornia
import torch

import foveal.image
from benchmarks.calls import forward
from benchmarks.race import Race

IMAGE, BATCH = torch.zeros(3, 1080, 1920), torch.zeros(8, 3, 256, 256)
ENDS = torch.rand(2, 100, 2) * torch.tensor([1919, 1079])
CORNERS = torch.rand(8, 10, 2) * 180
BOXES = torch.cat([CORNERS, CORNERS + 50], dim=-1)
HEXAGONS = 128 + 80 * torch.tensor([[1.0, 0.0], [0.5, 0.87], [-0.5, 0.87], [-1.0, 0.0], [-0.5, -0.87], [0.5, -0.87]])
COLOUR = torch.tensor([1.0, 0.5, 0.0])

CALLS = {
    "draw_point2d": ("1000 points, 3x1080x1920", (IMAGE, torch.rand(1000, 2) * 1079, COLOUR)),
    "draw_line": ("100 lines, 3x1080x1920", (IMAGE, ENDS[0], ENDS[1], COLOUR)),
    "draw_line one": ("1 line, 3x1080x1920", (IMAGE, ENDS[0, 0], ENDS[1, 0], COLOUR)),
    "draw_rectangle": ("80 outlines, 8x3x256x256", (BATCH, BOXES, COLOUR)),
    "draw_rectangle filled": ("80 rectangles, 8x3x256x256", (BATCH, BOXES, COLOUR, True)),
    "draw_convex_polygon": ("8 hexagons, 8x3x256x256", (BATCH, HEXAGONS.repeat(8, 1, 1), COLOUR)),
}

RACES = [
    Race(
        name=name,
        size=size,
        foveal=forward(getattr(foveal.image, name.split()[0]), *args),
        peers={"kornia": forward(getattr(kornia, name.split()[0]), *args)},
        goal={"kornia": 1.0},
    )
    for name, (size, args) in CALLS.items()
]
